// Elements made by scripts. What comes from outside becomes text, never markup.

/** An element with attributes and children. An attribute that is `true` has no value; one that is null or false is left out. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(attribute, value)
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(attribute, value === true ? "" : value)
  }
  made.append(...children)
  return made
}

export const byId = id => document.getElementById(id)

/** Says something to those who can't see the page; the same words are said again when they come again. */
export function announce(text) {
  const announcer = byId("announcer")
  announcer.textContent = announcer.textContent === text ? `${text}\u00a0` : text
}
