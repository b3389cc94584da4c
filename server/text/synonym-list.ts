import { InputError } from '../errors.ts'
import { keyOf, maxWords, type Synonym } from './synonyms.ts'

/** Longest term, in characters, most terms of a line, most lines that say something. */
const [maxTerm, maxTerms, maxLines] = [100, 20, 5_000]

/**
 * Read a list of synonyms in the format of Solr and Elasticsearch, a rule a line: `plastic, debit card => bank card` looks up
 * the words on the right for each term on the left, `cash machine, atm` each for the others. Lines that begin with `#` and empty
 * ones say nothing. What the question says is looked up as well, also for `=>`. Source: Apache Solr's SynonymGraphFilter.
 * @throws {InputError} naming file and line of the first fault.
 */
export function parseSynonyms(text: string, file: string): Synonym[] {
  const rules = text.split(/\r?\n/).map((rule, i) => ({ rule: rule.trim(), line: i + 1 }))
  const said = rules.filter(({ rule }) => rule !== '' && !rule.startsWith('#'))
  const extra = said[maxLines]
  if (extra) throw new InputError({ file, line: extra.line }, `is one line too many; at most ${maxLines} are read`)
  return said.flatMap(({ rule, line }) => synonymsOf(rule, (reason) => new InputError({ file, line }, reason)))
}

type Fault = (reason: string) => InputError

function synonymsOf(rule: string, fault: Fault): Synonym[] {
  const sides = rule.split('=>')
  if (sides.length > 2) throw fault('holds => more than once')
  const [left = [], right] = sides.map((side) => termsOf(side, fault))
  if (!right && left.length < 2)
    throw fault('holds one term alone; write `term => words of documents`, or `term, term`')
  for (const term of right ? [] : left) assertKey(term, fault)
  if (!right) return left.flatMap((from) => left.filter((to) => to !== from).map((to) => ({ from, to })))
  return left.flatMap((from) => {
    assertKey(from, fault)
    return right.map((to) => ({ from, to }))
  })
}

function termsOf(side: string, fault: Fault): string[] {
  const terms = side.split(',').map((term) => term.trim())
  if (terms.length > maxTerms) throw fault(`holds more than ${maxTerms} terms`)
  for (const term of terms) {
    if (term.includes('\\')) throw fault('holds a backslash; terms have no commas, so that nothing has to be escaped')
    if (keyOf(term) === '') throw fault('holds a term without letters or digits')
    if (term.length > maxTerm) throw fault(`holds a term of more than ${maxTerm} characters`)
  }
  return terms
}

function assertKey(term: string, fault: Fault): void {
  if (keyOf(term).split(' ').length > maxWords) throw fault(`holds a term to look for of more than ${maxWords} words`)
}
