import fc from 'fast-check'
import { expect, it } from 'vitest'
import { diffLines } from '../../../server/text/line-diff.ts'

const short = (before: string, after: string) =>
  diffLines(before, after).map(({ kind, text }) => `${{ same: ' ', removed: '-', added: '+' }[kind]}${text}`)

it('names the lines that went and came, the old before the new', () => {
  expect(short('a\nb\nc', 'a\nB\nc')).toEqual([' a', '-b', '+B', ' c'])
  expect(short('a', 'a')).toEqual([' a'])
  expect(short('a\nb', 'b')).toEqual(['-a', ' b'])
  expect(short('b', 'a\nb\nc')).toEqual(['+a', ' b', '+c'])
})

it('always leads from the one text to the other, with no more edits than needed', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines(before.join('\n'), after.join('\n'))
      const of = (kind: string) => lines.filter((line) => line.kind !== kind).map((line) => line.text)
      expect(of('added')).toEqual(before)
      expect(of('removed')).toEqual(after)
      expect(lines.filter(({ kind }) => kind === 'same')).toHaveLength(longestCommon(before, after))
    }),
  )
})

/** Length of the longest common subsequence, the plain way. */
function longestCommon(one: readonly string[], two: readonly string[]): number {
  const [head, ...rest] = one
  if (head === undefined || two.length === 0) return 0
  const at = two.indexOf(head)
  const without = longestCommon(rest, two)
  return at < 0 ? without : Math.max(without, 1 + longestCommon(rest, two.slice(at + 1)))
}

it('of texts with nothing in common and very many lines is told whole', () => {
  const many = (sign: string) => Array.from({ length: 1_500 }, (_, i) => `${sign}${i}`).join('\n')
  const lines = diffLines(many('a'), many('b'))
  expect([lines.length, lines[0], lines.at(-1)]).toEqual([
    3_000,
    { kind: 'removed', text: 'a0' },
    { kind: 'added', text: 'b1499' },
  ])
})
