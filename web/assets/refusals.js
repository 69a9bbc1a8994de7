// What a refusal means to the one who booked, by the problem's type. A type that is not known here speaks for itself.

import {capitalised, seatsNamed} from "/assets/words.js"

const WORDS = {
  "/problems/seats-taken": ({seats}) => [
    seats.length === 1 ? "Somebody was faster" : "Somebody was faster: those seats are gone",
    `${capitalised(seatsNamed(seats))} ${seats.length === 1 ? "has" : "have"} just been taken. Nothing is held for you; please choose others.`,
  ],
  "/problems/reservation-expired": () => ["The hold has ended", "The seats were kept for you until its time was over. If they are still free, hold them again."],
  "/problems/reservation-cancelled": () => ["This reservation is cancelled", "It can't be confirmed any more."],
  "/problems/showtime-started": () => ["The film has begun", "Seats are neither sold nor given back any more."],
  "/problems/showtime-cancelled": () => ["This showtime is cancelled", "It does not take place. Seats that were booked are given back."],
  "/problems/too-many-holds": ({detail}) => ["You hold too much already", `${detail}. Confirm one of them or give it back first.`],
  "/problems/validation": ({errors, detail}) => ["These seats can't be held together", errors.length ? errors.map(({field, message}) => `${capitalised(field)} ${message}.`).join(" ") : detail],
  "/problems/version-mismatch": () => ["It has changed meanwhile", "What you see now is how it is."],
  "/problems/not-found": () => ["There is no such thing", "It may be gone, or the address is wrong."],
  "/problems/idempotency-in-flight": () => ["The first try is still under way", "Try again in a moment: nothing is done twice."],
  "/problems/rate-limited": () => ["Too many people at once", "The server asks for a moment's patience. Try again: nothing is done twice."],
  "/problems/unavailable": () => ["The box office does not answer", "Try again in a moment: the same request is sent, and nothing is done twice."],
  "query-404": () => ["There is no such thing", "It may be gone, or the address is wrong."],
  unreachable: ({detail}) => ["There is no connection", `${detail} Try again: the same request is sent, and nothing is done twice.`],
}

const WORTH_ANOTHER_TRY = new Set(["unreachable", "/problems/unavailable", "/problems/rate-limited", "/problems/idempotency-in-flight"])

/** A refusal as `{title, text, again}`; `again` is whether the same command may yet succeed. */
export function inWords(refusal) {
  const [title, text] = WORDS[refusal.type]?.(refusal) ?? [refusal.title, refusal.detail]
  return {title, text, again: WORTH_ANOTHER_TRY.has(refusal.type)}
}
