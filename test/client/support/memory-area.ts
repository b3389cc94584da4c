import type { StorageArea } from '../../../client/transport/store.ts'

/** What a browser's storage does, as far as the client uses it. @param quota keys at most, then `setItem` throws. */
export function createMemoryArea(quota = Number.POSITIVE_INFINITY): StorageArea {
  const values = new Map<string, string>()
  return {
    get length() {
      return values.size
    },
    key: (index) => [...values.keys()][index] ?? null,
    getItem: (key) => values.get(key) ?? null,
    setItem(key, value) {
      if (!values.has(key) && values.size >= quota) throw new DOMException('full', 'QuotaExceededError')
      values.set(key, value)
    },
    removeItem: (key) => void values.delete(key),
  }
}
