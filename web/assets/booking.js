// The booking page: what is on, the seats of one showtime, and the visitor's reservations.

import {byId, element} from "/assets/elements.js"
import {capitalised, seatsNamed, zone} from "/assets/words.js"
import {Command} from "/assets/api.js"
import {customerId} from "/assets/visitor.js"
import {House} from "/assets/house.js"
import {inWords} from "/assets/refusals.js"
import {MyReservations} from "/assets/my_reservations.js"
import {Notices} from "/assets/notices.js"
import {now} from "/assets/clock.js"
import {Programme} from "/assets/programme.js"
import {ReservationCards} from "/assets/reservation_cards.js"

const WAITING = {title: "No answer yet", text: "The same request is sent again, so that nothing is done twice."}

const customer = customerId()
const mine = new MyReservations(customer)
const houseNotices = new Notices(byId("house-notice"))
const mineNotices = new Notices(byId("mine-notice"))
const programme = new Programme({days: byId("days"), films: byId("films"), mine, open: visit})
const house = new House({mine, notices: houseNotices, changed: facts => programme.tell(facts), back: () => refresh()})
const cards = new ReservationCards(byId("mine"), {mine, act, open: visit, ended: () => refresh()})

const showtimeInAddress = () => new URLSearchParams(location.search).get("showtime")

function visit(showtimeId) {
  if (showtimeInAddress() !== showtimeId) history.pushState(null, "", `?showtime=${showtimeId}`)
  return show({focus: true})
}

/** Show the showtime that the address names. */
async function show({focus = false} = {}) {
  const showtimeId = showtimeInAddress()
  programme.select(showtimeId)
  if (!showtimeId) return house.close()
  try {
    await house.open(showtimeId)
    if (focus) byId("house-heading").focus()
  } catch (refusal) {
    if (refusal.name === "AbortError") return
    houseNotices.show("bad", {...inWords(refusal), again: () => show({focus})})
  }
}

/** Send a command until there is an answer to it, and say what becomes of it. */
async function carryOut(command, {notices, done, refused = () => {}, busy}) {
  busy(true)
  try {
    const answer = await command.send(() => notices.show("wait", WAITING))
    notices.clear()
    await done(answer)
    busy(false)
  } catch (refusal) {
    const {title, text, again} = inWords(refusal)
    busy(false, {unsettled: again})
    notices.show("bad", {title, text, again: again && (() => carryOut(command, {notices, done, refused, busy}))})
    refused(refusal)
  }
}

function hold() {
  const seats = house.chosenSeats()
  if (!seats.length || house.busy) return
  const {showtimeId} = house.seats
  const {movie, auditorium, screeningTime} = house.seats.facts
  const command = new Command("/api/reservations", {showtimeId, customerId: customer, seats})
  carryOut(command, {
    notices: houseNotices,
    busy: (...how) => house.setBusy(...how),
    refused: refusal => refusal.seats.length && house.seats?.showtimeId === showtimeId && house.refused(refusal.seats),
    done: answer => {
      const shown = {movieTitle: movie.title, auditoriumName: auditorium.name, screeningTime}
      mine.record(answer, {...shown, holdMs: Date.parse(answer.expiresAt) - now()})
      houseNotices.show("good", {title: `${capitalised(seatsNamed(seats))} held for you`, text: "Confirm in time, under “Your reservations”."})
      cards.focus(`${answer.reservationId} confirm`)
    },
  })
}

const ACTS = {
  confirm: {title: "is booked", many: "are booked", text: "Enjoy the film."},
  cancel: {title: "is free again", many: "are free again", text: ""},
}

async function act(word, reservation) {
  const {reservationId, status, seats} = reservation
  if (cards.busy.has(reservationId)) return
  if (word === "cancel" && status === "Confirmed" && !(await agreed(seats))) return
  carryOut(new Command(`/api/reservations/${reservationId}/${word}`), {
    notices: mineNotices,
    busy: busy => cards.setBusy(reservationId, busy),
    refused: () => refresh(),
    done: answer => {
      mine.record(answer)
      const {title, many, text} = ACTS[word]
      mineNotices.show("good", {title: `${capitalised(seatsNamed(seats))} ${seats.length === 1 ? title : many}`, text})
      houseNotices.clear()
      cards.focus(reservationId)
    },
  })
}

/** Ask before sold seats are given back. */
function agreed(seats) {
  const question = byId("question")
  byId("question-text").textContent = `Give ${seatsNamed(seats)} back? Somebody else can take ${seats.length === 1 ? "it" : "them"} at once.`
  question.returnValue = ""
  question.showModal()
  return new Promise(resolve => question.addEventListener("close", () => resolve(question.returnValue === "yes"), {once: true}))
}

/** Bring what no stream tells up to date. */
async function refresh() {
  await Promise.allSettled([mine.refresh(), programme.load()])
}

async function begin() {
  byId("visitor").append("You are ", element("code", {title: customer}, customer.slice(0, 8)), ", a number that this browser keeps: sign-in is not built.")
  byId("zone").textContent = `Times are those of ${zone()}, your device’s zone.`
  byId("hold").addEventListener("click", hold)
  byId("question-yes").addEventListener("click", () => byId("question").close("yes"))
  byId("question-no").addEventListener("click", () => byId("question").close("no"))
  // The skip link is a step in the history too: the seats stay as they are.
  addEventListener("popstate", () => showtimeInAddress() === programme.selected || show())
  document.addEventListener("visibilitychange", () => document.hidden || refresh())
  await Promise.allSettled([show(), loadProgramme(), mine.refresh()])
}

async function loadProgramme() {
  const place = new Notices(byId("films"))
  const waiting = {title: "The showtimes can't be had at the moment", text: "Trying again…"}
  try {
    await programme.load(() => place.show("wait", waiting))
    programme.select(showtimeInAddress())
  } catch (refusal) {
    place.show("bad", {...inWords(refusal), again: loadProgramme})
  }
}

begin()
