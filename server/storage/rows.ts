type Filled<T> = { [K in keyof T]?: Exclude<T[K], null> }

/** The fields that are not null: SQL's null is an absent field in our types. */
export function present<T extends object>(fields: T): Filled<T> {
  // Exactly the null fields are left out, which is what Filled says.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as Filled<T>
}

/** Slices of at most `size` items, for statements with a bounded number of parameters. */
export function slices<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}
