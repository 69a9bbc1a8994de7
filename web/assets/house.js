// The open showtime: its seats as they change, and the choice of some of them.

import {announce, byId} from "/assets/elements.js"
import {capitalised, seatsNamed, when} from "/assets/words.js"
import {now} from "/assets/clock.js"
import {query} from "/assets/api.js"
import {SeatMap} from "/assets/seat_map.js"
import {REFUSAL_BELIEVED_MS, seatKey, ShowtimeSeats} from "/assets/showtime_seats.js"
import {ShowtimeWatch} from "/assets/showtime_watch.js"

const LOST_IS_SAID_AFTER_MS = 2000
const BEGUN_IS_SEEN_WITHIN_MS = 10_000

export class House {
  /** `mine` are the visitor's reservations; `changed` is called with what is known of the showtime when it changes, `back`
   * when a lost connection is there again. */
  constructor({mine, notices, changed, back}) {
    Object.assign(this, {mine, notices, changed, back})
    this.chosen = new Set()
    this.map = new SeatMap(byId("seat-map"), key => this.choose(key))
    mine.addEventListener("change", () => this.show())
    setInterval(() => this.show(), BEGUN_IS_SEEN_WITHIN_MS)
  }

  /** Show a showtime, and watch it until another one is opened. */
  async open(showtimeId) {
    this.close()
    this.opening = new AbortController()
    const {signal} = this.opening
    byId("house").setAttribute("aria-busy", "true")
    const delayed = () => this.notices.show("wait", {title: "The seats can't be had at the moment", text: "Trying again…"})
    try {
      const minSequence = this.mine.sequenceOf(showtimeId)
      const showtime = await query(`/api/showtimes/${showtimeId}`, {minSequence, delayed, signal, tireless: true})
      this.notices.clear()
      this.begin(showtime)
    } finally {
      if (!signal.aborted) byId("house").removeAttribute("aria-busy")
    }
  }

  close() {
    this.opening?.abort()
    this.watch?.close()
    clearTimeout(this.losing)
    this.seats = this.watch = null
    this.wasLive = this.lossSaid = this.unsettled = false
    byId("live").dataset.state = ""
    this.chosen.clear()
    this.notices.clear()
    for (const id of ["auditorium", "choice-bar", "live"]) byId(id).hidden = true
  }

  begin(showtime) {
    const {showtimeId} = showtime
    this.seats = new ShowtimeSeats(showtime, () => this.mine.ofShowtime(showtimeId))
    for (const id of ["auditorium", "choice-bar", "live"]) byId(id).hidden = false
    this.map.draw(showtime.seats)
    this.map.centre()
    this.turn(true, "Connecting…")
    this.show()
    this.watch = new ShowtimeWatch(showtimeId, {
      took: difference => this.take(difference),
      turned: lost => this.turn(lost),
    })
  }

  take(difference) {
    const cancelled = this.seats.facts.status !== "Cancelled" && difference.status === "Cancelled"
    if (this.seats.take(difference)) this.map.draw([...this.seats.seats.values()])
    if (cancelled) this.notices.show("bad", {title: "This showtime is cancelled", text: "It does not take place. Seats that were booked are given back."})
    this.show()
    if (this.concernsMine(difference)) this.mine.refresh().catch(() => {})
  }

  /** Whether something has become of the visitor's seats since: a hold may have ended, or another device have cancelled. */
  concernsMine({seats, toSequence}) {
    const changed = new Set(seats.map(seatKey))
    return this.mine.ofShowtime(this.seats.showtimeId)
      .filter(reservation => reservation.status !== "Cancelled" && reservation.sequence < toSequence)
      .some(reservation => reservation.seats.some(seat => changed.has(seatKey(seat))))
  }

  /** Whether the map is live is always seen, and heard once it is lost for some time. */
  turn(lost, text = "Connection lost. Connecting again…") {
    const place = byId("live")
    const before = place.dataset.state
    const after = lost ? "lost" : "live"
    byId("live-text").textContent = lost ? text : "Live"
    if (before === after) return
    place.dataset.state = after
    clearTimeout(this.losing)
    if (lost) {
      this.losing = setTimeout(() => {
        this.lossSaid = true
        announce(text)
      }, LOST_IS_SAID_AFTER_MS)
    } else {
      if (this.lossSaid) announce("Connected again. The seats are up to date.")
      if (this.wasLive) this.back()
      this.lossSaid = false
      this.wasLive = true
    }
  }

  get onSale() {
    const {status, screeningTime} = this.seats.facts
    return status === "Scheduled" && Date.parse(screeningTime) > now()
  }

  show() {
    if (!this.seats) return
    const states = this.seats.states()
    const lost = this.busy || this.unsettled ? [] : [...this.chosen].filter(key => states.get(key) !== "free")
    for (const key of lost) this.chosen.delete(key)
    this.map.paint(states, this.chosen)
    this.tellLost(lost.filter(key => ["held", "sold"].includes(states.get(key))))
    this.describe([...states.values()].filter(state => state === "free").length)
  }

  tellLost(keys) {
    if (!keys.length) return
    this.map.flash(keys)
    const seats = keys.map(key => this.seats.seats.get(key))
    const verb = seats.length === 1 ? "has" : "have"
    this.notices.show("bad", {title: `${capitalised(seatsNamed(seats))} ${verb} just been taken`, text: "Somebody else chose it faster. The others are as they were."})
  }

  describe(free) {
    const {movie, auditorium, status, screeningTime} = this.seats.facts
    document.title = `${movie.title}, ${when(screeningTime)} · Cinema`
    byId("house-heading").textContent = movie.title
    const sale = status === "Cancelled" ? "cancelled" : this.onSale ? `${free} of ${this.seats.total} seats free` : "has begun"
    byId("house-facts").textContent = `${when(screeningTime)} · ${auditorium.name} · ${sale}`
    const chosen = this.chosenSeats()
    byId("choice").textContent = chosen.length ? `Chosen: ${seatsNamed(chosen)}` : "Choose your seats, then hold them."
    byId("hold").textContent = chosen.length > 1 ? `Hold ${chosen.length} seats` : "Hold seat"
    byId("hold").setAttribute("aria-disabled", String(!chosen.length || Boolean(this.busy)))
    byId("choice-bar").hidden = !this.onSale
    const {seats: _, ...facts} = this.seats.facts
    this.changed({...facts, freeSeats: free, totalSeats: this.seats.total, sequence: this.seats.sequence})
  }

  chosenSeats() {
    return [...this.chosen].map(key => this.seats.seats.get(key)).map(({row, number}) => ({row, number})).sort((one, other) => one.row.localeCompare(other.row) || one.number - other.number)
  }

  choose(key) {
    if (this.busy || !this.onSale) return
    const state = this.seats.states().get(key)
    this.unsettled = false
    if (state !== "free") return announce(this.map.label(key))
    if (!this.chosen.delete(key)) this.chosen.add(key)
    this.notices.clear()
    this.show()
  }

  /** While a hold is under way, and while nobody knows what became of it, its seats may be taken by itself. */
  setBusy(busy, {unsettled = false} = {}) {
    this.busy = busy
    this.unsettled = unsettled
    byId("choice-bar").setAttribute("aria-busy", String(busy))
    this.show()
  }

  /** A command was refused these seats: they are somebody's at once, and stand out. */
  refused(seats) {
    this.seats.mark(seats)
    for (const seat of seats) this.chosen.delete(seatKey(seat))
    this.show()
    this.map.flash(seats.map(seatKey))
    setTimeout(() => this.show(), REFUSAL_BELIEVED_MS)
  }
}
