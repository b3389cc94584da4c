import { isDeepStrictEqual } from 'node:util'

/** A server did not do what the contract says. */
export class NonConformity extends Error {
  readonly expected: string
  readonly got: string
  constructor(expected: string, got: string) {
    super(`expected ${expected}, got ${got}`)
    this.expected = expected
    this.got = got
  }
}

const mostShown = 300

/** A value as a report shows it. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text
}

/** @throws {NonConformity} unless it holds. */
export function must(holds: boolean, expected: string, got: unknown): asserts holds {
  if (!holds) throw new NonConformity(expected, shown(got))
}

/** @throws {NonConformity} unless both are the same, deeply. */
export function equal(got: unknown, wanted: unknown, what: string): void {
  if (!isDeepStrictEqual(got, wanted)) throw new NonConformity(`${what} ${shown(wanted)}`, shown(got))
}
