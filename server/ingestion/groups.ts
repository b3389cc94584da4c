import type { ReadDocument } from './reader-messages.ts'

/** Passages that are embedded and stored together, at least; several files may share a transaction. */
const groupPassages = 64
/** Groups under way: while one is stored the next is embedded. */
const openGroups = 2

/** Collects documents into groups of enough passages and keeps a bounded number of groups under way. */
export function createGroups(store: (group: readonly ReadDocument[]) => Promise<void>) {
  const open = new Set<Promise<void>>()
  let group: ReadDocument[] = []
  let size = 0

  async function flush(): Promise<void> {
    if (group.length === 0) return
    if (open.size >= openGroups) await Promise.race(open)
    const done = store(group).finally(() => open.delete(done))
    open.add(done)
    group = []
    size = 0
  }

  return {
    async add(documents: readonly ReadDocument[]): Promise<void> {
      for (const document of documents) {
        group.push(document)
        size += document.chunks?.length ?? 0
        if (size >= groupPassages) await flush()
      }
    },
    async finish(): Promise<void> {
      await flush()
      await Promise.all(open)
    },
  }
}
