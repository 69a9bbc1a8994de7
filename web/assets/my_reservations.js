// The visitor's reservations: what the list says, and what this browser's commands were answered, whichever is newer.
// A list may lag behind a command; a reservation's version tells. All tabs of the browser share them.

import {now} from "/assets/clock.js"
import {query} from "/assets/api.js"
import {read, write} from "/assets/visitor.js"

const STORED = "cinema.reservations"
const MOST_STORED = 100

export const isHeld = reservation => reservation.status === "Pending" && Date.parse(reservation.expiresAt) > now()
export const isLive = reservation => reservation.status === "Confirmed" || isHeld(reservation)

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

  /** Take in what a command was answered, and then what the read side makes of it: it knows the film and the hall. */
  async record(answer, more = {}) {
    this.merge([{...answer, ...more}])
    const path = `/api/reservations/${answer.reservationId}`
    this.merge([await query(path, {minSequence: answer.sequence})])
  }

  /** Ask for the list. */
  async refresh() {
    const {reservations} = await query("/api/reservations", {parameters: {customer_id: this.customerId}})
    this.merge(reservations)
  }

  /** Keep of each reservation what is newest. */
  merge(reservations) {
    this.all = stored(this.all)
    for (const reservation of reservations) {
      const known = this.all.get(reservation.reservationId)
      if (!known || reservation.version >= known.version) {
        this.all.set(reservation.reservationId, {...known, ...reservation})
      }
    }
    const newest = [...this.all.values()].sort(newestFirst).slice(0, MOST_STORED)
    write(STORED, JSON.stringify(newest))
    this.dispatchEvent(new Event("change"))
  }
}

/** What all tabs know; of each reservation the newer of that and what this one knows. */
function stored(known = new Map()) {
  const all = new Map(known)
  for (const reservation of parsed(read(STORED))) {
    const own = all.get(reservation.reservationId)
    if (!own || reservation.version >= own.version) all.set(reservation.reservationId, {...own, ...reservation})
  }
  return all
}

function parsed(text) {
  try {
    return JSON.parse(text) ?? []
  } catch {
    return []
  }
}

const newestFirst = (one, other) => Date.parse(other.expiresAt) - Date.parse(one.expiresAt)
