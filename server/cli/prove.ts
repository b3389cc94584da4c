import { type Step, type Walk, walkExits } from '../chat/exits.ts'
import { maxFailedTurns } from '../chat/policy.ts'
import type { Command } from './command.ts'

/** Thresholds come from a trained model and an operator's setting; every order of them has to keep the promise. */
const settings = [
  { answer: 0.6, topic: 0.3, intent: 0.4 },
  { answer: 0.3, topic: 0.6, intent: 0.4 },
  { answer: 1, topic: 1, intent: 1 },
  { answer: 0, topic: 0, intent: 0 },
]

export const proveExitsCommand: Command = {
  name: 'prove exits',
  args: '',
  summary: 'walk every state of a dialogue: how long until a person takes over',
  options: [],
  async run() {
    const walks = settings.map((thresholds) => walkExits(thresholds))
    const failed = walks.flatMap(({ broken }) => broken.map(({ fault, path }) => ({ fault, path: path.map(lineOf) })))
    const cases = walks.reduce((sum, walk) => sum + walk.cases, 0)
    const longest = walks.reduce((best, walk) => (walk.longest > best.longest ? walk : best))
    const json = {
      ...{ cases, passed: cases - failed.length, failed },
      ...{ states: walks[0]!.states, longest: longest.longest, path: longest.path.map(lineOf) },
    }
    return {
      json,
      text: failed.length === 0 ? proofOf(cases, longest) : faultsOf(failed),
      exitCode: failed.length === 0 ? 0 : 1,
    }
  },
}

const proofOf = (cases: number, { longest, path }: Walk): string =>
  [
    `Every message without an answer offers a person, and a person takes over after at most ${longest} failed ${longest === 1 ? 'turn' : 'turns'} in a row (allowed: ${maxFailedTurns}).`,
    `${cases.toLocaleString('en-GB')} cases: each state that a dialogue can reach, each situation that the policy tells apart, ${settings.length} orders of thresholds.`,
    'A longest way:',
    ...path.map((step, i) => `  ${i + 1}. ${lineOf(step)}`),
    `  ${path.length + 1}. whatever is not answered goes to a person`,
  ].join('\n')

const faultsOf = (failed: readonly { fault: string; path: readonly string[] }[]): string =>
  failed.flatMap(({ fault, path }) => [`Not so: ${fault}.`, ...path.map((line, i) => `  ${i + 1}. ${line}`)]).join('\n')

/** A turn in words: what sets it apart, and what was done. */
function lineOf({ situation, choice }: Step): string {
  const { use, confidence, mood, answerable, nearTopics } = situation
  const read = [
    use === undefined ? 'no intent' : `intent for ${use.use} at ${confidence}`,
    `mood ${mood}`,
    `best text at ${answerable}`,
    `${nearTopics} near topics`,
  ]
  return `${read.join(', ')}: ${choice.kind} (${choice.rule})`
}
