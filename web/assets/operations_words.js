// Counts, ages and moments, as the command line words them.

const NUMBER = new Intl.NumberFormat("en-GB")
const TIME = new Intl.DateTimeFormat("en-GB", {hour: "2-digit", minute: "2-digit", second: "2-digit"})
const DAY = new Intl.DateTimeFormat("en-GB", {day: "numeric", month: "short"})

export const number = value => NUMBER.format(value)

export const counted = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`

/** A count that may be "at least". */
export const tally = ({count, exact}) => (exact ? number(count) : `≥ ${number(count)}`)

/** A rate: exact where it is small. */
export function rate(value) {
  if (value === null || value === undefined) return "–"
  return value > 0 && value < 10 ? value.toFixed(1) : number(Math.round(value))
}

export const percent = share => (share === null || share === undefined ? "–" : `${Math.round(share * 100)} %`)

/** Seconds as people say them. */
export function age(seconds) {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`
  if (seconds < 120) return `${Math.floor(seconds)} s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} days`
}

/** Milliseconds between two moments: "61 ms", "2.4 s". */
export function span(milliseconds) {
  return Math.abs(milliseconds) < 1000 ? `${Math.round(milliseconds)} ms` : age(milliseconds / 1000)
}

export const time = moment => TIME.format(new Date(moment))

export const dayAndTime = moment => `${DAY.format(new Date(moment))}, ${time(moment)}`

/** A moment with its milliseconds. */
export function exactTime(moment) {
  const milliseconds = String(new Date(moment).getMilliseconds()).padStart(3, "0")
  return `${time(moment)}.${milliseconds}`
}

/** The end of an event type that people know it by: "reservation created". */
export const eventName = type => type.replace(/^cinema\./, "").replace(/\.v\d+$/, "").replaceAll(/[.-]/g, " ")
