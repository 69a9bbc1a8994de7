// Where one booking is: asked for by its id, which the address keeps, so that a trace can be passed on.

import {announce, byId, element} from "/assets/elements.js"
import {ask} from "/assets/operations_client.js"
import {eventTable, progressOf, wayOf} from "/assets/operations_trace_tables.js"
import {counted, time} from "/assets/operations_words.js"

const AGAIN_MS = 2_000
const ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i

const CACHED = {
  current: "the same",
  other: "another revision, for at most a minute",
  absent: "not there: the next query puts it there",
  unknown: "could not be read",
}

/** The id that an address asks for, or null. */
export const tracedIn = hash => (hash.startsWith("#trace=") ? decoded(hash.slice("#trace=".length)) : null)

function decoded(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The form and its answer. What is under way is looked at again until it has arrived. */
export class Trace {
  constructor(place) {
    this.place = place
    this.input = byId("trace-id")
    this.asked = null
    this.shown = ""
    this.timer = null
    byId("trace-form").addEventListener("submit", event => {
      event.preventDefault()
      this.submit(this.input.value.trim())
    })
    window.addEventListener("hashchange", () => this.follow())
    this.follow()
  }

  submit(text) {
    if (!text) return this.input.focus()
    const id = (ID.exec(text) ?? [text])[0]
    const hash = `#trace=${encodeURIComponent(id)}`
    if (location.hash === hash) this.follow()
    else location.hash = hash
  }

  follow() {
    const id = tracedIn(location.hash)
    if (id === null) return
    this.input.value = id
    this.asked = id
    this.shown = ""
    byId("trace").scrollIntoView()
    this.look({first: true})
  }

  async look({first = false} = {}) {
    clearTimeout(this.timer)
    const id = this.asked
    try {
      const trace = await ask(`/api/ops/trace/${encodeURIComponent(id)}`)
      if (id === this.asked) this.show(trace, {first})
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal
      if (id === this.asked) this.refuse(refusal, id)
    }
  }

  show(trace, {first}) {
    const {words: summary, goesOn} = progressOf(trace)
    const again = goesOn || Object.keys(trace.unreadable).length > 0
    if (again) this.timer = setTimeout(() => this.look(), AGAIN_MS)
    const text = JSON.stringify(trace)
    if (text === this.shown) return
    this.shown = text
    const heading = element("h3", {tabindex: -1}, `${trace.status}, version ${trace.version}`)
    this.place.replaceChildren(
      element("div", {class: "trace-head"}, heading, element("p", {}, element("code", {}, trace.reservationId), " of ", element("code", {}, trace.streamId), `: ${summary}.`)),
      ...unreadable(trace),
      ...trace.events.map(event => eventTable(event, trace)),
      documents(trace),
      element("p", {class: "faint"}, `Looked at ${time(Date.now())}${again ? "; looking again until all has arrived" : ""}. The hubs' own moments are told by cinema trace.`),
    )
    if (first) heading.focus({preventScroll: true})
    else announce(`Reservation ${trace.status}: ${summary}.`)
  }

  refuse({status, title, detail}, id) {
    const missing = status === 404
    const heading = element("h3", {tabindex: -1}, missing ? "There is no such reservation" : title)
    const text = missing ? `Nobody has ever booked under “${id}”. A reservation's id is in the answer to its booking.` : detail
    this.shown = ""
    this.place.replaceChildren(element("div", {class: "trace-head refused"}, heading, element("p", {}, text)))
    heading.focus({preventScroll: true})
  }
}

function unreadable({unreadable: parts}) {
  const names = Object.entries(parts)
  if (!names.length) return []
  return [element("div", {class: "notice", "data-kind": "bad"}, element("p", {}, `${counted(names.length, "station")} could not be read:`), element("ul", {}, ...names.map(([name, why]) => element("li", {}, `${name}: ${why}`))))]
}

function documents(trace) {
  if (!trace.documents.length) return element("p", {class: "none"}, "views" in trace.unreadable ? "The documents could not be read." : "No document shows it yet.")
  return element(
    "div",
    {class: "documents"},
    ...trace.documents.map(document =>
      element(
        "article",
        {},
        element("h4", {}, `The document in ${document.view}`),
        element("p", {}, `version ${document.version}, up to #${document.sequence} of the stream. In the cache: ${CACHED[document.cached]}.`),
        ...wayOf(document),
      ),
    ),
  )
}
