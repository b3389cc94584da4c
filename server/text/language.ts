/** Function words of each language. A word that stands in several counts for each in part. */
const words: Readonly<Record<string, string>> = {
  en: `the and of to a in is you that it he was for on are as with his they i at be this have from or had by but not
    what all were we when your can said there use an each which she do how their if will up other about out many
    then them these so some her would make like him into time has look two more go see no way could people my than
    been call who its now find did down get come made may just where most know take me our any only very after also
    why need want please thanks hello hi yes ok does don't i'm it's can't haven't didn't won't i've much again still
    too before because while over should through without under same off own here am`,
  de: `der die das und ist ich nicht mein meine meinen meiner wie was wo ein eine einen einer für mit auf zu zum zur
    den dem des kann können sie wir bitte warum haben habe hat wird werden bei von vom im am an es auch wenn oder
    noch nach aus als um sind war sich so aber mir mich ihr ihre unser hallo danke guten wann wer welche gibt geht
    muss möchte schon immer nur über unter bin`,
  fr: `le la les et est je pas mon ma mes comment que qui quoi quel quelle où un une des pour avec sur au aux du de ne
    vous nous puis-je pourquoi ai as a ont dans mais plus ce cet cette il elle on se sa son ses leur y en à est-ce
    c'est j'ai n'ai bonjour merci quand peut peux dois suis sont été être avoir fait faire très bien votre vos notre
    par ou si`,
  es: `el la los las y es yo no mi mis cómo como qué que cuál dónde un una unos unas para con por en de del al puedo
    puede usted ustedes quiero tengo está están estoy pero más hola cuánto cuándo gracias se lo le su sus me te a o
    si sin sobre cuando hay ha he ser fue son muy porque este esta eso ya también`,
  it: `il lo la gli le e è io non mio mia miei come che chi quale dove un una uno per con su di del della dei delle al
    alla posso può voi perché ho hai ha nel nella ma più questo questa ciao sono quanto quando grazie mi si se ci da
    in a o anche devo vorrei essere stato fare molto i`,
  pt: `o a os as e é eu não meu minha como que qual onde um uma para com em de do da dos das no na nos nas posso pode
    você vocês quero tenho está estou por mas mais olá quanto quando obrigado obrigada se ao à foi são ser ou me
    meus minhas isso este esta muito porque sem já também`,
  nl: `de het een en is ik niet mijn hoe wat waar voor met op te van kan kunnen u jij je wij we waarom heb hebben heeft
    bij naar ook maar er geen aan wordt worden om dat die dit deze als dan nog wel of uit in zijn was hallo bedankt
    wanneer moet wil graag over mij me ben`,
  pl: `i w na nie to jest się że z ze do jak co gdzie mój moja moje mojej dla czy mogę proszę dlaczego mam ma ale po od
    są ile jestem kiedy przez a o u za jaki jaka jakie mi mnie tego ten ta tak już tylko lub oraz może być było
    będzie został dziękuję dzień dobry`,
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
  for (const word of list.split(/\s+/)) languagesOf.set(word, [...(languagesOf.get(word) ?? []), language])
}
/** More text does not change the answer. UTF-16 units. */
const enough = 2_000

/**
 * The language of a message, cheaply: Chinese by its script, the others by their function words and letters.
 * @returns ISO 639-1 code of en, de, fr, es, it, pt, nl, pl or zh; undefined where the text does not tell (one word, a number).
 */
export function languageOf(text: string): string | undefined {
  const sample = text.slice(0, enough).toLowerCase()
  const found = sample.match(/\p{L}[\p{L}\p{M}’'-]*/gu) ?? []
  const score = scores(sample, found)
  const [best, second] = [...score].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const han = sample.match(/\p{Script=Han}/gu)?.length ?? 0
  // Names of products stay in Latin letters, so a Chinese question may hold more of those than of its own.
  if (han > 0 && (han * 6 >= found.join('').length || (best?.[1] ?? 0) < 1))
    return /[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(sample) ? undefined : 'zh'
  // One lone word that two languages share is no evidence; a clear lead is.
  if (!best || best[1] < 0.9 || best[1] < (second?.[1] ?? 0) * 1.25) return undefined
  return best[0]
}

function scores(sample: string, found: readonly string[]): Map<string, number> {
  const score = new Map<string, number>()
  const credit = (language: string, points: number) => score.set(language, (score.get(language) ?? 0) + points)
  for (const word of found) {
    const languages = languagesOf.get(word.replace('’', "'")) ?? []
    for (const language of languages) credit(language, 1 / languages.length)
  }
  for (const [pattern, language] of letters) if (pattern.test(sample)) credit(language, 1)
  return score
}
