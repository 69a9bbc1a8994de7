// Times, counts and names in words. Times are those of the viewer's zone.

const LANGUAGE = "en-GB"
const CLOCK = new Intl.DateTimeFormat(LANGUAGE, {hour: "2-digit", minute: "2-digit"})
const DAY = new Intl.DateTimeFormat(LANGUAGE, {weekday: "short", day: "numeric", month: "short"})
const LIST = new Intl.ListFormat(LANGUAGE, {type: "conjunction"})

export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

export const clock = time => CLOCK.format(new Date(time))

/** The viewer's day of a time, such as 2026-12-01. */
export function dayOf(time) {
  const date = new Date(time)
  const two = number => String(number).padStart(2, "0")
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** A day as people say it. */
export function dayName(day, today) {
  const date = new Date(`${day}T12:00:00`)
  const away = Math.round((date - new Date(`${today}T12:00:00`)) / 86_400_000)
  return ["Today", "Tomorrow"][away] ?? DAY.format(date)
}

export const when = time => `${DAY.format(new Date(time))}, ${clock(time)}`

export const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`

export const seatName = seat => `${seat.row}${seat.number}`

export const seatNames = seats => LIST.format(seats.map(seatName))

/** Seats with their noun: "seat C4", "seats C4 and C5". */
export const seatsNamed = seats => `${seats.length === 1 ? "seat" : "seats"} ${seatNames(seats)}`

export const capitalised = text => text.charAt(0).toUpperCase() + text.slice(1)

/** A span of milliseconds as minutes and seconds; a part of a second counts as one. */
export function countdown(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}
