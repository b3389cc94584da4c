/** Commonest words that belong to one of the languages, or to few of them. */
const words: Readonly<Record<string, readonly string[]>> = {
  en: 'the and is my you i for to of can do how what why not it was with have this are your when where does please card account money been will need want from has did been which there they'.split(
    ' ',
  ),
  de: 'der die das und ist ich nicht mein meine wie was wo ein eine einen für mit auf zu den dem kann sie wir bitte warum haben habe wird bei von im auch konto karte wenn oder noch'.split(
    ' ',
  ),
  fr: 'le la les et est je pas mon ma mes comment que quel quelle où un une des pour avec sur au du ne vous nous puis-je pourquoi ai dans mais plus ce cette compte carte bonjour'.split(
    ' ',
  ),
  es: 'el la los las y es yo no mi mis cómo como qué que cuál dónde un una para con por en de del puedo usted ustedes quiero tengo está por qué cuenta tarjeta pero más hola cuánto'.split(
    ' ',
  ),
  it: 'il lo la gli e è io non mio mia come che quale dove un una per con su di del della posso voi perché ho nel ma più questo conto carta ciao sono quanto'.split(
    ' ',
  ),
  pt: 'o a os as e é eu não meu minha como que qual onde um uma para com em de do da posso você vocês quero tenho está por conta cartão mas mais olá quanto são'.split(
    ' ',
  ),
  nl: 'de het een en is ik niet mijn hoe wat waar voor met op te van kan u jij wij waarom heb hebben bij naar ook rekening kaart maar er geen aan wordt'.split(
    ' ',
  ),
  pl: 'i w na nie to jest się że z do jak co gdzie mój moja dla czy mogę proszę dlaczego mam konto karta ale po od są ile jestem kiedy moje przez'.split(
    ' ',
  ),
}
/** Letters that hardly occur outside one language of the table. */
const letters: readonly (readonly [RegExp, string])[] = [
  [/[ßäö]/u, 'de'],
  [/[œêûëï]|ç[aoe]/u, 'fr'],
  [/[ñ¿¡]/u, 'es'],
  [/[ãõ]/u, 'pt'],
  [/[ąęłńśźż]/u, 'pl'],
]
const languagesOf = new Map<string, string[]>()
for (const [language, list] of Object.entries(words)) {
  for (const word of list) languagesOf.set(word, [...(languagesOf.get(word) ?? []), language])
}
/** More text does not change the answer. UTF-16 units. */
const enough = 2_000

/**
 * The language of a message, cheaply: Chinese by its script, the others by their function words and letters.
 * @returns ISO 639-1 code of en, de, fr, es, it, pt, nl, pl or zh; undefined where the text does not tell (one word, a number).
 */
export function languageOf(text: string): string | undefined {
  const sample = text.slice(0, enough).toLowerCase()
  const han = sample.match(/\p{Script=Han}/gu)?.length ?? 0
  const found = sample.match(/\p{L}[\p{L}\p{M}’'-]*/gu) ?? []
  const kana = /[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(sample)
  if (han > 0 && !kana && han * 2 >= found.join('').length / 3) return 'zh'
  const score = new Map<string, number>()
  const credit = (language: string, points: number) => score.set(language, (score.get(language) ?? 0) + points)
  for (const word of found) {
    const languages = languagesOf.get(word) ?? []
    for (const language of languages) credit(language, 1 / languages.length)
  }
  for (const [pattern, language] of letters) if (pattern.test(sample)) credit(language, 1)
  const [best, second] = [...score].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  // One lone word that two languages share is no evidence; a clear lead is.
  if (!best || best[1] < 0.9 || best[1] < (second?.[1] ?? 0) * 1.25) return undefined
  return best[0]
}
