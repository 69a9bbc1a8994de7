// The projector partition by partition, what the views miss, and how the cache does.

import {element} from "/assets/elements.js"
import {captioned, Sparkline, tell} from "/assets/operations_drawing.js"
import {age, dayAndTime, number, percent, tally} from "/assets/operations_words.js"

const FIGURES = [
  ["Lag", ({projector}) => (projector ? age(projector.lagSeconds) : "–")],
  ["Events behind", ({projector}) => (projector ? number(projector.behind) : "–")],
  ["Looked at", ({projector}) => (projector ? `${number(projector.lookedAt)} newest` : "–")],
  ["Showtimes with gaps", ({projector}) => (projector ? tally(projector.gaps.showtimes) : "–")],
  ["Oldest gap", ({projector}) => (projector?.gaps.oldest ? `since ${dayAndTime(projector.gaps.oldest)}` : "–")],
  ["Parked events", ({projector}) => (projector ? tally(projector.parked) : "–")],
  ["Cache hits", ({cache}) => (cache ? number(cache.hits) : "–")],
  ["Cache misses", ({cache}) => (cache ? number(cache.misses) : "–")],
  ["Hit rate, ever", ({cache}) => percent(cache?.hitRate)],
]

/** The figures behind the picture's right half. */
export class ViewFigures {
  constructor(place) {
    this.figures = FIGURES.map(([title, read]) => ({title, read, node: element("dd", {}, "–")}))
    this.lag = new Sparkline({name: "Lag of the projector", words: age})
    this.hits = new Sparkline({name: "Hit rate of the cache", words: percent})
    this.rows = element("tbody")
    this.shown = ""
    const columns = ["Partition", "Behind", "Lag"].map(column => element("th", {scope: "col"}, column))
    place.append(
      element(
        "div",
        {class: "view-lines"},
        element("dl", {class: "figures"}, ...this.figures.map(({title, node}) => element("div", {}, element("dt", {}, title), node))),
        element("div", {class: "lines"}, captioned("lag", this.lag.node), captioned("hit rate of the minute", this.hits.node)),
      ),
      element("table", {class: "partitions"}, element("caption", {}, "The projector, by partition of the hub"), element("thead", {}, element("tr", {}, ...columns)), this.rows),
    )
  }

  show(pipeline, {history}) {
    for (const {read, node} of this.figures) tell(node, read(pipeline))
    this.lag.show(history.series(({projector}) => projector?.lagSeconds))
    this.hits.show(history.hitRates())
    this.showPartitions(pipeline)
  }

  showPartitions({projector}) {
    const rows = (projector?.partitions ?? []).map(({partition, behind, lagSeconds, exact}) => [String(partition), number(behind), `${exact ? "" : "≥ "}${age(lagSeconds)}`])
    const asked = JSON.stringify([rows, projector === null])
    if (this.shown === asked) return
    this.shown = asked
    const none = projector ? "No event was looked at yet." : "The views can't be read."
    this.rows.replaceChildren(
      ...(rows.length ? rows.map(([first, ...rest]) => element("tr", {}, element("th", {scope: "row"}, first), ...rest.map(one => element("td", {}, one)))) : [element("tr", {}, element("td", {colspan: 3}, none))]),
    )
  }
}
