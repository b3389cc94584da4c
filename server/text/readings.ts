/** Part of a text that a rule understood; half-open span in UTF-16 units. */
export interface Reading {
  readonly start: number
  readonly end: number
  readonly value: string
}

/** Which units of a text are taken, so that of overlapping readings the first stays; work is linear in what is added. */
export function createCover(length: number) {
  const taken = new Uint8Array(length)
  return {
    overlaps: (start: number, end: number): boolean => taken.subarray(start, end).includes(1),
    add: (start: number, end: number): void => void taken.fill(1, start, end),
  }
}
