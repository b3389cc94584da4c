import { expect, it } from 'vitest'
import { simplified } from '../../../server/text/simplified.ts'

it.each([
  ['轉帳手續費', '转帐手续费'],
  ['國際匯款 SWIFT £20', '国际汇款 SWIFT £20'],
  ['後天帶著妳的護照', '后天带着你的护照'],
  ['转账手续费', '转账手续费'],
  ['no Chinese at all', 'no Chinese at all'],
])('reads %s as %s', (written, folded) => {
  expect(simplified(written)).toBe(folded)
})

it('keeps every character in its place', () => {
  const all = Array.from({ length: 0xa000 - 0x3400 }, (_, i) => String.fromCharCode(0x3400 + i)).join('')
  expect(simplified(all)).toHaveLength(all.length)
})
