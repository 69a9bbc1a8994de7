// What this page has seen in the last minutes. Counters only grow, so that a rate is the difference of two looks.

const KEPT_MS = 5 * 60_000
const RATE_OVER_MS = 10_000
const HIT_RATE_OVER_MS = 60_000

/** Looks at the pipeline, the newest last. Times are those of the answers, by the database's clock. */
export class History {
  constructor() {
    this.looks = []
  }

  add(pipeline) {
    const at = Date.parse(pipeline.at)
    // A database that was restored, or another one: what was seen before says nothing about it.
    if (this.newest && at < this.newest.at) this.looks = []
    if (this.newest?.at === at) this.looks.pop()
    this.looks.push({at, pipeline})
    this.looks = this.looks.filter(look => at - look.at <= KEPT_MS)
  }

  get newest() {
    return this.looks.at(-1)
  }

  /** The looks of the last so many milliseconds. */
  within(milliseconds) {
    return this.looks.filter(look => this.newest.at - look.at <= milliseconds)
  }

  /** A counter's growth a second over the last ten; null if it can't be told. */
  rate(counter) {
    return rateOver(this.within(RATE_OVER_MS), counter)
  }

  /** How a figure went: pairs of a moment and a value, which is null where it could not be read. */
  series(figure) {
    return this.looks.map(({at, pipeline}) => [at, figure(pipeline) ?? null])
  }

  /** How a counter's rate went, smoothed as `rate` is. */
  rates(counter) {
    let from = 0
    return this.looks.map(({at}, place) => {
      while (at - this.looks[from].at > RATE_OVER_MS) from += 1
      return [at, rateOver(this.looks.slice(from, place + 1), counter)]
    })
  }

  /** Of the reads of the last minute, how many there were and the share that the cache answered (null if there were none). */
  reads() {
    return readsOver(this.within(HIT_RATE_OVER_MS))
  }

  /** How that share went. */
  hitRates() {
    let from = 0
    return this.looks.map(({at}, place) => {
      while (at - this.looks[from].at > HIT_RATE_OVER_MS) from += 1
      return [at, readsOver(this.looks.slice(from, place + 1)).share]
    })
  }
}

function readsOver(looks) {
  const told = looks.map(look => look.pipeline.cache).filter(Boolean)
  const [first, last] = [told[0], told.at(-1)]
  const count = told.length ? last.hits + last.misses - first.hits - first.misses : 0
  return count > 0 ? {count, share: (last.hits - first.hits) / count} : {count: 0, share: null}
}

function rateOver(looks, counter) {
  const told = looks.filter(({pipeline}) => counter(pipeline) !== null && counter(pipeline) !== undefined)
  if (told.length < 2) return null
  const seconds = (told.at(-1).at - told[0].at) / 1000
  return Math.max(0, counter(told.at(-1).pipeline) - counter(told[0].pipeline)) / seconds
}
