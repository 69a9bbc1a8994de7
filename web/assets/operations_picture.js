// The pipeline as a picture: a station for each part, lines for the ways between them. On a narrow screen it is one line of stations.

import {element} from "/assets/elements.js"
import {drawn, mark, Sign, Sparkline, tell} from "/assets/operations_drawing.js"
import {lagState} from "/assets/operations_states.js"
import {age, number, percent, rate, tally} from "/assets/operations_words.js"

const sinkOf = (pipeline, name) => pipeline.sinks.find(sink => sink.sink === name)
const delivered = name => pipeline => sinkOf(pipeline, name)?.delivered
const pending = name => pipeline => sinkOf(pipeline, name)?.pending.count
const sum = (pipeline, figure) => pipeline.sinks.reduce((total, sink) => total + figure(sink), 0)
const tallied = (pipeline, figure) => ({count: sum(pipeline, sink => figure(sink).count), exact: pipeline.sinks.every(sink => figure(sink).exact)})
const oldest = pipeline => Math.max(0, ...pipeline.sinks.map(sink => sink.oldest?.ageSeconds ?? 0))
const reads = pipeline => pipeline.cache && pipeline.cache.hits + pipeline.cache.misses

/** Every event concerns the reporting sink: what it has got and what waits for it is what was ever committed. */
const committed = pipeline => {
  const sink = sinkOf(pipeline, "reporting")
  return sink && sink.delivered + sink.pending.count + sink.held.count
}

/** The share of the newest events that the views show; all only if none lacks. */
const shown = projector => (projector?.lookedAt ? `${Math.floor((1 - projector.behind / projector.lookedAt) * 100)} %` : "–")

const masters = pipeline => new Set(pipeline.sinks.flatMap(sink => sink.leases.map(lease => lease.owner))).size

const sinkStation = (key, title, place) => ({
  key, title, place, kind: "Sink",
  main: ({pipeline}) => [tally(sinkOf(pipeline, key).pending), "pending"],
  rest: [
    ["oldest", ({pipeline}) => { const one = sinkOf(pipeline, key).oldest; return one ? age(one.ageSeconds) : "–" }],
    ["per second", ({history}) => rate(history.rate(delivered(key)))],
  ],
  spark: {name: `Pending of ${key}`, words: number, series: history => history.series(pending(key))},
})

/** `main` is a station's first figure with its unit, `rest` the others with their names. */
export const STATIONS = [
  {
    key: "commands", title: "Commands", kind: "Write database", place: "commands",
    main: ({history}) => [rate(history.rate(committed)), "events per second"],
    rest: [],
    spark: {name: "Events committed per second", words: rate, series: history => history.rates(committed)},
  },
  {
    key: "outbox", title: "Outbox", kind: "Master", place: "outbox",
    main: ({pipeline}) => [tally(tallied(pipeline, sink => sink.pending)), "to be delivered"],
    rest: [
      ["oldest", ({pipeline}) => (oldest(pipeline) ? age(oldest(pipeline)) : "–")],
      ["leased", ({pipeline}) => { const lanes = sum(pipeline, sink => sink.leases.length); return lanes ? `${lanes} by ${masters(pipeline)}` : "none" }],
      ["held", ({pipeline}) => tally(tallied(pipeline, sink => sink.held))],
    ],
    spark: {name: "Messages to be delivered", words: number, series: history => history.series(pipeline => sum(pipeline, sink => sink.pending.count))},
  },
  sinkStation("domain-events", "domain-events", "domain"),
  sinkStation("reservations", "reservations", "reservations"),
  sinkStation("reporting", "reporting", "reporting"),
  {
    key: "projector", title: "Projector", kind: "Trigger", place: "projector",
    main: ({pipeline: {projector}}) => (projector ? [age(projector.lagSeconds), "lag"] : ["–", "lag"]),
    rest: [
      ["behind", ({pipeline: {projector}}) => (projector ? number(projector.behind) : "–")],
      ["parked", ({pipeline: {projector}}) => (projector ? tally(projector.parked) : "–")],
    ],
    spark: {name: "Lag of the projector", words: age, series: history => history.series(({projector}) => projector?.lagSeconds)},
  },
  {
    key: "gaps", title: "Gap filler", kind: "Timer, from EventLog", place: "gaps",
    main: ({pipeline: {projector}}) => (projector ? [tally(projector.gaps.showtimes), "gaps"] : ["–", "gaps"]),
    rest: [],
  },
  {
    key: "views", title: "Views", kind: "MongoDB", place: "views",
    main: ({pipeline: {projector}}) => [shown(projector), `of the newest ${projector ? number(projector.lookedAt) : ""} events are in them`],
    rest: [],
  },
  {
    key: "cache", title: "Cache", kind: "Redis", place: "cache",
    main: ({history}) => [percent(history.reads().share), "hits, last minute"],
    rest: [["ever", ({pipeline: {cache}}) => percent(cache?.hitRate)]],
  },
  {
    key: "reads", title: "Read service", kind: "gRPC", place: "reads",
    main: ({history}) => [rate(history.rate(reads)), "queries per second"],
    rest: [],
    spark: {name: "Queries per second", words: rate, series: history => history.rates(reads)},
  },
]

