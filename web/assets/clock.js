// The server's time, as far as its answers tell. A device's own clock may be minutes off, and a hold's end is the server's.

const BELIEVED_MS = 3000 // a Date header has whole seconds, and was on its way

let ahead = 0

export const now = () => Date.now() + ahead

/** Compare the device's clock with an answer's Date header. */
export function setBy(response) {
  const told = Date.parse(response.headers.get("date") ?? "")
  if (Number.isNaN(told)) return
  const difference = told - Date.now()
  ahead = Math.abs(difference) > BELIEVED_MS ? difference : 0
}
