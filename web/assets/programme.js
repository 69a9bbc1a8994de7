// What is shown when, by the viewer's days. The list goes on from now, so that no zone but the viewer's matters.

import {clock, dayName, dayOf} from "/assets/words.js"
import {element} from "/assets/elements.js"
import {now} from "/assets/clock.js"
import {query} from "/assets/api.js"

const PAGE = 200
const DAYS_AT_FIRST = 7
const TONES = 6

export class Programme {
  /** `mine` are the visitor's reservations, `open` is called with the id of a showtime that was clicked. */
  constructor({days, films, mine, open}) {
    Object.assign(this, {daysPlace: days, filmsPlace: films, mine, open})
    this.showtimes = new Map()
    this.token = ""
  }

  /** Ask anew for what comes from now on, as far as it was asked for before. */
  load(delayed) {
    this.loading ??= this.ask(delayed).finally(() => (this.loading = null))
    return this.loading
  }

  async ask(delayed) {
    const wanted = Math.max(this.showtimes.size, 1)
    const found = []
    this.token = ""
    do found.push(...(await this.page(delayed)))
    while (this.token && (found.length < wanted || dayOf(found.at(-1).screeningTime) <= this.today()))
    this.showtimes = new Map(found.map(showtime => [showtime.showtimeId, showtime]))
    this.isLoaded = true
    this.draw()
  }

  async more() {
    for (const showtime of await this.page()) this.showtimes.set(showtime.showtimeId, showtime)
    this.draw()
  }

  async page(delayed) {
    const parameters = {page_size: PAGE, ...(this.token && {page_token: this.token})}
    const {showtimes, nextPageToken} = await query("/api/showtimes", {parameters, delayed, tireless: true})
    this.token = nextPageToken
    return showtimes.map(showtime => {
      const minSequence = this.mine.sequenceOf(showtime.showtimeId)
      if (showtime.sequence >= minSequence) return showtime
      this.catchUp(showtime.showtimeId, minSequence)
      return {...showtime, freeSeats: null}
    })
  }

  /** A list may lag behind what the visitor has done; a single showtime can be waited for. Until then nothing is said of its seats. */
  async catchUp(showtimeId, minSequence) {
    const {seats: _, ...facts} = await query(`/api/showtimes/${showtimeId}`, {minSequence, tireless: true})
    this.tell(facts)
  }

  /** What the open seat map knows of its showtime is newer than the list. */
  tell(facts) {
    const listed = this.showtimes.get(facts.showtimeId)
    if (!listed) return
    const changed = ["freeSeats", "status", "screeningTime"].some(name => listed[name] !== facts[name])
    Object.assign(listed, facts)
    if (changed) this.draw()
  }

  select(showtimeId) {
    this.selected = showtimeId
    const showtime = this.showtimes.get(showtimeId)
    if (showtime) this.chosenDay = dayOf(showtime.screeningTime)
    this.draw()
  }

  today() {
    return dayOf(now())
  }

  days() {
    const found = new Set([...this.showtimes.values()].map(showtime => dayOf(showtime.screeningTime)))
    return [...new Set([this.today(), ...[...found].sort()])]
  }

  draw() {
    if (!this.isLoaded) return
    const days = this.days()
    const withFilms = days.find(day => this.of(day).length) ?? days[0]
    this.day = days.includes(this.chosenDay) ? this.chosenDay : withFilms
    this.keepingFocus(() => {
      this.daysPlace.replaceChildren(...days.slice(0, DAYS_AT_FIRST).map(day => this.dayButton(day)), ...this.laterDays(days))
      this.filmsPlace.replaceChildren(...this.filmCards(days))
    })
    this.filmsPlace.removeAttribute("aria-busy")
  }

  of(day) {
    return [...this.showtimes.values()].filter(showtime => dayOf(showtime.screeningTime) === day)
  }

  dayButton(day) {
    const choose = () => {
      this.chosenDay = day
      this.draw()
    }
    const about = {type: "button", class: "day", "aria-pressed": String(day === this.day), "data-focus": day}
    return element("button", {...about, click: choose}, dayName(day, this.today()))
  }

  laterDays(days) {
    const rest = days.slice(DAYS_AT_FIRST)
    const options = rest.map(day => element("option", {value: day, selected: day === this.day}, dayName(day, this.today())))
    const choose = event => {
      this.chosenDay = event.target.value || this.day
      this.draw()
    }
    const first = element("option", {value: ""}, "Later…")
    const select = element("select", {"aria-label": "Later days", "data-focus": "later", change: choose}, first, ...options)
    const more = element("button", {type: "button", class: "day", click: () => this.more()}, "Show more")
    return [...(rest.length ? [select] : []), ...(this.token ? [more] : [])]
  }

  filmCards(days) {
    const films = new Map()
    for (const showtime of this.of(this.day)) {
      const {movieId} = showtime.movie
      films.set(movieId, [...(films.get(movieId) ?? []), showtime])
    }
    if (films.size) return [...films.values()].map(showtimes => this.filmCard(showtimes))
    const next = days.find(day => this.of(day).length)
    const rest = next ? `Next: ${dayName(next, this.today())}.` : "None are on sale."
    return [element("p", {class: "faint"}, `No more showtimes today. ${rest}`)]
  }

  filmCard(showtimes) {
    const {movieId, title, runtimeMinutes} = showtimes[0].movie
    const tone = [...movieId].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % TONES
    const heading = element("h2", {class: "film-title"}, title)
    const facts = element("p", {class: "faint"}, `${runtimeMinutes} min`)
    const times = element("ul", {class: "times"}, ...showtimes.map(showtime => element("li", {}, this.time(showtime))))
    return element("article", {class: "film", "data-tone": tone}, heading, facts, times)
  }

  time(showtime) {
    const {showtimeId, screeningTime, auditorium, status, freeSeats, totalSeats} = showtime
    const cancelled = status === "Cancelled"
    const room = cancelled ? "cancelled" : freeSeats === 0 ? "sold out" : `${freeSeats ?? "…"} free`
    const few = freeSeats !== null && freeSeats <= totalSeats / 5
    const state = cancelled || freeSeats === 0 ? "closed" : few ? "few" : "open"
    const about = {class: "time", href: `?showtime=${showtimeId}`, "data-state": state, "data-focus": showtimeId}
    const current = showtimeId === this.selected ? "true" : null
    const go = event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return
      event.preventDefault()
      this.open(showtimeId)
    }
    return element(
      "a", {...about, "aria-current": current, click: go},
      element("span", {class: "hour"}, clock(screeningTime)), " ",
      element("span", {class: "hall"}, auditorium.name), " ",
      element("span", {class: "room"}, room),
    )
  }

  keepingFocus(draw) {
    const focused = document.activeElement?.dataset.focus
    draw()
    if (focused) document.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({preventScroll: true})
  }
}
