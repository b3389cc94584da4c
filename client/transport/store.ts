/** What the client needs of `localStorage` and `sessionStorage`. */
export interface StorageArea {
  readonly length: number
  key(index: number): string | null
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** Text by key, as lasting as the browser allows. No method throws. */
export interface Store {
  get(key: string): string | undefined
  set(key: string, value: string): void
  remove(key: string): void
  /** Keys that begin with `prefix`, sorted. */
  keys(prefix: string): string[]
}

/**
 * Wrap a storage area. Where the browser refuses (blocked cookies, sandboxed frames, a full quota) the value is kept in
 * memory: the chat then works until the page is left.
 * @param area is called on each use, as merely naming `localStorage` throws where it is blocked.
 */
export function createStore(area: () => StorageArea): Store {
  const memory = new Map<string, string>()

  function attempt<T>(use: (area: StorageArea) => T, fallback: T): T {
    try {
      return use(area())
    } catch {
      return fallback
    }
  }

  return {
    get: (key) => memory.get(key) ?? attempt((kept) => kept.getItem(key), null) ?? undefined,
    set(key, value) {
      const kept = attempt((into) => {
        into.setItem(key, value)
        return true
      }, false)
      if (kept) memory.delete(key)
      else memory.set(key, value)
    },
    remove(key) {
      memory.delete(key)
      attempt((kept) => kept.removeItem(key), undefined)
    },
    keys(prefix) {
      const kept = attempt((from) => Array.from({ length: from.length }, (_, i) => from.key(i) ?? ''), [])
      return [...new Set([...kept, ...memory.keys()])].filter((key) => key.startsWith(prefix)).sort()
    },
  }
}
