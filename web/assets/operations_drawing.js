// Small drawings: the sign of a state, and the line of a figure's last minutes. Each says in words what it shows.

import {element} from "/assets/elements.js"
import {span} from "/assets/operations_words.js"

const SVG = "http://www.w3.org/2000/svg"

/** An element of a drawing. */
export function drawn(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name)
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value)
  made.append(...children)
  return made
}

/** Changes a text only if it is another one, so that nothing is redrawn or read out for nothing. */
export function tell(node, text) {
  if (node.textContent !== text) node.textContent = text
}

/** Sets an attribute only if it is another one. */
export function mark(node, attribute, value) {
  if (node.getAttribute(attribute) !== value) node.setAttribute(attribute, value)
}

// A shape for each state, so that it is known without its colour: ring, disc, dashed ring, half disc, square, cross.
const SHAPES = {
  quiet: [["circle", {cx: 8, cy: 8, r: 5, class: "line"}]],
  well: [["circle", {cx: 8, cy: 8, r: 6, class: "full"}]],
  unknown: [["circle", {cx: 8, cy: 8, r: 5, class: "line", "stroke-dasharray": "2.5 2.7"}]],
  behind: [["circle", {cx: 8, cy: 8, r: 5, class: "line"}], ["path", {d: "M8 3a5 5 0 0 1 0 10z", class: "full"}]],
  stuck: [["rect", {x: 2, y: 2, width: 12, height: 12, rx: 1.5, class: "full"}]],
  unreachable: [["path", {d: "M3 3l10 10M13 3L3 13", class: "line thick"}]],
}

/** The sign of a state with its word. */
export class Sign {
  constructor(state = "unknown") {
    this.shape = drawn("svg", {viewBox: "0 0 16 16", "aria-hidden": "true"})
    this.word = element("span", {class: "word"})
    this.node = element("span", {class: "sign"}, this.shape, this.word)
    this.show(state)
  }

  show(state, word = state) {
    tell(this.word, word)
    if (this.node.dataset.state === state) return
    this.node.dataset.state = state
    this.shape.replaceChildren(...SHAPES[state].map(([name, attributes]) => drawn(name, attributes)))
  }
}

/** A drawing with what it shows below it. */
export const captioned = (caption, drawing) => element("figure", {}, drawing, element("figcaption", {}, caption))

const WIDTH = 160
const HEIGHT = 28
const GAP_MS = 20_000 // between two looks; the line is broken where there were none, or the figure could not be read

const SHORTEST_MS = 60_000 // so that the first looks do not fill the whole width

/** The line of a figure over the last minutes, from 0 to the most there was. */
export class Sparkline {
  constructor({name, words}) {
    Object.assign(this, {name, words})
    this.base = drawn("path", {class: "base", d: `M0 ${HEIGHT - 1}H${WIDTH}`})
    this.area = drawn("path", {class: "area"})
    this.line = drawn("path", {class: "line"})
    this.dot = drawn("path", {class: "dot"}) // a line of no length has a round end at any scale
    this.node = drawn(
      "svg",
      {class: "spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": name},
      this.base, this.area, this.line, this.dot,
    )
  }

  show(series) {
    const last = series.at(-1)
    if (!last) return
    const most = Math.max(0, ...series.map(([, value]) => value ?? 0))
    const spanned = Math.max(last[0] - series[0][0], SHORTEST_MS)
    const x = at => WIDTH - 4 - ((last[0] - at) / spanned) * (WIDTH - 4)
    const y = value => HEIGHT - 3 - (value / (most || 1)) * (HEIGHT - 7)
    const runs = runsOf(series)
    const points = run => run.map(([at, value]) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("L")
    this.line.setAttribute("d", runs.map(run => `M${points(run)}`).join(""))
    this.area.setAttribute("d", runs.map(run => `M${x(run[0][0]).toFixed(1)} ${HEIGHT}L${points(run)}L${x(run.at(-1)[0]).toFixed(1)} ${HEIGHT}Z`).join(""))
    this.dot.setAttribute("visibility", last[1] === null ? "hidden" : "visible")
    this.dot.setAttribute("d", `M${WIDTH - 4} ${y(last[1] ?? 0).toFixed(1)}h0`)
    mark(this.node, "aria-label", `${this.name} in the last ${span(spanned)}: at most ${this.words(most)}, now ${last[1] === null ? "unknown" : this.words(last[1])}`)
  }
}

function runsOf(series) {
  const runs = []
  let before = null
  for (const point of series) {
    if (point[1] === null) {
      before = null
      continue
    }
    if (before === null || point[0] - before > GAP_MS) runs.push([])
    runs.at(-1).push(point)
    before = point[0]
  }
  return runs
}
