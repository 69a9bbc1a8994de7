// Makes the replica set, once, and waits for its primary. The first member is preferred, so that it is the one that is elected.
const members = [
  { _id: 0, host: "localhost:27017", priority: 2 },
  { _id: 1, host: "localhost:27018" },
  { _id: 2, host: "localhost:27019" },
];
try {
  rs.status();
} catch (error) {
  if (error.codeName !== "NotYetInitialized") throw error;
  rs.initiate({ _id: "cinema", members });
}
const deadline = Date.now() + 60_000;
while (!rs.status().members?.some((member) => member.stateStr === "PRIMARY")) {
  if (Date.now() > deadline) throw new Error("no primary was elected within a minute");
  sleep(500);
}
print("the replica set has a primary");
