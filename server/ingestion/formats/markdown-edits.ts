import { EditMap } from 'micromark-util-edit-map'

/**
 * Have the parser's edits leave all events before the first edit where they are. As released (1.0.0), each of them copies the
 * whole list of events, and there is one for every item of a list: time grows with the square of the items.
 */
export function applyInPlace(): void {
  EditMap.prototype.consume = consumeInPlace
}

/** What `consume` does, to the same end: `map` holds edits as place, how many events go there, and what comes instead. */
export function consumeInPlace<Event>(
  this: { readonly map: [number, number, Event[]][]; readonly index: { clear(): void } },
  events: Event[],
): undefined {
  this.map.sort((a, b) => a[0] - b[0])
  const [first] = this.map
  if (!first) return undefined
  const tail = events.slice(first[0])
  events.length = first[0]
  let from = first[0]
  for (const [at, removed, added] of this.map) {
    push(events, tail.slice(from - first[0], Math.max(from, at) - first[0]))
    push(events, added)
    from = at + removed
  }
  push(events, tail.slice(from - first[0]))
  this.map.length = 0
  this.index.clear()
  return undefined
}

/** One by one: arguments of a call are bounded. */
function push<T>(list: T[], items: readonly T[]): void {
  for (const item of items) list.push(item)
}
