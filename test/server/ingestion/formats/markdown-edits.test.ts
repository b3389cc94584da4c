import fc from 'fast-check'
import { EditMap } from 'micromark-util-edit-map'
import { describe, expect, it, vi } from 'vitest'
import { readMarkdown } from '../../../../server/ingestion/formats/markdown.ts'
import { consumeInPlace } from '../../../../server/ingestion/formats/markdown-edits.ts'

// As the package has it: the reader, once it is loaded, puts ours in its place.
const { consume } = await vi.hoisted(async () => {
  const { EditMap: released } = await import('micromark-util-edit-map')
  return { consume: released.prototype.consume }
})

type Edit = [number, number, string[]]
const length = 12
const edits = fc.array(
  fc.tuple(fc.nat(length), fc.nat(4), fc.array(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 })),
  { maxLength: 6 },
)

interface Edits {
  readonly map: Edit[]
  readonly index: Map<number, number>
}
type Apply = (map: Edits, events: string[]) => void
const ours: Apply = (map, events) => consumeInPlace.call(map, events)
/** The package knows its own events; to it they are only moved. */
const theirs: Apply = (map, events) => void Reflect.apply(consume, map, [events])

/** The events after edits, by one or the other way of applying them, and what is left of the map. */
function applied(apply: Apply, list: readonly Edit[]) {
  const events = Array.from({ length }, (_, i) => `${i}`)
  const map = { map: list.map(([at, removed, added]): Edit => [at, removed, [...added]]), index: new Map([[0, 0]]) }
  apply(map, events)
  return { events, left: [map.map.length, list.length === 0 ? 0 : map.index.size] }
}

describe('edits of the parser', () => {
  it('come to what the package makes of them, also where they overlap', () => {
    fc.assert(
      fc.property(edits, (list) => {
        // One edit a place, as the map keeps them.
        const places = [...new Map(list.map((edit) => [edit[0], edit])).values()]
        expect(applied(ours, places)).toEqual(applied(theirs, places))
      }),
    )
  })

  it('leave what is before them where it is', () => {
    const cpuOf = (apply: Apply): number => {
      const events = Array.from({ length: 200_000 }, (_, i) => `${i}`)
      const before = process.cpuUsage().user
      for (let i = 0; i < 100; i++) apply({ map: [[events.length - 2, 1, ['x']]], index: new Map() }, events)
      return process.cpuUsage().user - before
    }
    expect(20 * cpuOf(ours)).toBeLessThan(cpuOf(theirs))
  })

  it('are those of every file that is read', () => {
    readMarkdown(new TextEncoder().encode('- a\n- b\n'), { path: 'list.md', id: 'list.md' })
    expect(EditMap.prototype.consume).toBe(consumeInPlace)
  })
})
