/**
 * Everyday words of customers for what a bank's documents call by another name. Left: the customer's word, as analysed
 * search terms are spelt before stemming; right: words of documents that are searched as well. General banking English,
 * nothing of one bank.
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
}

/** The words that documents may use instead of a customer's, joined by spaces; empty when there are none. */
export function synonymsIn(text: string): string {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? []
  return words.flatMap((word) => (Object.hasOwn(everyday, word) ? [everyday[word]!] : [])).join(' ')
}
