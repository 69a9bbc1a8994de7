// Who books, as far as this browser knows: a random number that it keeps. Without storage it lasts as long as the page.

import {uuid} from "/assets/api.js"

const CUSTOMER = "cinema.customer"
const inMemory = new Map()

export function read(key) {
  try {
    return localStorage.getItem(key) ?? inMemory.get(key) ?? null
  } catch {
    return inMemory.get(key) ?? null
  }
}

export function write(key, text) {
  inMemory.set(key, text)
  try {
    localStorage.setItem(key, text)
  } catch {
    // The storage is full or switched off; this page goes on with what it has in memory.
  }
}

export function customerId() {
  if (!read(CUSTOMER)) write(CUSTOMER, uuid())
  return read(CUSTOMER)
}
