import { createRandom } from '../../server/math/random.ts'
import type { DurableEvent } from '../../server/protocol/events.ts'
import { mintId } from '../../server/protocol/ids.ts'
import { completed } from '../client/support/fixtures.ts'
import type { MemoryChat } from '../server/gateway/memory-chat.ts'
import type { Direction } from './link.ts'
import { answerText, createReference } from './reference.ts'
import { createWorld, type Tab, type World } from './world.ts'

const steps = 10
const mostTabs = 2
/** More rounds of delivering than any exchange without faults needs. */
const calmRounds = 60
/** Rounds in which nothing arrives: a ticket takes two of them. */
const quietRounds = 4
/** Of a step. What takes more, as a ticket does, goes on during the next ones; nothing in here waits for a timer or the system. */
const microtasksPerStep = 8

/** What the time has to be while schedules run, Unix milliseconds. */
export const clock = { ms: Date.parse('2026-11-22T09:30:00Z') }

/**
 * One random schedule of what customers, the assistant, the network and the server do, and then a calm in which everything
 * arrives. After each step every tab is held against the reference model.
 * @throws {Error} with the seed and the steps, if a tab shows what the log does not hold, or something is lost or doubled.
 */
export async function runSchedule(seed: number, spoil?: (chat: MemoryChat) => MemoryChat): Promise<void> {
  const random = createRandom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const world = createWorld(1 + below(mostTabs), spoil)
  world.chat.eager = random() < 0.5
  const reference = createReference()
  const done: string[] = []
  const check = (faults: readonly string[]): void => {
    if (faults.length > 0) throw new Error(`seed ${seed}: ${faults.join('; ')}\nafter ${done.join(', ')}`)
  }
  const step = createSteps(world, reference, below)
  for (const { session } of world.tabs) session.connection.start()
  try {
    for (let i = 0; i < steps; i++) {
      done.push(step())
      await pass()
      check(reference.faults(world))
    }
    await calm(world)
    check([...reference.faults(world), ...reference.lastFaults(world)])
  } finally {
    world.end()
  }
}

async function pass(): Promise<void> {
  for (let i = 0; i < microtasksPerStep; i++) await undefined
  clock.ms++ // ids of different pages are never of the same millisecond
}

/** Break every connection once more, and deliver until nothing is under way. */
async function calm(world: World): Promise<void> {
  for (const tab of world.tabs) {
    tab.drop('by both')
    tab.session.connection.start() // the page is looked at
  }
  let quiet = 0
  for (let round = 0; round < calmRounds; round++) {
    await pass()
    quiet++
    for (const tab of world.tabs)
      for (const direction of ['up', 'down'] as const) while (tab.deliver(direction)) quiet = 0
    if (quiet === quietRounds) return
  }
  throw new Error('it never becomes quiet')
}

/** What can happen, each as often as it stands here. @returns a function that does one of it and says what. */
function createSteps(world: World, reference: ReturnType<typeof createReference>, below: (limit: number) => number) {
  const { tabs, chat } = world
  const anyTab = (): Tab => tabs[below(tabs.length)]!
  const anyDirection = (): Direction => (below(2) === 0 ? 'up' : 'down')
  const answer = createAnswer(chat, below)
  let said = 0

  const acts: readonly (() => string)[] = [
    ...Array<() => string>(7).fill(function deliver() {
      const [tab, up, down] = [anyTab(), below(4), below(8)]
      for (let i = 0; i < up && tab.deliver('up'); i++);
      for (let i = 0; i < down && tab.deliver('down'); i++);
      return `${up} up, ${down} down`
    }),
    ...Array<() => string>(4).fill(function say() {
      const at = below(tabs.length)
      const text = `message ${++said}`
      if (tabs[at]!.session.send(text)) reference.said(at, text)
      return `tab ${at} says ${said}`
    }),
    ...Array<() => string>(4).fill(function spoil() {
      const [link, direction] = [anyTab().link, anyDirection()]
      const how = (['lose', 'double', 'delay'] as const)[below(3)]!
      link?.spoil(direction, below(link.waiting(direction).length), how, below(3))
      return `${how} ${direction}`
    }),
    ...Array<() => string>(3).fill(() => {
      const conv = world.conv()
      return conv === undefined ? 'nothing' : answer(conv)
    }),
    function drop() {
      anyTab().drop('by both')
      return 'drop'
    },
    function halfOpen() {
      anyTab().drop('by the client')
      return 'drop that the server does not notice'
    },
    function restart() {
      for (const tab of tabs) tab.drop('by both')
      return 'restart'
    },
    function restore() {
      const conv = world.conv()
      if (conv !== undefined) chat.newEpoch(conv)
      for (const tab of tabs) tab.drop('by both')
      return 'restore'
    },
    function reload() {
      anyTab().reload()
      return 'reload'
    },
  ]
  return (): string => acts[below(acts.length)]!()
}

/** The assistant: an answer begins, comes in pieces, ends. */
function createAnswer(chat: MemoryChat, below: (limit: number) => number): (conv: string) => string {
  let open: { readonly mid: string; n: number; off: number } | undefined
  return (conv) => {
    if (!open) {
      open = { mid: mintId('m'), n: 0, off: 0 }
      chat.append(conv, { t: 'msg.created', d: { mid: open.mid, by: 'bot', re: [], status: 'streaming' } })
      chat.setStreaming(conv, { mid: open.mid, n: 0, text: '' })
      return 'an answer begins'
    }
    const { mid } = open
    if (open.off < answerText.length && below(4) > 0) {
      const piece = answerText.slice(open.off, open.off + 8)
      chat.publish(conv, { t: 'msg.delta', conv, d: { mid, n: ++open.n, off: open.off, text: piece } })
      open.off += piece.length
      chat.setStreaming(conv, { mid, n: open.n, text: answerText.slice(0, open.off) })
      return 'a piece'
    }
    chat.setStreaming(conv, undefined)
    chat.append(conv, { t: 'msg.completed', d: completed(mid, { text: answerText }) } satisfies Pick<
      DurableEvent,
      't' | 'd'
    >)
    open = undefined
    return 'the answer ends'
  }
}
