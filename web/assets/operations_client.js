// The operators' functions. Nothing is sent again by itself: the page asks again anyway, and a person decides about the rest.

const PATIENCE_MS = 12_000 // a look waits up to 2.5 s for parts that are away

/** Why there is no answer, in words for an operator. `status` is 0 if nobody answered at all. */
export class Refusal extends Error {
  constructor({status, title, detail, type = "", retryAfter = 0}) {
    super(title)
    Object.assign(this, {status, title, detail, type, retryAfter})
  }
}

/** The JSON of an answer, or a Refusal. */
export async function ask(path, {method = "GET", body} = {}) {
  const options = {method, redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS)}
  if (body) Object.assign(options, {headers: {"content-type": "application/json"}, body: JSON.stringify(body)})
  const response = await answered(path, options)
  if (response.ok) return response.json()
  throw await refusalOf(response)
}

async function answered(path, options) {
  try {
    return await fetch(path, options)
  } catch (error) {
    const late = error.name === "TimeoutError"
    throw new Refusal({
      status: 0,
      title: late ? "No answer in time" : "The gateway can't be reached",
      detail: late ? `Nothing came within ${PATIENCE_MS / 1000} s.` : "Nobody answers at this address.",
    })
  }
}

async function refusalOf(response) {
  const {status} = response
  if (response.type === "opaqueredirect" || status === 401) {
    return new Refusal({status: 401, title: "You are not signed in", detail: "The platform asks for a sign-in before it lets anybody at /api/ops. Open this page anew to sign in."})
  }
  if (status === 403) {
    return new Refusal({status, title: "You may not see this", detail: "You are signed in, but the account lacks the Entra role that /api/ops demands. Whoever assigns roles can give it."})
  }
  const said = await response.json().catch(() => ({}))
  return new Refusal({
    status,
    type: said.type ?? "",
    title: said.title ?? said.message ?? `The answer is ${status}`,
    detail: said.detail ?? "",
    retryAfter: Number(response.headers.get("retry-after")) || 0,
  })
}
