// A showtime's differences, for as long as anybody looks. A stream that ends is taken up where it ended.

const SILENCE_MS = 40_000 // the server says something each 15 s
const PAUSES_MS = [500, 1000, 2000, 4000, 8000]

export class ShowtimeWatch {
  /** `took` is called with each difference, `turned` with true when the stream is lost and with false when it is there. */
  constructor(showtimeId, {took, turned}) {
    this.path = `/api/showtimes/${showtimeId}/watch`
    this.took = took
    this.turned = turned
    this.sequence = 0
    this.layoutVersion = 0
    this.failures = 0
    this.seen = () => (document.hidden ? this.pause() : this.open())
    // A browser has few connections to a server: a page that nobody sees needs none.
    document.addEventListener("visibilitychange", this.seen)
    this.seen()
  }

  close() {
    document.removeEventListener("visibilitychange", this.seen)
    this.pause()
  }

  pause() {
    clearTimeout(this.later)
    clearTimeout(this.silence)
    this.source?.close()
  }

  open() {
    this.pause()
    const from = this.sequence ? `?after_sequence=${this.sequence}&layout_version=${this.layoutVersion}` : ""
    this.source = new EventSource(this.path + from)
    this.source.onmessage = event => this.read(JSON.parse(event.data))
    this.source.onerror = () => this.failed()
    this.listen()
  }

  read(difference) {
    if (difference.toSequence === undefined) return // the server says why it ends the stream
    this.failures = 0
    this.listen()
    this.turned(false)
    const otherLayout = this.layoutVersion && this.layoutVersion !== difference.layoutVersion
    if (otherLayout && difference.fromSequence !== 0) return this.anew()
    this.sequence = difference.toSequence
    this.layoutVersion = difference.layoutVersion
    this.took(difference)
  }

  /** The browser connects again by itself, unless it was refused. */
  failed() {
    this.turned(true)
    if (this.source.readyState === EventSource.CLOSED) this.openLater()
  }

  openLater() {
    this.pause()
    const pause = PAUSES_MS[Math.min(this.failures++, PAUSES_MS.length - 1)]
    this.later = setTimeout(() => this.open(), pause * (0.75 + Math.random() / 2))
  }

  anew() {
    this.sequence = 0
    this.open()
  }

  /** A connection can be dead without anybody being told. */
  listen() {
    clearTimeout(this.silence)
    this.silence = setTimeout(() => {
      this.turned(true)
      this.openLater()
    }, SILENCE_MS)
  }
}
