// The seat map as a grid for the pointer and the keyboard. One seat at a time is in the tab order; arrows go to the others.

import {element} from "/assets/elements.js"
import {seatKey} from "/assets/showtime_seats.js"

const FLASH_MS = 2500
const WORDS = {
  free: "free",
  chosen: "chosen",
  held: "held by others",
  sold: "sold",
  "yours-held": "held for you",
  yours: "booked by you",
}

export class SeatMap {
  /** `chose` is called with the key of a seat that was clicked, or chosen by Enter or Space. */
  constructor(grid, chose) {
    this.grid = grid
    this.rows = []
    this.cells = new Map()
    grid.addEventListener("click", event => {
      const cell = event.target.closest("[data-key]")
      if (!cell) return
      this.enter(cell)
      chose(cell.dataset.key)
    })
    grid.addEventListener("keydown", event => this.keyed(event, chose))
    grid.addEventListener("focusin", event => this.enter(event.target))
  }

  /** Draw these seats; who was on one of them stays there. */
  draw(seats) {
    const focused = this.grid.contains(document.activeElement) ? document.activeElement.dataset.key : null
    const rows = byRow(seats)
    this.cells = new Map(seats.map(seat => [seatKey(seat), this.cell(seat)]))
    this.rows = [...rows.values()].map(row => row.map(seat => this.cells.get(seatKey(seat))))
    this.grid.style.setProperty("--seats", Math.max(...this.rows.map(row => row.length)))
    this.grid.replaceChildren(...[...rows.keys()].map((row, index) => this.row(row, this.rows[index])))
    this.current = null
    if (focused) (this.cells.get(focused) ?? this.rows[0][0]).focus()
  }

  /** Show each seat's state, and those that are chosen. Elements stay, and so does the focus. */
  paint(states, chosen) {
    for (const [key, cell] of this.cells) {
      const state = chosen.has(key) ? "chosen" : states.get(key)
      if (cell.dataset.state === state) continue
      cell.dataset.state = state
      cell.setAttribute("aria-label", `Row ${cell.dataset.row} seat ${cell.dataset.number}, ${WORDS[state]}`)
      cell.setAttribute("aria-selected", String(state === "chosen"))
      cell.setAttribute("aria-disabled", String(state !== "free" && state !== "chosen"))
    }
    this.current ??= this.firstFree()
    if (this.current) this.current.tabIndex = 0
  }

  /** Where the hall is wider than the screen, its middle is shown first. */
  centre() {
    const scroller = this.grid.parentElement
    scroller.scrollLeft = (scroller.scrollWidth - scroller.clientWidth) / 2
  }

  label(key) {
    return this.cells.get(key).getAttribute("aria-label")
  }

  /** Make seats stand out for a moment. */
  flash(keys) {
    for (const cell of keys.map(key => this.cells.get(key)).filter(Boolean)) {
      clearTimeout(cell.flashing)
      cell.toggleAttribute("data-flash", true)
      cell.flashing = setTimeout(() => cell.toggleAttribute("data-flash", false), FLASH_MS)
    }
  }

  row(name, cells) {
    const letter = element("span", {class: "row-name", role: "rowheader"}, name)
    const mirrored = element("span", {class: "row-name", "aria-hidden": "true"}, name)
    return element("div", {class: "row", role: "row"}, letter, ...cells, mirrored)
  }

  cell({row, number}) {
    const about = {role: "gridcell", tabindex: "-1", "data-key": seatKey({row, number}), "data-row": row, "data-number": number}
    return element("span", {class: "seat", ...about})
  }

  enter(cell) {
    if (!cell.dataset.key) return
    if (this.current) this.current.tabIndex = -1
    this.current = cell
    cell.tabIndex = 0
    if (document.activeElement !== cell) cell.focus()
  }

  firstFree() {
    const cells = [...this.cells.values()]
    return cells.find(cell => cell.dataset.state === "free") ?? cells[0]
  }

  keyed(event, chose) {
    const cell = event.target.closest("[data-key]")
    if (!cell || event.altKey || event.metaKey) return
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault()
      if (!event.repeat) chose(cell.dataset.key)
      return
    }
    const next = this.neighbour(cell, event)
    if (!next) return
    event.preventDefault()
    next.focus()
    next.scrollIntoView({block: "nearest", inline: "nearest"})
  }

  /** Where a key leads. Rows are centred, so that up and down keep to what is straight ahead. */
  neighbour(cell, {key, ctrlKey}) {
    const y = this.rows.findIndex(row => row.includes(cell))
    const row = this.rows[y]
    const x = row.indexOf(cell)
    const ahead = other => other && other[Math.max(0, Math.min(other.length - 1, x + Math.round((other.length - row.length) / 2)))]
    const ways = {
      ArrowLeft: () => row[x - 1],
      ArrowRight: () => row[x + 1],
      ArrowUp: () => ahead(this.rows[y - 1]),
      ArrowDown: () => ahead(this.rows[y + 1]),
      Home: () => (ctrlKey ? this.rows[0][0] : row[0]),
      End: () => (ctrlKey ? this.rows.at(-1).at(-1) : row.at(-1)),
    }
    return ways[key]?.()
  }
}

function byRow(seats) {
  const rows = new Map()
  for (const seat of seats) rows.set(seat.row, [...(rows.get(seat.row) ?? []), seat])
  return rows
}
