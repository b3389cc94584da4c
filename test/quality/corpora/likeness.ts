import type { Corpora, Placed } from './load.ts'
import { type Finding, faultless, type Report, told } from './report.ts'
import { similarPairs, sketch } from './trigrams.ts'

/** Within a set no two texts are more alike than this (Jaccard similarity of character trigrams). */
const mostWithin = 0.7
/** No scored text is more like a training text than this. */
const mostAcross = 0.6
const [openingWords, endingWords] = [4, 3]

interface Text {
  readonly file: string
  readonly line: number
  readonly text: string
  readonly scored: boolean
}

/** No near-duplicates within a set, and nothing that a model is scored on follows a training text's template. */
export function checkLikeness(corpora: Corpora): Report {
  const sets = setsOf(corpora)
  const within = [...sets].map(([name, texts]) => checkWithin(name, texts))
  const across = checkAcross([...sets].filter(([name]) => !collections.includes(name)).flatMap(([, texts]) => texts))
  return {
    figures: [...within, across].flatMap(({ figures }) => figures),
    findings: [...within, across].flatMap(({ findings }) => findings),
  }
}

/** Collections of documents whose texts must differ; a fee schedule says the same sentence of many fees. */
const collections = ['policies', 'products', 'faqs']

/** Sets of texts by name: labelled rows by service, questions of either use, documents by collection. */
function setsOf({ labelled, golden, documents, sets: listed }: Corpora): Map<string, Text[]> {
  const sets = new Map<string, Text[]>()
  const add = (name: string, text: Text) => sets.set(name, [...(sets.get(name) ?? []), text])
  const trained = new Set(listed.filter(({ use }) => use === 'train').map(({ path }) => path))
  const placed = <T>({ file, line }: Placed<T>, text: string, scored: boolean): Text => ({ file, line, text, scored })
  for (const row of labelled) add(row.value.service, placed(row, row.value.text, row.value.use === 'test'))
  for (const row of golden) add('golden', placed(row, row.value.text, !trained.has(row.file)))
  for (const { file, text, blocks } of documents) {
    const collection = collections.find((name) => file.startsWith(`${name}/`))
    if (collection) add(collection, { file, line: blocks[0]?.line ?? 1, text, scored: false })
  }
  return sets
}

function checkWithin(name: string, texts: readonly Text[]): Report {
  const pairs = similarPairs(sketch(texts.map(({ text }) => text)), mostWithin)
  const findings = pairs.map(({ a, b, similarity }) =>
    finding(texts[b]!, texts[a]!, `is too much like (${similarity.toFixed(2)}, at most ${mostWithin})`),
  )
  return {
    figures: [faultless(`texts of ${name}, pairs alike above ${mostWithin}`, texts.length, pairs.length)],
    findings,
  }
}

function checkAcross(texts: readonly Text[]): Report {
  const apart = (a: number, b: number) => texts[a]!.scored !== texts[b]!.scored
  const scoredFirst = (a: Text, b: Text): readonly [Text, Text] => (a.scored ? [a, b] : [b, a])
  const findings = similarPairs(sketch(texts.map(({ text }) => text)), mostAcross, apart).map(({ a, b, similarity }) =>
    finding(
      ...scoredFirst(texts[a]!, texts[b]!),
      `is like the training text (${similarity.toFixed(2)}, at most ${mostAcross})`,
    ),
  )
  const templates = sharedTemplates(texts)
  const scored = texts.filter((text) => text.scored).length
  return {
    figures: [
      told('training texts', texts.length - scored),
      faultless(
        `scored texts, alike above ${mostAcross} or of the template of a training text`,
        scored,
        findings.length + templates.length,
      ),
    ],
    findings: [...findings, ...templates],
  }
}

/** Scored texts that open with the same words as a training text and end with the same words. */
function sharedTemplates(texts: readonly Text[]): Finding[] {
  const training = new Map<string, Text>()
  for (const text of texts) if (!text.scored) for (const key of templateOf(text)) training.set(key, text)
  return texts
    .filter(({ scored }) => scored)
    .flatMap((text) =>
      templateOf(text).flatMap((key) => {
        const source = training.get(key)
        return source ? [finding(text, source, 'opens and ends like the training text')] : []
      }),
    )
}

/** Opening and ending of a text long enough to have both; a list of one or none. */
function templateOf({ text }: Text): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’][\p{L}]+)*/gu) ?? []
  if (words.length < openingWords + endingWords) return []
  return [`${words.slice(0, openingWords).join(' ')} … ${words.slice(-endingWords).join(' ')}`]
}

const finding = ({ file, line, text }: Text, other: Text, what: string): Finding => ({
  file,
  line,
  reason: `"${opening(text)}" ${what} ${other.file}:${other.line} "${opening(other.text)}"`,
})

/** Enough of a text to know it again. */
const opening = (text: string): string => (text.length > 160 ? `${text.slice(0, 160)}…` : text)
