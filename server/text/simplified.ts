import pairs from 'opencc-js/dict/TSCharacters'

/** In some words these stay as they are, which only phrases would tell; for looking up they may always go together. */
const folded = ['著着', '瞭了', '藉借', '妳你']

const han = /\p{Script=Han}/u

/** Read when the first Chinese text comes. */
let table: ReadonlyMap<string, string> | undefined

/**
 * A text with its traditional Chinese characters as simplified ones, so that both ways of writing find each other. For looking
 * up only: several traditional characters may have the same simplified one, and what is quoted stays as it was written.
 * Characters have the places that they had: the few whose simplified form has another length in UTF-16 stay as they are.
 * Source: OpenCC's table of characters, without its phrases.
 */
export function simplified(text: string): string {
  if (!han.test(text)) return text
  table ??= readTable()
  let all = ''
  for (const character of text) all += table.get(character) ?? character
  return all
}

function readTable(): ReadonlyMap<string, string> {
  const all = pairs.split('|').map((pair) => pair.split(' ') as [string, string]) // so the package writes it
  const more = folded.map(([traditional, simple]) => [traditional!, simple!] as const)
  return new Map([...all.filter(([traditional, simple]) => traditional.length === simple.length), ...more])
}
