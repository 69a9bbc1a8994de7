// The operators' page: looks at the pipeline each second, and shows what it sees. What can't be seen is said.

import {announce, byId, element} from "/assets/elements.js"
import {ask} from "/assets/operations_client.js"
import {Sign, tell} from "/assets/operations_drawing.js"
import {History} from "/assets/operations_history.js"
import {DeadLetters} from "/assets/operations_letters.js"
import {Picture, STATIONS} from "/assets/operations_picture.js"
import {Poll} from "/assets/operations_poll.js"
import {DOINGS, Sinks} from "/assets/operations_sinks.js"
import {COMPLAINTS, STATES, statesOf, statesWithoutAnswer} from "/assets/operations_states.js"
import {Trace} from "/assets/operations_trace.js"
import {ViewFigures} from "/assets/operations_views.js"
import {age, counted} from "/assets/operations_words.js"

const history = new History()
const picture = new Picture(byId("picture"))
const sinks = new Sinks(byId("sink-list"))
const views = new ViewFigures(byId("view-figures"))
const letters = new DeadLetters({place: byId("letters"), notice: byId("letter-notice"), count: byId("dead-letter-count"), changed: () => poll.now()})
const overall = new Sign()
const titles = new Map(STATIONS.map(({key, title}) => [key, title]))

let answeredAt = null
let said = ""

const poll = new Poll({
  async look() {
    const pipeline = await ask("/api/ops/pipeline")
    await letters.look(pipeline)
    return pipeline
  },
  answered(pipeline) {
    answeredAt = performance.now()
    history.add(pipeline)
    const states = statesOf(pipeline, history)
    picture.show(pipeline, {history, states})
    sinks.show(pipeline, {history, states})
    views.show(pipeline, {history})
    byId("outage").hidden = true
    judge(states)
  },
  refused(refusal) {
    const states = statesWithoutAnswer(refusal, [...titles.keys()])
    picture.showOld(states)
    const outage = byId("outage")
    outage.hidden = false
    tell(outage, `${refusal.title}. ${refusal.detail || "The write database does not answer."} The figures below are old; this page goes on asking.`)
    attend([], "It can't be told while there is no answer.")
    overall.show("unreachable", "no answer")
  },
})

/** Says what needs somebody, and lets it be read out when it changes: not when a figure does. */
function judge(states) {
  const complaints = Object.entries(states).filter(([, {state}]) => COMPLAINTS.includes(state))
  complaints.sort(([, one], [, other]) => STATES.indexOf(other.state) - STATES.indexOf(one.state))
  attend(complaints)
  const worst = complaints[0]?.[1].state ?? "well"
  overall.show(worst, complaints.length ? `${counted(complaints.length, "part")} ${complaints.length === 1 ? "needs" : "need"} attention` : "all is well")
  const now = complaints.map(([key, {state}]) => `${titles.get(key) ?? key} is ${state}`).join(", ")
  if (now !== said) announce(now || "All is well.")
  said = now
}

function attend(complaints, none = "Nothing does.") {
  byId("attention").dataset.complaints = String(complaints.length)
  const items = complaints.map(([key, {state, why, look}], place) => {
    const sign = new Sign(state)
    const advice = complaints[place + 1]?.[1].look === look ? "" : look // the same for several parts is said once, behind the last of them
    return element("li", {"data-about": key}, element("strong", {}, titles.get(key) ?? key), sign.node, element("span", {}, `${why[0].toUpperCase()}${why.slice(1)}. ${advice}`))
  })
  byId("attention-list").replaceChildren(...items)
  byId("attention-none").hidden = items.length > 0
  tell(byId("attention-none"), none)
}

function freshen() {
  const seconds = answeredAt === null ? null : (performance.now() - answeredAt) / 1000
  const paused = poll.paused ? "paused, " : ""
  tell(byId("freshness"), seconds === null ? "no answer yet" : `${paused}last answer ${Math.floor(seconds) < 120 ? `${Math.floor(seconds)} s` : age(seconds)} ago`)
  byId("freshness").dataset.old = String(seconds === null || seconds > 5)
}

byId("overall").append(overall.node)
overall.show("unknown", "asking…")
byId("legend").append(...["well", "behind", "stuck", "unreachable", "quiet", "unknown"].map(state => element("li", {}, new Sign(state).node)))
byId("lane-legend").append(...DOINGS.map(({doing, word, glyph}) => element("li", {}, element("span", {class: "lane", "data-doing": doing, "aria-hidden": "true"}, doing === "leased" ? "A" : glyph), word)))
byId("pause").addEventListener("click", ({target}) => {
  const paused = target.getAttribute("aria-pressed") !== "true"
  target.setAttribute("aria-pressed", String(paused))
  poll.setPaused(paused)
})
setInterval(freshen, 500)
new Trace(byId("trace-answer"))
poll.now()
