import { streamSafe } from './canonical.ts'
import { isCjk } from './terms.ts'

/** Other words for the same: `from` as customers write it, `to` words of documents that are searched as well. */
export interface Synonym {
  readonly from: string
  readonly to: string
}

/**
 * Everyday words of customers for what a bank's documents call by another name. Left: the customer's word, as analysed
 * search terms are spelt before stemming; right: words of documents that are searched as well. General banking English,
 * nothing of one bank; what one bank says otherwise stands in the `synonyms.txt` of its documents.
 */
const everyday: Readonly<Record<string, string>> = {
  plastic: 'card',
  quid: 'pounds',
  tenner: 'pounds',
  fiver: 'pounds',
  grand: 'thousand pounds',
  readies: 'cash notes',
  dosh: 'cash money',
  atm: 'cash machine',
  cashpoint: 'cash machine',
  uni: 'university student',
  nicked: 'stolen',
  pinched: 'stolen',
  robbed: 'stolen',
  mugged: 'stolen',
  vanished: 'lost missing',
  disappeared: 'lost missing',
  misplaced: 'lost missing',
  holiday: 'abroad foreign travel',
  overseas: 'abroad foreign',
  wire: 'transfer',
  skint: 'hardship',
  redundant: 'hardship',
  died: 'death bereavement',
  funeral: 'bereavement',
  scammed: 'scam fraud',
  conned: 'scam fraud',
  tricked: 'scam fraud',
  hacked: 'unauthorised fraud',
  bounced: 'unpaid returned',
  bounce: 'unpaid returned',
  gobbled: 'kept machine',
  swallowed: 'kept machine',
  tap: 'contactless',
  kid: 'child young youth',
  kids: 'child young youth',
  son: 'child young',
  daughter: 'child young',
  teenager: 'youth young',
  retirement: 'pension',
  retire: 'pension',
  moving: 'address change',
  moved: 'address change',
  married: 'name change marriage',
  divorce: 'name change',
  overdrawn: 'overdraft',
  owe: 'balance debt',
  login: 'online access',
  bust: 'fails protection',
  apr: 'annual percentage rate',
  aer: 'annual equivalent rate',
  ltv: 'loan value',
  dd: 'direct debit',
  otp: 'one time passcode',
  acct: 'account',
  txn: 'transaction',
  stmt: 'statement',
  poa: 'power attorney',
  fx: 'foreign exchange currency',
}

/** Most words of a key, and most keys that count in one question: a long message must not become a long search. */
export const maxWords = 5
const maxFound = 32

export interface SynonymFinder {
  /** The words that documents may use for what a text says, joined by spaces; empty when there are none. */
  in(text: string): string
  /** Whether this is a word of a key, lower case: then it is not misspelt. */
  knows(word: string): boolean
}

/** @param own beside the everyday words. Several for one key count together. */
export function createSynonyms(own: readonly Synonym[] = []): SynonymFinder {
  const byKey = new Map<string, string[]>()
  const add = (from: string, to: string): unknown => byKey.set(from, [...(byKey.get(from) ?? []), to])
  for (const [from, to] of Object.entries(everyday)) add(from, to)
  for (const { from, to } of own) add(keyOf(from), to)
  const words = new Set([...byKey.keys()].flatMap((key) => key.split(' ')))
  const unspaced = [...byKey.keys()].filter(isCjk)

  function keysIn(text: string): Set<string> {
    const folded = keyOf(text)
    const found = new Set(unspaced.filter((key) => folded.includes(key)))
    const written = folded.split(' ')
    for (let first = 0; first < written.length; first++) {
      for (let count = 1; count <= maxWords && first + count <= written.length; count++) {
        if (!words.has(written[first + count - 1]!)) break
        const key = written.slice(first, first + count).join(' ')
        if (byKey.has(key)) found.add(key)
      }
    }
    return found
  }

  return {
    in: (text) =>
      [...keysIn(text)]
        .slice(0, maxFound)
        .flatMap((key) => byKey.get(key)!)
        .join(' '),
    knows: (word) => words.has(word),
  }
}

/** Words alone, in small letters, with single spaces between. */
export const keyOf = (text: string): string =>
  (
    streamSafe(text)
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  ).join(' ')