/** The hub and the archive have no figures of their own: what they have is what their sinks have delivered. */
const STORES = [
  {key: "hub", title: "Event Hubs", place: "hub", lines: pipeline => [`${number(delivered("domain-events")(pipeline))} in all events`, `${number(delivered("reservations")(pipeline))} in reservations`], partitions: ({projector}) => projector?.partitions ?? []},
  {key: "archive", title: "Reporting database", place: "archive", lines: pipeline => [`${number(delivered("reporting")(pipeline))} in EventLog`]},
]

// From where to where, and the counter that moves on it.
const WAYS = [
  ["commands", "outbox", committed],
  ["outbox", "domain-events", delivered("domain-events")],
  ["outbox", "reservations", delivered("reservations")],
  ["outbox", "reporting", delivered("reporting")],
  ["domain-events", "hub", delivered("domain-events")],
  ["reservations", "hub", delivered("reservations")],
  ["reporting", "archive", delivered("reporting")],
  ["hub", "projector", delivered("domain-events")],
  ["archive", "gaps", null],
  ["gaps", "projector", null],
  ["projector", "views", delivered("domain-events")],
  ["projector", "cache", delivered("domain-events")],
  ["views", "reads", pipeline => pipeline.cache?.misses],
  ["cache", "reads", pipeline => pipeline.cache?.hits],
]

/** The picture in its place. It is laid out by the style sheet; the lines follow wherever the stations are. */
export class Picture {
  constructor(place) {
    this.place = place
    this.stations = new Map(STATIONS.map(station => [station.key, new StationCard(station)]))
    this.stores = new Map(STORES.map(store => [store.key, new StoreCard(store)]))
    this.ways = WAYS.map(([from, to, counter]) => ({from, to, counter, path: drawn("path")}))
    this.lines = drawn("svg", {class: "ways", "aria-hidden": "true"}, ...this.ways.map(way => way.path))
    place.append(this.lines, ...[...this.stations.values(), ...this.stores.values()].map(card => card.node))
    new ResizeObserver(() => this.layOut()).observe(place)
  }

  show(pipeline, {history, states}) {
    for (const [key, card] of this.stations) card.show({pipeline, history}, states[key])
    for (const card of this.stores.values()) card.show(pipeline)
    for (const way of this.ways) mark(way.path, "data-flow", flowOf(way, {history, states}))
    this.place.removeAttribute("data-old")
  }

  /** There is no answer: what is shown is what was. */
  showOld(states) {
    for (const [key, card] of this.stations) card.judge(states[key])
    for (const way of this.ways) mark(way.path, "data-flow", "still")
    this.place.setAttribute("data-old", "")
  }

  layOut() {
    const whole = this.place.getBoundingClientRect()
    this.lines.setAttribute("viewBox", `0 0 ${whole.width} ${whole.height}`)
    for (const {from, to, path} of this.ways) {
      const [a, b] = [from, to].map(key => this.nodeOf(key).getBoundingClientRect())
      path.setAttribute("d", wayBetween(a, b, whole))
    }
  }

