import type { Compilable, CompiledQuery, Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** Stands for a value, or for one item of a list, that each run brings. */
class Hole {
  readonly of: (values: readonly unknown[]) => unknown
  constructor(of: (values: readonly unknown[]) => unknown) {
    this.of = of
  }
}

const holeAt = (place: number): Hole => new Hole((values) => values[place])
const itemAt = (place: number, item: number): Hole => new Hole((values) => (values[place] as readonly unknown[])[item])

/**
 * A query of every turn, built and compiled once: both take Kysely longer than SQLite takes to run a small statement.
 * A list may be of any length above 0; there is one query for each.
 * @param build places the values in the query as they are. It must not look at them: it is given stand-ins.
 */
export function prepared<V extends readonly unknown[], R>(
  build: (db: Kysely<Schema>, ...values: V) => Compilable<R>,
): (db: Kysely<Schema>, ...values: V) => Promise<R[]> {
  const known = new Map<string, CompiledQuery<R>>()
  const compile = (db: Kysely<Schema>, values: V): CompiledQuery<R> => {
    const holes = values.map((value, place) =>
      Array.isArray(value) ? value.map((_, item) => itemAt(place, item)) : holeAt(place),
    )
    // A stand-in goes where its value would go, and comes back among the parameters.
    return build(db, ...(holes as unknown as V)).compile()
  }
  return async (db, ...values) => {
    const shape = values.map((value) => (Array.isArray(value) ? value.length : '')).join()
    const compiled = known.get(shape) ?? compile(db, values)
    known.set(shape, compiled)
    const parameters = compiled.parameters.map((one) => (one instanceof Hole ? one.of(values) : one))
    const bound: CompiledQuery<R> = { ...compiled, parameters }
    return (await db.executeQuery(bound)).rows
  }
}
