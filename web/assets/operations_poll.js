// When to look again: each second, seldom while nobody sees the page, more and more seldom while there is no answer.

const SEEN_MS = 1_000
const HIDDEN_MS = 15_000
const LONGEST_MS = 15_000

/** Looks again and again, one look at a time. `answered` gets what `look` gives, `refused` what it throws. */
export class Poll {
  constructor({look, answered, refused}) {
    Object.assign(this, {look, answered, refused})
    this.failures = 0
    this.paused = false
    this.looking = false
    this.timer = null
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && !this.paused && this.now())
  }

  /** Look at once, unless a look is under way. */
  async now() {
    if (this.looking) return
    clearTimeout(this.timer)
    this.looking = true
    let atLeast = 0
    try {
      const found = await this.look()
      this.failures = 0
      this.answered(found)
    } catch (error) {
      if (error.status === undefined) throw error
      this.failures += 1
      atLeast = 1000 * error.retryAfter
      this.refused(error)
    } finally {
      this.looking = false
      this.timer = setTimeout(() => this.paused || this.now(), Math.max(this.pause, atLeast))
    }
  }

  get pause() {
    const own = document.visibilityState === "visible" ? SEEN_MS : HIDDEN_MS
    return Math.max(own, this.failures ? Math.min(SEEN_MS * 2 ** this.failures, LONGEST_MS) : 0)
  }

  setPaused(paused) {
    this.paused = paused
    if (!paused) this.now()
  }
}
