import { expect, it } from 'vitest'
import { plain } from '../../../server/text/plain.ts'

it.each([
  ['ｏｖｅｒｄｒａｆｔ　ｆｅｅ', 'overdraft fee'],
  ['  over\u00addraft \t\n fee\u200b ', 'overdraft fee'],
  ['ﬁxed rate', 'fixed rate'],
  ['2,5\u00a0%', '2,5 %'],
  ['轉帳　手續費', '轉帳 手續費'],
  ['\u202e', ''],
  ['as it is', 'as it is'],
])('looks %j up as %j', (written, lookedUp) => {
  expect(plain(written)).toBe(lookedUp)
})
