import { simplified } from '../text/simplified.ts'
import type { HandoffReason } from './intents.ts'

/**
 * Words that are never answered from documents alone, whatever a model makes of the message. Recall first: one person too
 * many is asked rather than one too few. Chinese stands here whole, as the intent model reads English only.
 */
const cases: readonly (readonly [RegExp, HandoffReason])[] = [
  [
    /\b(kill|hurt|harm)(ing)? my\s?self\b|\bsuicid\w*|\bend (my|it all|my own) ?(life)?\b|\bdon['’]?t want to live\b|自杀|不想活/iu,
    'crisis',
  ],
  [/被盗刷|盗刷|诈骗|被骗|骗走|不是我(付|刷|转)的/u, 'fraud'],
  [/\b(i|we) (was|were|got|have been|['’]?ve been) (scammed|robbed|mugged|conned|hacked)\b/iu, 'fraud'],
  [
    /\b(some(one|body)|they) (is|are|was|has|have|stole|took|emptied|cloned)\b[^.?!]{0,40}\b(my|from my) (account|card|money|savings)\b/iu,
    'fraud',
  ],
  [
    /\bmy ((debit|credit|bank) )?(card|cards|account|purse|wallet) (was|were|has been|have been|is being|got) (just )?(cloned|hacked|emptied|stolen|stolen from|used by)\b/iu,
    'fraud',
  ],
  [/\b(some(one|body)|they) (has |have )?stole(n)? my (card|cards|purse|wallet|phone)\b/iu, 'fraud'],
  [/投诉/u, 'complaint'],
  [/去世|过世|身故/u, 'bereavement'],
  [
    /\b(my|our) (husband|wife|partner|mum|mother|dad|father|son|daughter|brother|sister)( has)?( just)? (died|passed away)\b/iu,
    'bereavement',
  ],
  [/还不起|还不上|无力偿还/u, 'hardship'],
  [
    /\b(can['’]?t|cannot|can not|couldn['’]?t) (afford|pay for|buy) (food|my rent|the rent|to eat|heating|my bills)\b/iu,
    'hardship',
  ],
]

/** The kind of case that a message is in so many words. */
export function caseIn(written: string): HandoffReason | undefined {
  const text = simplified(written)
  return cases.find(([pattern]) => pattern.test(text))?.[1]
}

const trouble =
  /\b(gambl\w*|debt collect\w*|bailiffs?|lost everything|evict\w*|bankrupt\w*|widow\w*|died|passed away|scammed|redundan\w*|lost my job)\b|赌|破产/iu

/** Nothing is sold to somebody in trouble, however calmly they ask. */
export const isInTrouble = (text: string): boolean => trouble.test(simplified(text))
