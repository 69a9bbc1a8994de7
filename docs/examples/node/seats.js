// Shows the seats of a showtime, and again whenever they change: `node seats.js localhost:50051 SHOWTIME [SEQUENCE]`.
//
// There is no generated code: the descriptor set that the gateway uses says all about the service, with the names of the proto.
// As for every client: each query has a deadline, who has just booked gives the sequence of that answer, and a watch is begun again where it ended.

import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import grpc from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";

const SIGNS = { Free: "_", Held: "?", Sold: "#" };
const SERVICE_CONFIG = {
  methodConfig: [
    {
      name: ["GetShowtime", "ListShowtimes", "GetReservation", "ListReservations"].map((method) => ({
        service: "cinema.read.v1.CinemaQuery",
        method,
      })),
      retryPolicy: {
        maxAttempts: 4,
        initialBackoff: "0.1s",
        maxBackoff: "1s",
        backoffMultiplier: 2,
        retryableStatusCodes: ["UNAVAILABLE"],
      },
    },
  ],
};

function connect(target) {
  const descriptors = readFileSync(new URL("../../../infra/envoy/cinema.pb", import.meta.url));
  const { cinema } = grpc.loadPackageDefinition(loadFileDescriptorSetFromBuffer(descriptors, { defaults: true }));
  return new cinema.read.v1.CinemaQuery(target, grpc.credentials.createInsecure(), {
    "grpc.service_config": JSON.stringify(SERVICE_CONFIG),
  });
}

async function* watch(client, showtimeId) {
  let position = { after_sequence: 0, layout_version: 0 };
  for (let pause = 100; ; pause = Math.min(pause * 2, 5000)) {
    try {
      for await (const difference of client.watchShowtime({ showtime_id: showtimeId, ...position })) {
        position = { after_sequence: difference.to_sequence, layout_version: difference.layout_version };
        pause = 100;
        yield difference;
      }
    } catch (error) {
      const again = [grpc.status.UNAVAILABLE, grpc.status.CANCELLED, grpc.status.RESOURCE_EXHAUSTED, grpc.status.DEADLINE_EXCEEDED];
      if (!again.includes(error.code)) throw error;
    }
    await setTimeout(Math.random() * pause);
  }
}

async function main(target, showtimeId, minSequence = "0") {
  const client = connect(target);
  const getShowtime = promisify(client.getShowtime.bind(client));
  const showtime = await getShowtime(
    { showtime_id: showtimeId, min_sequence: Number(minSequence) },
    { deadline: Date.now() + 10_000 },
  );
  console.log(`${showtime.movie.title}, ${showtime.auditorium.name}, ${showtime.free_seats} of ${showtime.total_seats} free`);

  let seats = new Map();
  for await (const difference of watch(client, showtimeId)) {
    if (difference.from_sequence === 0) seats = new Map(); // the whole map, which replaces what we have
    for (const { row, number, status } of difference.seats) seats.set(`${row}-${number}`, status);
    console.log(`${[...seats.values()].map((status) => SIGNS[status]).join("")} ${difference.free_seats} free`);
  }
}

try {
  await main(...process.argv.slice(2));
} catch (error) {
  console.error(error.details ?? error);
  process.exitCode = 1;
}
