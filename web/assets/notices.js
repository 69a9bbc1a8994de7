// A notice: what happened, and what can be done about it.

import {element} from "/assets/elements.js"

/** A place for one notice at a time. Its element is a live region, so that each is read out once. */
export class Notices {
  constructor(place) {
    this.place = place
  }

  /** `kind` is "good", "bad" or "wait"; `again` adds a button that calls it. */
  show(kind, {title, text, again}) {
    const retry = again && element("button", {type: "button", click: again}, "Try again")
    const said = element("div", {}, element("strong", {}, title), text ? element("p", {}, text) : "")
    this.keepFocus()
    this.place.replaceChildren(element("div", {class: "notice", "data-kind": kind}, said, retry || ""))
  }

  clear() {
    this.keepFocus()
    this.place.replaceChildren()
  }

  /** Who was on a notice's button stays where it was. */
  keepFocus() {
    if (!this.place.contains(document.activeElement)) return
    this.place.tabIndex = -1
    this.place.focus()
  }
}
