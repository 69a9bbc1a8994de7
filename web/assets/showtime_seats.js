// The seats of one showtime, as this visitor is to see them: the server's map, and what the visitor's own commands were
// answered where the map has not come that far.

import {isLive} from "/assets/my_reservations.js"

export const REFUSAL_BELIEVED_MS = 10_000 // by then the map has long told what became of the seat

export const seatKey = ({row, number}) => `${row}-${number}`

const STATES = {Free: "free", Held: "held", Sold: "sold"}

export class ShowtimeSeats {
  /** Begins with an answer of GetShowtime. `mine` answers the visitor's reservations of this showtime. */
  constructor(showtime, mine) {
    this.showtimeId = showtime.showtimeId
    this.mine = mine
    this.taken = new Map()
    this.facts = showtime
    this.sequence = showtime.sequence
    this.replace(showtime.seats)
  }

  get total() {
    return this.seats.size
  }

  /** Take a difference in; answers whether the hall has other seats now. One that is older than the map changes nothing. */
  take(difference) {
    if (difference.toSequence < this.sequence) return false
    this.sequence = difference.toSequence
    this.facts = {...this.facts, status: difference.status, screeningTime: difference.screeningTime}
    for (const seat of difference.seats) this.taken.delete(seatKey(seat))
    if (difference.fromSequence === 0) return this.replace(difference.seats)
    for (const seat of difference.seats) this.seats.set(seatKey(seat), seat)
    return false
  }

  /** Seats that a command was refused are somebody's, whatever the map says as yet. */
  mark(seats) {
    for (const seat of seats) this.taken.set(seatKey(seat), Date.now() + REFUSAL_BELIEVED_MS)
  }

  /** Each seat's state by its key: free, held, sold, yours-held or yours. */
  states() {
    const states = new Map()
    for (const [key, seat] of this.seats) states.set(key, this.refusedLately(key) ? "held" : STATES[seat.status])
    const inOrder = this.mine().sort((one, other) => one.sequence - other.sequence)
    for (const reservation of inOrder) {
      const ahead = reservation.sequence > this.sequence
      for (const key of reservation.seats.map(seatKey)) {
        const state = this.stateWithin(reservation, states.get(key), ahead)
        if (state && states.has(key)) states.set(key, state)
      }
    }
    return states
  }

  /** What one of the visitor's reservations says of a seat; nothing, if the map knows better. */
  stateWithin(reservation, shown, ahead) {
    if (!isLive(reservation)) return ahead && reservation.status === "Cancelled" ? "free" : null
    if (shown === "free" && !ahead) return null
    return reservation.status === "Confirmed" ? "yours" : "yours-held"
  }

  refusedLately(key) {
    return this.seats.get(key).status === "Free" && this.taken.get(key) > Date.now()
  }

  /** The whole map; answers whether it has other seats than before. */
  replace(seats) {
    const before = this.seats && [...this.seats.keys()].join()
    this.seats = new Map(seats.map(seat => [seatKey(seat), seat]))
    return before !== [...this.seats.keys()].join()
  }
}