  nodeOf(key) {
    return (this.stations.get(key) ?? this.stores.get(key)).node
  }
}

/** From the right side of one to the left side of the other, or from below to above if they stand in one column. */
function wayBetween(a, b, whole) {
  if (b.left < a.right - 4) {
    const up = b.top < a.top
    const [x, y1, y2] = [a.left + a.width / 2, up ? a.top : a.bottom, up ? b.bottom : b.top]
    return `M${x - whole.left} ${y1 - whole.top}V${y2 - whole.top}`
  }
  const [x1, y1, x2, y2] = [a.right, a.top + a.height / 2, b.left, b.top + b.height / 2]
  // Where the heights of the two overlap the way is straight.
  const level = [Math.max(a.top, b.top), Math.min(a.bottom, b.bottom)]
  const straight = level[0] + 16 < level[1]
  const y = (level[0] + level[1]) / 2
  const [from, to] = straight ? [y, y] : [y1, y2]
  const middle = (x1 + x2) / 2 - whole.left
  return `M${x1 - whole.left} ${from - whole.top}C${middle} ${from - whole.top} ${middle} ${to - whole.top} ${x2 - whole.left} ${to - whole.top}`
}

function flowOf({from, to, counter}, {history, states}) {
  if ([from, to].some(key => states[key]?.state === "unreachable")) return "broken"
  return counter && history.rate(counter) > 0 ? "moving" : "still"
}

class StationCard {
  constructor(station) {
    this.station = station
    this.sign = new Sign()
    this.figure = element("span", {class: "figure"}, "–")
    this.unit = element("span", {class: "unit"})
    this.why = element("p", {class: "why"})
    this.rest = station.rest.map(([name, read]) => ({name, read, node: element("dd", {}, "–")}))
    this.spark = station.spark && new Sparkline(station.spark)
    this.node = element(
      "article",
      {class: "station", "data-place": station.place, "data-station": station.key, "aria-labelledby": `station-${station.key}`},
      element("header", {}, element("h3", {id: `station-${station.key}`}, station.title), element("p", {class: "kind"}, station.kind)),
      this.sign.node,
      element("p", {class: "main"}, this.figure, " ", this.unit),
      this.rest.length ? element("dl", {}, ...this.rest.map(({name, node}) => element("div", {}, element("dt", {}, name), node))) : "",
      this.why,
      this.spark ? this.spark.node : "",
    )
  }

  show(seen, judgement) {
    const [figure, unit] = this.station.main(seen)
    tell(this.figure, figure)
    tell(this.unit, unit)
    for (const {read, node} of this.rest) tell(node, read(seen))
    this.spark?.show(this.station.spark.series(seen.history))
    this.judge(judgement)
  }

  judge({state, why}) {
    this.node.dataset.state = state
    this.sign.show(state)
    tell(this.why, why)
  }
}

class StoreCard {
  constructor(store) {
    this.store = store
    this.lines = element("div", {class: "lines-told"})
    this.cells = store.partitions ? element("div", {class: "partition-cells", role: "img", "aria-label": "Partitions"}) : null
    this.node = element("div", {class: "store", "data-place": store.place}, element("h3", {}, store.title), this.lines, this.cells ?? "")
  }

  show(pipeline) {
    this.lines.replaceChildren(...this.store.lines(pipeline).map(line => element("p", {}, line)))
    if (this.cells) this.showPartitions(this.store.partitions(pipeline))
  }

  /** The partitions that the projector has to read from: which it is behind on. */
  showPartitions(partitions) {
    const judged = partitions.map(({partition, lagSeconds}) => [partition, lagState(lagSeconds)])
    const late = judged.filter(([, state]) => state !== "well").map(([partition]) => partition)
    mark(this.cells, "aria-label", partitions.length ? `${partitions.length} partitions; the projector is behind on ${late.join(", ") || "none"}` : "No partition was looked at")
    this.cells.replaceChildren(...judged.map(([partition, state]) => element("span", {"data-state": state}, String(partition))))
  }
}
