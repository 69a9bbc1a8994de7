// Each sink with its figures and its lanes, which are told twice: as a strip to see at a glance, and as a table to read.

import {element} from "/assets/elements.js"
import {captioned, mark, Sign, Sparkline, tell} from "/assets/operations_drawing.js"
import {age, counted, number, rate, tally} from "/assets/operations_words.js"

/** What a lane may be doing, the most telling first, and how a strip shows it: a height and a glyph. */
export const DOINGS = [
  {doing: "leased", word: "leased", glyph: ""},
  {doing: "backing-off", word: "backing off", glyph: "↻"},
  {doing: "held", word: "a stream held", glyph: "×"},
  {doing: "work", word: "with work", glyph: ""},
  {doing: "idle", word: "idle", glyph: ""},
]

const OWNER_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/** What each lane of a sink is doing, in order of their numbers. */
export function lanesOf(sink, at) {
  const leases = new Map(sink.leases.map(lease => [lease.lane, lease]))
  const backoffs = new Map(sink.backoffs.map(backoff => [backoff.lane, backoff]))
  const [working, held] = [new Set(sink.workIn), new Set(sink.heldIn)]
  return Array.from({length: sink.lanes}, (_, lane) => {
    const [lease, backoff] = [leases.get(lane), backoffs.get(lane)]
    const doing = lease ? "leased" : backoff ? "backing-off" : held.has(lane) ? "held" : working.has(lane) ? "work" : "idle"
    return {lane, doing, owner: lease?.owner ?? null, told: toldOf({lease, backoff, at, working: working.has(lane), held: held.has(lane)})}
  })
}

function toldOf({lease, backoff, at, working, held}) {
  const from = Date.parse(at)
  const told = []
  if (lease) told.push(`leased by ${lease.owner} for ${age((Date.parse(lease.endsAt) - from) / 1000)}, epoch ${number(lease.epoch)}`)
  if (backoff) told.push(`failed ${backoff.failures === 1 ? "once" : `${backoff.failures} times in a row`}, tried again in ${age((Date.parse(backoff.nextAttemptAt) - from) / 1000)}`)
  if (held) told.push("a stream waits behind a dead letter")
  if (working) told.push("has messages to carry")
  return told.join("; ") || "idle"
}

/** All sinks, each in a panel that is made when it is first seen. */
export class Sinks {
  constructor(place) {
    this.place = place
    this.panels = new Map()
  }

  show(pipeline, {history, states}) {
    const owners = [...new Set(pipeline.sinks.flatMap(sink => sink.leases.map(lease => lease.owner)))].sort()
    for (const sink of pipeline.sinks) {
      if (!this.panels.has(sink.sink)) {
        const panel = new SinkPanel(sink.sink)
        this.panels.set(sink.sink, panel)
        this.place.append(panel.node)
      }
      this.panels.get(sink.sink).show(sink, {at: pipeline.at, history, judgement: states[sink.sink], owners})
    }
  }
}

class SinkPanel {
  constructor(name) {
    this.name = name
    this.of = pipeline => pipeline.sinks.find(sink => sink.sink === name)
    this.sign = new Sign()
    this.why = element("p", {class: "why"})
    this.figures = new Map(["Pending", "Oldest", "Per second", "Delivered", "Held", "Dead letters"].map(one => [one, element("dd", {}, "–")]))
    this.pending = new Sparkline({name: `Pending of ${name}`, words: number})
    this.rate = new Sparkline({name: `Delivered per second to ${name}`, words: rate})
    this.strip = new LaneStrip(name)
    this.table = new LaneTable(name)
    const id = `sink-${name}`
    this.node = element(
      "article",
      {class: "sink", "data-sink": name, "aria-labelledby": id},
      element("header", {}, element("h3", {id}, name), this.sign.node, this.why),
      element("dl", {class: "figures"}, ...[...this.figures].map(([title, node]) => element("div", {}, element("dt", {}, title), node))),
      element("div", {class: "lines"}, captioned("pending", this.pending.node), captioned("per second", this.rate.node)),
      this.strip.node,
      this.table.node,
    )
  }

  show(sink, {at, history, judgement, owners}) {
    const rateNow = history.rate(pipeline => this.of(pipeline)?.delivered)
    const figures = {
      Pending: tally(sink.pending),
      Oldest: sink.oldest ? age(sink.oldest.ageSeconds) : "–",
      "Per second": rate(rateNow),
      Delivered: number(sink.delivered),
      Held: tally(sink.held),
      "Dead letters": tally(sink.holds),
    }
    for (const [title, node] of this.figures) tell(node, figures[title])
    this.node.dataset.state = judgement.state
    this.sign.show(judgement.state)
    tell(this.why, judgement.why)
    this.pending.show(history.series(pipeline => this.of(pipeline)?.pending.count))
    this.rate.show(history.rates(pipeline => this.of(pipeline)?.delivered))
    const lanes = lanesOf(sink, at)
    this.strip.show(lanes, owners)
    this.table.show(lanes)
  }
}

/** All lanes side by side. It is one picture to those who can't see it, and says what it shows. */
class LaneStrip {
  constructor(name) {
    this.name = name
    this.cells = []
    this.node = element("div", {class: "strip", role: "img", "aria-label": `The lanes of ${name}`})
  }

  show(lanes, owners) {
    if (this.cells.length !== lanes.length) {
      this.cells = lanes.map(() => element("span", {class: "lane"}))
      this.node.replaceChildren(...this.cells)
    }
    for (const {lane, doing, owner, told} of lanes) {
      const cell = this.cells[lane]
      mark(cell, "data-doing", doing)
      mark(cell, "title", `Lane ${lane}: ${told}`)
      tell(cell, owner ? OWNER_LETTERS[owners.indexOf(owner) % OWNER_LETTERS.length] : DOINGS.find(one => one.doing === doing).glyph)
    }
    mark(this.node, "aria-label", `The ${lanes.length} lanes of ${this.name}: ${summary(lanes)}`)
  }
}

function summary(lanes) {
  const counts = DOINGS.map(({doing, word}) => [lanes.filter(lane => lane.doing === doing).length, word])
  return counts.filter(([count]) => count).map(([count, word]) => `${count} ${word}`).join(", ")
}

class LaneTable {
  constructor(name) {
    this.summary = element("summary", {}, "Lanes as a table")
    this.rows = element("tbody")
    this.shown = ""
    const columns = element("tr", {}, element("th", {scope: "col"}, "Lane"), element("th", {scope: "col"}, "Is"))
    this.node = element(
      "details",
      {class: "lanes"},
      this.summary,
      element("table", {}, element("caption", {class: "unseen"}, `What the lanes of ${name} are doing`), element("thead", {}, columns), this.rows),
    )
  }

  show(lanes) {
    const busy = lanes.filter(lane => lane.doing !== "idle")
    tell(this.summary, `${counted(lanes.length, "lane")}: ${summary(lanes)}`)
    const rows = busy.map(({lane, told}) => [String(lane), told])
    const idle = lanes.length - busy.length
    if (idle) rows.push([busy.length ? "all others" : "all", "idle"])
    const asked = JSON.stringify(rows)
    if (this.shown === asked) return
    this.shown = asked
    this.rows.replaceChildren(...rows.map(([lane, told]) => element("tr", {}, element("th", {scope: "row"}, lane), element("td", {}, told))))
  }
}
