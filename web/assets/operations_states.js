// How each station is, told from one look and what was seen before it. docs/operations.md has the same thresholds and reasons.

import {age, counted, number} from "/assets/operations_words.js"

export const BEHIND_SECONDS = 10
export const STUCK_SECONDS = 60 // from here on somebody should be alerted

const RECENT_MS = 30_000 // a sink that is down is tried less and less often: between two attempts nothing is seen of them

/** Worst last. "quiet" and "unknown" are no complaints. */
export const STATES = ["quiet", "well", "unknown", "behind", "stuck", "unreachable"]
export const COMPLAINTS = ["behind", "stuck", "unreachable"]

const well = (why = "") => ({state: "well", why})
const judged = (state, why, look = "") => ({state, why, look})

function byAge(seconds, {what, look}) {
  if (seconds > STUCK_SECONDS) return judged("stuck", `${what} ${age(seconds)}`, look)
  if (seconds > BEHIND_SECONDS) return judged("behind", `${what} ${age(seconds)}`, look)
  return well()
}

/** What a lag alone says. */
export const lagState = seconds => byAge(seconds, {what: "", look: ""}).state

const TARGETS = {"domain-events": "the hub", reservations: "the hub", reporting: "the reporting database"}

/** A sink: does it take what it is sent, and is it kept up with? */
export function sinkState(sink, history) {
  const target = TARGETS[sink.sink] ?? "the sink"
  const failure = failureOf(sink, history)
  if (failure) {
    return judged("unreachable", failure, `${target[0].toUpperCase()}${target.slice(1)} is down or slow; it catches up by itself. Why, says outbox_sink_outage in the log.`)
  }
  if (sink.holds.count) {
    return judged("stuck", `${counted(sink.holds.count, "stream")} held behind ${sink.holds.count === 1 ? "a dead letter" : "dead letters"}`, "Mend the cause that the dead letter names, then redrive it.")
  }
  return byAge(sink.oldest?.ageSeconds ?? 0, {
    what: "the oldest message waits",
    look: sink.leases.length ? "More is committed than carried: MASTER_COUNT, MASTER_WORKERS_PER_SINK." : "",
  })
}

/** What shows that a sink is tried and takes nothing; null if nothing does. */
function failureOf(sink, history) {
  if (!sink.pending.count) return null
  const recent = history.within(RECENT_MS).map(({at, pipeline}) => ({at, then: pipeline.sinks.find(one => one.sink === sink.sink)}))
  const since = recent.filter(({then}) => then?.delivered === sink.delivered)
  const failures = Math.max(0, ...since.flatMap(({then}) => then.backoffs.map(backoff => backoff.failures)))
  if (failures) return `takes nothing: ${failures === 1 ? "the last attempt" : `${failures} attempts in a row`} failed`
  const quiet = (since.at(-1).at - since[0].at) / 1000
  const tried = since.some(({then}) => then.leases.length)
  const waits = sink.oldest?.ageSeconds ?? 0
  return tried && quiet > BEHIND_SECONDS && waits > BEHIND_SECONDS ? `takes nothing: a master tries, and nothing was delivered for ${age(quiet)}` : null
}

/** The outbox: does any master carry what waits? */
export function outboxState(pipeline, history) {
  const ages = pipeline.sinks.map(sink => sink.oldest?.ageSeconds ?? 0)
  if (Math.max(...ages) > BEHIND_SECONDS && !isCarried(history)) {
    return judged("stuck", "no master carries what waits", "The timer function outbox_master_1 does not run, or MASTER_SCHEDULE is wrong.")
  }
  return byAge(Math.min(...ages), {what: "every sink's oldest message waits at least", look: ""})
}

/** Whether a lane was leased or backed off lately, or anything was delivered. */
function isCarried(history) {
  const [first, ...later] = history.within(RECENT_MS).map(({pipeline}) => pipeline.sinks)
  const delivered = sinks => sinks.reduce((sum, sink) => sum + sink.delivered, 0)
  return [first, ...later].at(-1).some(sink => sink.leases.length || sink.backoffs.length) ||
    later.some(sinks => delivered(sinks) > delivered(first))
}

export function projectorState({projector, unreadable}) {
  if (!projector) return judged("unknown", `can't be told: ${Object.keys(unreadable).join(", ")} unreachable`)
  const {parked, lagSeconds} = projector
  if (parked.count) return judged("stuck", `${counted(parked.count, "event")} parked`, "A release that can read them, then: cinema projection-failures replay --all")
  return byAge(lagSeconds, {what: "the oldest event is not in its document since", look: "No projector runs, or MongoDB is away: the function projector, and its log."})
}

export function gapsState({projector, at}) {
  if (!projector) return judged("unknown", "can't be told")
  const {showtimes, oldest} = projector.gaps
  if (!showtimes.count) return well()
  const seconds = (Date.parse(at) - Date.parse(oldest)) / 1000
  const stuck = seconds > STUCK_SECONDS
  return judged(stuck ? "stuck" : "behind", `${counted(showtimes.count, "showtime")} with a gap for ${age(seconds)}`, stuck ? "Events are lost, and not in EventLog yet: the oldest of the sink reporting, then cinema audit." : "")
}

export function viewsState({unreadable}) {
  return unreadable.views ? judged("unreachable", unreadable.views, "MongoDB does not answer. The projector waits for it; cached answers go on.") : well()
}

export function cacheState({unreadable}) {
  return unreadable.cache ? judged("unreachable", unreadable.cache, "Redis does not answer. Queries are answered from MongoDB.") : well()
}

/** The read service is not asked whether it is well: that its counters grow shows that it answers. */
export function readsState(pipeline, history) {
  if (!pipeline.cache) return judged("unknown", "its counters are in the cache")
  const {count} = history.reads()
  return count ? well(`${number(count)} answered in the last minute`) : judged("quiet", "nobody has asked lately")
}

/** Every station's state, by its name. */
export function statesOf(pipeline, history) {
  const sinks = Object.fromEntries(pipeline.sinks.map(sink => [sink.sink, sinkState(sink, history)]))
  return {
    commands: well(),
    outbox: outboxState(pipeline, history),
    ...sinks,
    projector: projectorState(pipeline),
    gaps: gapsState(pipeline),
    views: viewsState(pipeline),
    cache: cacheState(pipeline),
    reads: readsState(pipeline, history),
  }
}

/** What is said while there is no answer: the write database, or whatever is before it. */
export function statesWithoutAnswer(refusal, names) {
  const unknown = judged("unknown", "no answer")
  const states = Object.fromEntries(names.map(name => [name, unknown]))
  if (refusal.status === 503) states.commands = judged("unreachable", "the write database does not answer")
  return states
}
