import type { Desk } from './desk.ts'
import type { Words } from './locales/en.ts'
import type { ConsoleState } from './state.ts'

/** What every view is given. */
export interface Scene {
  readonly state: ConsoleState
  readonly desk: Desk
  readonly words: Words
  /** BCP 47, for dates and times. */
  readonly lang: string
  /** Unix milliseconds. */
  readonly now: number
  /** What is being written, by field; kept while another conversation is looked at. */
  readonly texts: Map<string, string>
  /** Something that is not in the state has changed. */
  readonly redraw: () => void
}

/** The conversation that is open, and its name. */
export function openChat({ state }: Scene) {
  const chat = state.open === undefined ? undefined : state.chats.get(state.open)
  return state.open === undefined || !chat ? undefined : { conv: state.open, chat }
}

/** Whole minutes since then. */
export const minutesSince = (at: string, { now }: Scene): number =>
  Math.max(0, Math.floor((now - Date.parse(at)) / 60_000))

/** The time of day, with the day where it is another. */
export function timeOf(at: string, { lang, now }: Scene): string {
  const then = new Date(at)
  const isToday = then.toDateString() === new Date(now).toDateString()
  return then.toLocaleString(lang, isToday ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' })
}
