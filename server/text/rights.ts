import { type Right, rights } from './rights-kinds.ts'
import { groups, guards, keyWords, wellKnown, wordings } from './rights-words.ts'
import { sentences } from './sentences.ts'
import { simplified } from './simplified.ts'
import { createSpeller } from './spelling.ts'

/** What the words of a message say of rights, and how it is put. */
export interface RightsWording {
  /** A wording stands in a sentence that tells of the customer's own case. */
  readonly told: ReadonlySet<Right>
  /** Whether any sentence asks in general, supposes, says that all is well, or tells of an own case. */
  readonly general: boolean
  readonly supposed: boolean
  readonly settled: boolean
  readonly own: boolean
}

/** More text is not looked at: rights are invoked early, and patterns take time. UTF-16 units. */
const enough = 2_000

function compiled(wording: string, flags = 'u'): RegExp {
  const filled = fill(wording)
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${filled})(?![\\p{L}\\p{N}])`, flags)
}

/** Names of groups by their words; groups may name groups. */
const fill = (wording: string): string =>
  wording
    .replace(/\{(\w+)\}/g, (_, name: string) => fill(groups[name] ?? ''))
    .replaceAll(' … ', ' …')
    .replaceAll('…', '(?:[^.?!;]{0,40}?\\b)?')

const patterns = rights.map((right) => {
  const { says, always = [], zh } = wordings[right]
  return {
    right,
    says: [...says.map((one) => compiled(one)), ...zh.map((one) => new RegExp(one, 'u'))],
    always: always.map((one) => compiled(one)),
  }
})
const guard = {
  general: compiled(guards.general),
  supposed: compiled(guards.supposed),
  settled: compiled(guards.settled),
  generalZh: new RegExp(guards.generalZh, 'u'),
  own: new RegExp(guards.own, 'u'),
}

const short: Readonly<Record<string, string>> = {
  im: "i'm",
  ive: "i've",
  hes: "he's",
  shes: "she's",
  theyre: "they're",
  youre: "you're",
  u: 'you',
  ur: 'your',
  y: 'you',
  pls: 'please',
  plz: 'please',
  thx: 'thanks',
  bc: 'because',
  wanna: 'want to',
  gonna: 'going to',
  dint: "didn't",
}
const spell = createSpeller(new Map(keyWords.map((word) => [word, 1])), (word) => wellKnown.has(word))

/** A sentence as the wordings expect it. */
function levelled(sentence: string): string {
  const plain = simplified(sentence)
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[’‘`´]/gu, "'")
    .replace(/\s+/gu, ' ')
  const whole = plain
    .replace(/\b(ca|do|did|does|wo|was|is|are|were|have|has|had|could|would|should)nt\b/gu, "$1n't")
    .replace(/\b[a-z]+\b(?!')/gu, (word) => (Object.hasOwn(short, word) ? short[word]! : word))
  return spell(whole)
}

/** What a message says of rights in so many words, by the wordings of `rights-words.ts`. */
export function rightsWording(text: string): RightsWording {
  const told = new Set<Right>()
  const all = sentences(text.slice(0, enough)).map(levelled)
  const isSettled = all.some((sentence) => guard.settled.test(sentence))
  const put = all.map((sentence) => ({
    sentence,
    own: guard.own.test(sentence),
    general: guard.general.test(sentence) || guard.generalZh.test(sentence),
    supposed: guard.supposed.test(sentence),
  }))
  for (const { sentence, own, general, supposed } of put) {
    const isOwnCase = !isSettled && !supposed && (own || !general)
    for (const { right, says, always } of patterns) {
      const stands = (pattern: RegExp) => pattern.test(sentence)
      if (always.some(stands) || (isOwnCase && says.some(stands))) told.add(right)
    }
  }
  return {
    ...{ told, settled: isSettled },
    general: put.some((one) => one.general),
    supposed: put.some((one) => one.supposed),
    own: put.some((one) => one.own),
  }
}

export interface LineOfRights extends RightsWording {
  readonly line: string
}

/** Lines that are read each by itself; more than people write, as each takes time, and what follows is read as one. */
const mostLines = 30

/** What each line that is not blank says: what one of them settles says nothing of the others. */
export function linesOfRights(text: string): LineOfRights[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const rest = lines.splice(mostLines).join(' ')
  return (rest === '' ? lines : [...lines, rest]).map((line) => ({ line, ...rightsWording(line) }))
}
