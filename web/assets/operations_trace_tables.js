// The stations of one event with their times, and the way of a document's last event as a bar.

import {element} from "/assets/elements.js"
import {drawn, Sign} from "/assets/operations_drawing.js"
import {eventName, exactTime, span} from "/assets/operations_words.js"

const DELIVERIES = {
  delivered: ["well", "delivered"],
  pending: ["behind", "on its way"],
  held: ["stuck", "held behind a dead letter"],
  discarded: ["unreachable", "discarded"],
}

const TARGETS = {"domain-events": "hub", reservations: "hub", reporting: "database"}

const SUMMARIES = [
  ["stuck", "a dead letter holds it back"],
  ["behind", "not everything has arrived yet"],
  ["unknown", "not every station could be read"],
  ["unreachable", "an operator has left events out"],
]

/** How a reservation is on its way, in words, and whether it will get further by itself. */
export function progressOf({events}) {
  const states = new Set(events.flatMap(event => stationsOf(event, []).map(station => station.state)))
  const [, words] = SUMMARIES.find(([state]) => states.has(state)) ?? ["well", "everything is where it belongs"]
  return {words, goesOn: states.has("behind")}
}

/** What an event has passed, in the order of the picture. A moment is known of the last event of a document alone. */
function stationsOf(event, documents) {
  const passed = documents.find(document => document.passed && document.sequence === event.sequence)?.passed
  const sinks = event.sinks.map(({sink, delivery, enqueuedAt}) => {
    const [state, word] = DELIVERIES[delivery]
    return {name: sink, kind: TARGETS[sink] ?? "", state, word, at: enqueuedAt ?? (sink === "domain-events" ? passed?.published : null)}
  })
  const rank = Object.keys(TARGETS)
  sinks.sort((one, other) => rank.indexOf(one.name) - rank.indexOf(other.name))
  const projected = passed?.projected
  return [
    {name: "outbox", kind: "write database", state: "well", word: "committed", at: event.committedAt},
    ...sinks,
    present("EventLog", "archive", {there: event.archived, before: "reporting"}, event),
    present("reservation's document", "MongoDB", {there: event.inReservation, before: "domain-events", at: projected}, event),
    present("showtime's document", "MongoDB", {there: event.inShowtime, before: "domain-events", at: projected}, event),
  ]
}

/** Whether a station has an event. If not, the sink `before` it may be why. */
function present(name, kind, {there, before, at = null}, event) {
  if (there === null) return {name, kind, state: "unknown", word: "could not be read", at: null}
  if (there) return {name, kind, state: "well", word: "there", at}
  const delivery = event.sinks.find(({sink}) => sink === before)?.delivery
  if (delivery === "held") return {name, kind, state: "stuck", word: "held back", at: null}
  if (delivery === "discarded" && before === "reporting") return {name, kind, state: "unreachable", word: "left out", at: null}
  return {name, kind, state: "behind", word: "not yet", at: null}
}

/** One event as a table of stations. "After" is the time since the station before it whose moment is known. */
export function eventTable(event, {documents}) {
  const stations = stationsOf(event, documents)
  const before = moment => stations.map(one => one.at && Date.parse(one.at)).filter(at => at && at < moment).at(-1) ?? null
  const rows = stations.map(({name, kind, state, word, at}) => {
    const sign = new Sign(state)
    sign.show(state, word)
    const moment = at && Date.parse(at)
    const from = moment && before(moment)
    return element(
      "tr",
      {"data-state": state},
      element("th", {scope: "row"}, name, " ", element("span", {class: "kind"}, kind)),
      element("td", {}, sign.node),
      element("td", {class: "figure"}, at ? element("time", {datetime: at}, exactTime(at)) : ""),
      element("td", {class: "figure"}, from ? `+${span(moment - from)}` : ""),
    )
  })
  return element(
    "article",
    {class: "traced"},
    element("h4", {}, `${eventName(event.type)} `, element("span", {class: "kind"}, `#${event.sequence} of the stream`)),
    element("p", {class: "faint"}, "event ", element("code", {}, event.eventId)),
    element(
      "table",
      {},
      element("caption", {class: "unseen"}, `The stations of event ${event.sequence}, ${eventName(event.type)}`),
      element("thead", {}, element("tr", {}, ...["Station", "Is", "At", "After"].map(column => element("th", {scope: "col"}, column)))),
      element("tbody", {}, ...rows),
    ),
  )
}

const BAR = {width: 400, height: 14}

/** The last event of a document: from its commit to the hub to the document, as a bar whose parts are as long as they took. */
export function wayOf({passed, sequence}) {
  if (!passed?.published || !passed.projected) return []
  const [from, middle, to] = [passed.committed, passed.published, passed.projected].map(moment => Date.parse(moment))
  const whole = Math.max(to - from, 1)
  // The hub's clock is another one than the writer's: a station can seem to come before the one before it.
  const first = Math.min(Math.max((middle - from) / whole, 0), 1) * BAR.width
  const words = `committed, ${span(middle - from)} later in the hub, ${span(to - middle)} later in the document: ${span(to - from)} in all`
  return [
    drawn(
      "svg",
      {class: "way", viewBox: `0 0 ${BAR.width} ${BAR.height}`, preserveAspectRatio: "none", role: "img", "aria-label": words},
      drawn("rect", {x: 0, y: 0, width: first, height: BAR.height, class: "to-hub"}),
      drawn("rect", {x: first, y: 0, width: BAR.width - first, height: BAR.height, class: "to-document"}),
    ),
    element("p", {class: "faint"}, `#${sequence}: ${words}.`),
  ]
}
