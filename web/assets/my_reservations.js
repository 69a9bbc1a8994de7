// The visitor's reservations: what the list says, and what this browser's commands were answered, whichever is newer.
// A list may lag behind a command; a reservation's version tells. All tabs of the browser share them.

import {now} from "/assets/clock.js"
import {query} from "/assets/api.js"
import {read, write} from "/assets/visitor.js"

const STORED = "cinema.reservations"
const MOST_STORED = 100
const LISTED_WITHIN_MS = 60_000

export const isHeld = reservation => reservation.status === "Pending" && Date.parse(reservation.expiresAt) > now()
export const isLive = reservation => reservation.status === "Confirmed" || isHeld(reservation)
export const newestFirst = (one, other) => Date.parse(other.expiresAt) - Date.parse(one.expiresAt)

/** Tells of every change by a "change" event. */
export class MyReservations extends EventTarget {
  constructor(customerId) {
    super()
    this.customerId = customerId
    this.all = stored()
    addEventListener("storage", ({key}) => {
      if (key !== STORED) return
      this.all = stored()
      this.dispatchEvent(new Event("change"))
    })
  }

  ofShowtime(showtimeId) {
    return [...this.all.values()].filter(reservation => reservation.showtimeId === showtimeId)
  }

  /** The sequence of a showtime's stream that every answer has to have reached: nobody is shown less than they did. */
  sequenceOf(showtimeId) {
    return Math.max(0, ...this.ofShowtime(showtimeId).map(reservation => reservation.sequence))
  }

  /** Take in what a command was answered at once, and what the read side makes of it as soon as it has come that far. */
  record(answer, more = {}) {
    this.merge([{...answer, ...more, recordedAt: now()}])
    query(`/api/reservations/${answer.reservationId}`, {minSequence: answer.sequence}).then(
      reservation => this.merge([reservation]),
      () => {}, // the command's answer is enough until the next look
    )
  }

  /** Ask for the list, and for those that it lacks: it may lag behind, or there may be another cinema at this address by now. */
  async refresh() {
    const {reservations} = await query("/api/reservations", {parameters: {customer_id: this.customerId}})
    this.merge(reservations)
    const listed = new Set(reservations.map(reservation => reservation.reservationId))
    const missing = [...this.all.values()].filter(one => isLive(one) && !listed.has(one.reservationId))
    await Promise.all(missing.map(reservation => this.lookFor(reservation)))
  }

  async lookFor({reservationId, recordedAt = 0}) {
    try {
      this.merge([await query(`/api/reservations/${reservationId}`)])
    } catch (refusal) {
      if (refusal.status === 404 && now() - recordedAt > LISTED_WITHIN_MS) this.keep(all => all.delete(reservationId))
    }
  }

  /** Keep of each reservation what is newest. */
  merge(reservations) {
    this.keep(all => takeNewer(all, reservations))
  }

  /** Change what is known, for all tabs. */
  keep(change) {
    this.all = stored(this.all)
    change(this.all)
    const newest = [...this.all.values()].sort(newestFirst).slice(0, MOST_STORED)
    write(STORED, JSON.stringify(newest))
    this.dispatchEvent(new Event("change"))
  }
}

/** What all tabs know; of each reservation the newer of that and what this one knows. */
function stored(known = new Map()) {
  const all = new Map(known)
  takeNewer(all, parsed(read(STORED)))
  return all
}

function takeNewer(all, reservations) {
  for (const reservation of reservations) {
    const known = all.get(reservation.reservationId)
    if (!known || reservation.version >= known.version) all.set(reservation.reservationId, {...known, ...reservation})
  }
}

function parsed(text) {
  try {
    return JSON.parse(text) ?? []
  } catch {
    return []
  }
}
