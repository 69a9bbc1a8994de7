// Dead letters: what is refused, why, and letting it go. Rows stay where they are while they are the same, so that focus does.

import {announce, byId, element} from "/assets/elements.js"
import {ask} from "/assets/operations_client.js"
import {mark, tell} from "/assets/operations_drawing.js"
import {age, counted, eventName, number, time} from "/assets/operations_words.js"

const PATH = "/api/ops/dead-letters"
const PAGE = 50
const MOST = 200
const COLUMNS = ["Sink", "Stream", "Refused event", "Why", "Held for", "Waiting", "Let it go"]

const GONE = {
  "domain-events": "Consumers of the hub never see it. The view gets it from EventLog once a later event of the showtime was projected.",
  reporting: "It is in no figure and not in EventLog, so that a rebuilt view lacks it too.",
  reservations: "Consumers of the hub never see it.",
}

/** The table, and the question before a discard. `changed` is called when something was let go. */
export class DeadLetters {
  constructor({place, notice, count, changed}) {
    Object.assign(this, {place, notice, count, changed})
    this.limit = PAGE
    this.rows = new Map()
    this.body = element("tbody", {role: "rowgroup"})
    this.table = element(
      "table",
      {class: "letters", role: "table"},
      element("caption", {class: "unseen"}, "Dead letters"),
      element("thead", {role: "rowgroup"}, element("tr", {role: "row"}, ...COLUMNS.map(column => element("th", {scope: "col", role: "columnheader"}, column)))),
      this.body,
    )
    this.none = element("p", {class: "none"}, "None: no sink refuses anything.")
    this.more = element("button", {type: "button", hidden: true, click: () => this.showMore()}, "Show more")
    this.rest = element("p", {class: "faint", hidden: true}, `These are the first ${MOST}. cinema dead-letters list tells all of them.`)
    place.append(this.none, this.table, this.more, this.rest)
    this.question = new DiscardQuestion(letter => this.discard(letter))
    this.show({deadLetters: [], nextAfter: null}, new Date().toISOString())
  }

  /** Asks for them, if a look says that there are any, or if some are shown. */
  async look(pipeline) {
    const held = pipeline.sinks.reduce((sum, sink) => sum + sink.holds.count, 0)
    const exact = pipeline.sinks.every(sink => sink.holds.exact)
    tell(this.count, exact ? number(held) : `≥ ${number(held)}`)
    this.count.hidden = !held
    if (!held && !this.rows.size) return
    this.show(await ask(`${PATH}?limit=${this.limit}`), pipeline.at)
  }

  show({deadLetters, nextAfter}, at) {
    const focused = this.body.contains(document.activeElement)
    const ids = new Set(deadLetters.map(letter => letter.id))
    for (const [id, row] of this.rows) {
      if (!ids.has(id)) {
        row.node.remove()
        this.rows.delete(id)
        announce(`Dead letter ${id} is gone: its stream flows again.`)
      }
    }
    for (const letter of deadLetters) this.rowOf(letter).show(letter, at)
    this.none.hidden = deadLetters.length > 0
    this.table.hidden = deadLetters.length === 0
    this.more.hidden = nextAfter === null || this.limit >= MOST
    this.rest.hidden = nextAfter === null || this.limit < MOST
    if (focused && !this.body.contains(document.activeElement)) byId("dead-letters-heading").focus()
  }

  rowOf(letter) {
    if (!this.rows.has(letter.id)) {
      const row = new LetterRow({redrive: one => this.redrive(one), discard: one => this.question.ask(one)})
      this.rows.set(letter.id, row)
      this.body.append(row.node)
    }
    return this.rows.get(letter.id)
  }

  showMore() {
    this.limit = Math.min(this.limit + PAGE, MOST)
    this.changed()
  }

  async redrive(letter) {
    await this.doing(async () => {
      const held = await ask(`${PATH}/${letter.id}/redrive`, {method: "POST", body: {}})
      this.say("good", `${letter.sink} goes on with ${held.streamId} from #${held.sequence}: ${counted(held.waiting, "message")} to be carried.`)
    }, letter)
  }

