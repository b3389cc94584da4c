import type { Ack, DurableEvent } from '../../server/protocol/events.ts'
import type { World } from './world.ts'

/** What the assistant answers, always. */
export const answerText = 'A late payment fee of £12 is charged.'

/** A message as a customer has to see it. */
interface Shown {
  readonly mid: string
  text: string
  streaming: boolean
}

/** What has to be seen at a point of the log, computed in the plainest way. */
function shownAt(log: readonly DurableEvent[], last: number): Shown[] {
  const shown: Shown[] = []
  for (const { t, d } of log.slice(0, last)) {
    if (t === 'msg.created') shown.push({ mid: d.mid, text: d.text ?? '', streaming: d.status === 'streaming' })
    if (t !== 'msg.completed') continue
    const message = shown.find(({ mid }) => mid === d.mid)
    if (message) Object.assign(message, { text: d.text, streaming: false })
  }
  return shown
}

/** The reference model: the log as it was appended, and what was said. */
export function createReference() {
  const said: { readonly tab: number; readonly text: string }[] = []

  function faultsOf(tab: number, { tabs }: World, log: readonly DurableEvent[]): string[] {
    const { status, last, messages } = tabs[tab]!.session.state()
    const wanted = shownAt(log, last)
    const faults: string[] = []
    if (status === 'stopped' || status === 'erased') faults.push(`tab ${tab} is ${status}`)
    if (last > log.length) faults.push(`tab ${tab} stands at ${last} of ${log.length}`)
    const differs = messages.findIndex(({ mid, text, streaming }, i) => {
      const one = wanted[i]
      if (one?.mid !== mid || one.streaming !== streaming) return true
      return streaming ? !answerText.startsWith(text) : one.text !== text
    })
    if (differs >= 0 || messages.length !== wanted.length)
      faults.push(`tab ${tab} at ${last} shows ${JSON.stringify(messages)} and not ${JSON.stringify(wanted)}`)
    return faults
  }

  const logOf = ({ chat, conv }: World): readonly DurableEvent[] => {
    const id = conv()
    return id === undefined ? [] : chat.log(id)
  }
  /** Whether the ack names what lies in the log. */
  const isKept = (log: readonly DurableEvent[], { mid, seq = 0 }: Ack): boolean => {
    const event = log[seq - 1]
    return mid === undefined || (event?.t === 'msg.created' && event.d.mid === mid)
  }

  return {
    said: (tab: number, text: string): void => void said.push({ tab, text }),
    /** Of each tab as it stands now. */
    faults(world: World): string[] {
      const log = logOf(world)
      const broken = world.acks.filter((ack) => !isKept(log, ack))
      return [
        ...world.tabs.flatMap((_, tab) => faultsOf(tab, world, log)),
        ...broken.map(({ mid, seq }) => `${mid} was acknowledged as ${seq} and is not there`),
      ]
    },
    /** When everything has arrived: nothing said is lost, doubled or out of its order, and all tabs have all of it. */
    lastFaults(world: World): string[] {
      const log = logOf(world)
      const { tabs } = world
      const stored = log.flatMap(({ t, d }) => (t === 'msg.created' && d.by === 'customer' ? [d.text ?? ''] : []))
      const faults: string[] = []
      for (const tab of tabs.keys()) {
        const own = said.filter((one) => one.tab === tab).map(({ text }) => text)
        const there = stored.filter((text) => own.includes(text))
        if (there.join() !== own.join()) faults.push(`tab ${tab} said ${own}, stored are ${there}`)
        const { last, gap, pending } = tabs[tab]!.session.state()
        if (last !== log.length || gap) faults.push(`tab ${tab} stands at ${last} of ${log.length}`)
        if (pending.length > 0) faults.push(`tab ${tab} still sends ${pending.map(({ text }) => text)}`)
      }
      return faults
    },
  }
}
