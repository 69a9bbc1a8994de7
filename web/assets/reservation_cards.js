// The visitor's reservations as cards: what is held counts down, what is over is folded away.

import {announce, byId, element} from "/assets/elements.js"
import {counted, countdown, seatNames, when} from "/assets/words.js"
import {isHeld, isLive, newestFirst} from "/assets/my_reservations.js"
import {now} from "/assets/clock.js"

const WARNING_MS = 60_000

export class ReservationCards {
  /** `act` is called with what a button says ("confirm", "cancel") and the reservation. `ended` is called when a hold ends. */
  constructor(place, {mine, act, open, ended}) {
    Object.assign(this, {place, mine, act, open, ended})
    this.busy = new Set()
    this.warned = new Set()
    mine.addEventListener("change", () => this.draw())
    setInterval(() => this.tick(), 250)
    this.draw()
  }

  draw() {
    const focused = this.place.contains(document.activeElement) ? document.activeElement.dataset.focus : null
    const all = [...this.mine.all.values()].filter(reservation => reservation.movieTitle || isLive(reservation))
    const newest = all.sort(newestFirst)
    const live = newest.filter(isStillToCome).sort((one, other) => isHeld(other) - isHeld(one))
    const over = newest.filter(reservation => !isStillToCome(reservation))
    const open = this.place.querySelector("details")?.open ?? false
    this.held = new Set(live.filter(isHeld).map(reservation => reservation.reservationId))
    this.place.replaceChildren(
      ...(live.length ? [list(live.map(reservation => this.card(reservation)))] : [element("p", {class: "faint"}, "None yet. Seats that you hold or book are shown here.")]),
      ...(over.length ? [element("details", {open}, element("summary", {"data-focus": "over"}, `Over, ended and cancelled: ${over.length}`), list(over.map(reservation => this.card(reservation))))] : []),
    )
    this.tick()
    if (focused) this.focus(focused)
  }

  /** Put the focus on a card's button, on the card's heading if the button is gone, or on that of all if the card is folded away. */
  focus(name) {
    const [reservationId] = name.split(" ")
    const places = [name, reservationId].map(place => this.place.querySelector(`[data-focus="${place}"]`))
    const found = [...places, byId("mine-heading")].find(place => place?.checkVisibility())
    found.focus()
  }

  setBusy(reservationId, busy) {
    this.busy[busy ? "add" : "delete"](reservationId)
    this.draw()
  }

  card(reservation) {
    const {reservationId, movieTitle, auditoriumName, screeningTime, seats} = reservation
    const state = stateOf(reservation)
    const place = screeningTime ? `${when(screeningTime)} · ${auditoriumName}` : ""
    return element(
      "article", {class: "ticket", "data-state": state, "data-reservation": reservationId, "aria-busy": this.busy.has(reservationId) ? "true" : null},
      element("p", {class: "stamp"}, STATE_WORDS[state]),
      element("h3", {tabindex: "-1", "data-focus": reservationId}, movieTitle ?? "…"),
      element("p", {}, place),
      element("p", {class: "ticket-seats"}, `${seats.length === 1 ? "Seat" : "Seats"} ${seatNames(seats)}`),
      ...(state === "held" ? [timer(reservation)] : []),
      element("div", {class: "buttons"}, ...this.buttons(reservation, state)),
    )
  }

  buttons(reservation, state) {
    const {reservationId, showtimeId, seats} = reservation
    const button = (word, text, more = {}) =>
      element("button", {type: "button", "data-focus": `${reservationId} ${word}`, "aria-label": `${text}: ${seatNames(seats)}`, ...more, click: () => this.act(word, reservation)}, text)
    const show = element("button", {type: "button", class: "quiet", "data-focus": `${reservationId} show`, "aria-label": `Show seats: ${seatNames(seats)}`, click: () => this.open(showtimeId)}, "Show seats")
    if (state === "held") return [button("confirm", "Confirm", {class: "primary"}), button("cancel", "Give back"), show]
    if (state === "booked") return [button("cancel", "Cancel booking"), show]
    return state === "ended" ? [show] : []
  }

  /** Once in a while: what a hold has left. Its end is told once. */
  tick() {
    let anyEnded = false
    for (const place of this.place.querySelectorAll("[data-ends]")) {
      const left = Number(place.dataset.ends) - now()
      const text = countdown(left)
      const shown = place.querySelector(".left")
      if (shown.textContent !== text) shown.textContent = text
      place.querySelector("progress").value = Math.max(0, left)
      place.toggleAttribute("data-soon", left < WARNING_MS)
      const {id} = place.dataset
      if (left < WARNING_MS && left > 0 && !this.warned.has(id)) {
        this.warned.add(id)
        announce(`One minute left to confirm ${place.dataset.seats}`)
      }
      if (left <= 0 && this.held.delete(id)) anyEnded = true
    }
    if (anyEnded) {
      announce("A hold has ended. Its seats are free again in a moment.")
      this.draw()
      this.ended()
    }
  }
}

const STATE_WORDS = {held: "Held", booked: "Booked", ended: "Hold ended", let: "No longer held", cancelled: "Cancelled", over: "Over"}

/** `let`: held, and let go without having been booked, by the visitor or by the clock. */
function stateOf(reservation) {
  if (reservation.status === "Cancelled") return reservation.version > 2 ? "cancelled" : "let"
  if (reservation.status === "Pending") return isHeld(reservation) ? "held" : "ended"
  return Date.parse(reservation.screeningTime) > now() || !reservation.screeningTime ? "booked" : "over"
}

const isStillToCome = reservation => ["held", "booked"].includes(stateOf(reservation))

const list = cards => element("ul", {class: "tickets"}, ...cards.map(card => element("li", {}, card)))

function timer({reservationId, expiresAt, holdMs, seats}) {
  const ends = Date.parse(expiresAt)
  return element(
    "div", {class: "timer", "data-ends": ends, "data-id": reservationId, "data-seats": seatNames(seats)},
    element("p", {}, "Kept for you for another ", element("span", {class: "left", role: "timer"})),
    element("progress", {max: holdMs ?? Math.max(1, ends - now()), "aria-label": `Time left of ${counted(seats.length, "seat")}`}),
  )
}