  async discard(letter) {
    await this.doing(async () => {
      const gap = await ask(`${PATH}/${letter.id}/discard`, {method: "POST", body: {eventId: letter.eventId}})
      this.say("good", `Left out for ${gap.sink}: event ${gap.eventId}, ${gap.streamId} #${gap.sequence}. What waited behind it follows.`)
    }, letter)
  }

  async doing(act, letter) {
    try {
      await act()
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal
      this.say("bad", refusedWords(refusal, letter))
    }
    this.changed()
  }

  say(kind, text) {
    this.notice.dataset.kind = kind
    this.notice.textContent = text
  }
}

function refusedWords({status, type, title, detail}, letter) {
  if (type === "/problems/dead-letter-changed") return `Nothing was discarded: dead letter ${letter.id} is about another event by now. ${detail}. Look at it again.`
  if (type === "/problems/dead-letter-resumed") return `Nothing was discarded: dead letter ${letter.id} was redriven, so that its event may be on its way.`
  if (status === 404) return `Dead letter ${letter.id} is gone: its stream flows again.`
  return `${title}. ${detail}`
}

class LetterRow {
  constructor({redrive, discard}) {
    this.stream = element("td", {...cell("Stream"), class: "id"})
    this.sink = element("th", {scope: "row", role: "rowheader", "data-label": "Sink"})
    this.event = element("td", cell("Refused event"))
    this.reason = element("td", {...cell("Why"), class: "reason"})
    this.since = element("td", {...cell("Held for"), class: "figure"})
    this.waiting = element("td", {...cell("Waiting"), class: "figure"})
    this.state = element("span", {class: "resumed"}, "redriven, being carried")
    this.redrive = element("button", {type: "button", click: () => redrive(this.letter)}, "Redrive")
    this.discard = element("button", {type: "button", class: "danger", click: () => discard(this.letter)}, "Discard…")
    const acts = element("td", {...cell("Let it go"), class: "acts"}, this.state, this.redrive, this.discard)
    this.node = element("tr", {role: "row"}, this.sink, this.stream, this.event, this.reason, this.since, this.waiting, acts)
  }

  show(letter, at) {
    const before = this.letter
    this.letter = letter
    tell(this.since, age((Date.parse(at) - Date.parse(letter.heldAt)) / 1000))
    mark(this.since, "title", `since ${time(letter.heldAt)}`)
    tell(this.waiting, number(letter.waiting))
    mark(this.node, "data-state", letter.state)
    this.state.hidden = letter.state !== "Resumed"
    this.discard.hidden = letter.state === "Resumed"
    if (before?.eventId === letter.eventId && before.reason === letter.reason) return
    mark(this.node, "data-letter", String(letter.id))
    tell(this.sink, letter.sink)
    this.stream.replaceChildren(element("span", {}, element("code", {}, letter.streamId), ` #${letter.sequence}`))
    this.event.replaceChildren(element("span", {}, eventName(letter.type), element("br"), element("code", {}, letter.eventId), ...traceLink(letter)))
    tell(this.reason, letter.reason)
    mark(this.redrive, "aria-label", `Redrive dead letter ${letter.id}`)
    mark(this.discard, "aria-label", `Discard dead letter ${letter.id}…`)
  }
}

const cell = label => ({role: "cell", "data-label": label})

function traceLink({aggregateType, aggregateId}) {
  if (aggregateType !== "Reservation") return []
  return [element("br"), element("a", {href: `#trace=${aggregateId}`}, "where is this reservation?")]
}

/** Asks before an event is left out, and names it. The way back is the first button. */
class DiscardQuestion {
  constructor(discard) {
    this.dialog = byId("discard")
    byId("discard-no").addEventListener("click", () => this.dialog.close())
    byId("discard-yes").addEventListener("click", () => {
      this.dialog.close()
      discard(this.letter)
    })
  }

  ask(letter) {
    this.letter = letter
    byId("discard-text").replaceChildren(
      element("p", {}, `The sink ${letter.sink} will never get event `, element("code", {}, letter.eventId), ` (${eventName(letter.type)}), number ${letter.sequence} of `, element("code", {}, letter.streamId), "."),
      element("p", {}, `${GONE[letter.sink] ?? ""} What waits behind it follows. This can't be undone.`),
    )
    this.dialog.showModal()
    byId("discard-no").focus()
  }
}
