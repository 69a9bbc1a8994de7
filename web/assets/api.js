// Commands and queries at the gateway. What may succeed when it is sent again is sent again, a command with its key.

import {setBy} from "/assets/clock.js"

const PATIENCE_MS = 15_000 // the read side waits up to 5 s for a sequence
const PAUSES_MS = [300, 700, 1500, 3000, 5000]

/** Why there is no success: a problem (RFC 9457) of a command, a google.rpc.Status of a query, or no answer at all. */
export class Refusal extends Error {
  constructor({type, title, detail, status, seats = [], errors = []}) {
    super(title)
    Object.assign(this, {type, title, detail, status, seats, errors})
  }
}

/** A UUID, version 4. `crypto.randomUUID` is there in secure contexts only. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6] & 0x0f) | 0x40
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = [...bytes].map(byte => byte.toString(16).padStart(2, "0")).join("")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}

/** A command. However often it is sent, the server does it once. */
export class Command {
  constructor(path, body) {
    this.path = path
    this.options = {method: "POST", headers: {"idempotency-key": uuid()}}
    if (body) {
      this.options.headers["content-type"] = "application/json"
      this.options.body = JSON.stringify(body)
    }
  }

  /** Its answer, or a Refusal. `delayed` is called when it has to be sent again. */
  send(delayed) {
    return patiently(this.path, this.options, {delayed, pauses: PAUSES_MS})
  }
}

/**
 * A query's answer, or a Refusal. Nothing older than `minSequence` is answered. With `tireless`, it is asked again for as long as
 * there may yet be an answer; `delayed` is called each time.
 */
export function query(path, {parameters = {}, minSequence = 0, delayed, signal, tireless = false} = {}) {
  const asked = new URLSearchParams(parameters)
  if (minSequence) asked.set("min_sequence", minSequence)
  const pauses = tireless ? withoutEnd(PAUSES_MS) : PAUSES_MS
  return patiently(asked.size ? `${path}?${asked}` : path, {}, {delayed, signal, pauses})
}

function* withoutEnd(pauses) {
  yield* pauses
  while (true) yield pauses.at(-1)
}

async function patiently(path, options, {delayed = () => {}, signal, pauses}) {
  for (const pause of pauses) {
    const {answer, refusal, after} = await tried(path, options, signal)
    if (answer) return answer
    if (!mayPass(refusal)) throw refusal
    delayed(refusal)
    await new Promise(resolve => setTimeout(resolve, Math.max(pause, after)))
    signal?.throwIfAborted()
  }
  const {answer, refusal} = await tried(path, options, signal)
  if (answer) return answer
  throw refusal
}

async function tried(path, options, signal) {
  const patience = AbortSignal.timeout(PATIENCE_MS)
  try {
    const response = await fetch(path, {...options, signal: signal ? AbortSignal.any([signal, patience]) : patience})
    setBy(response)
    const body = await response.json()
    if (response.ok) return {answer: body}
    return {refusal: refused(response, body), after: 1000 * (Number(response.headers.get("retry-after")) || 0)}
  } catch (error) {
    signal?.throwIfAborted()
    const detail = error.name === "TimeoutError" ? "The answer took too long." : "The server can't be reached."
    return {refusal: new Refusal({type: "unreachable", title: "There is no connection", detail, status: 0}), after: 0}
  }
}

function refused(response, body) {
  const {type, title, detail, message} = body
  return new Refusal({...body, type: type ?? `query-${response.status}`, title: title ?? message, detail, status: response.status})
}

/** Whether the same request may succeed in a moment. */
function mayPass({status, type}) {
  return [0, 429, 502, 503, 504].includes(status) || type === "/problems/idempotency-in-flight"
}
