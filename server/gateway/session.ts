import { encode } from '../protocol/codec.ts'
import type { CustomerFrame, DurableEvent } from '../protocol/events.ts'
import { slowReaderBytes } from '../protocol/limits.ts'
import { type CatchUp, planCatchUp, type ResumePoint, snapshotFrame } from './catch-up.ts'
import type { Outlet } from './outlet.ts'
import type { Chat, ConversationEvent } from './ports.ts'

/** One conversation as it is followed over one connection: what goes out, in which order. */
export interface Session {
  readonly conv: string
  readonly chat: Chat
  send(frame: CustomerFrame): void
  /** Bring the client from its point to the head, then on. `greet` is called once the way is known, before anything is sent. */
  resume(point: ResumePoint | undefined, greet?: (plan: CatchUp) => void): Promise<void>
  /** From the next message of one's own on, keep events back until `releaseAck`: an ack comes before its event. */
  holdForAck(): void
  releaseAck(): void
  end(): void
}

const encodings = new WeakMap<object, string>()

/** An event goes as the same string to all who follow the conversation, so it is encoded once. */
function encodeEvent(event: ConversationEvent): string {
  let text = encodings.get(event)
  if (text === undefined) {
    text = encode(event)
    encodings.set(event, text)
  }
  return text
}

const isDurable = (event: ConversationEvent): event is DurableEvent => 'seq' in event
/** Which end of a conversation. */
export type Side = 'customer' | 'agent'

/**
 * Follows the conversation from the first moment: while a replay or snapshot is read and sent, events that happen meanwhile
 * are kept, and sent after it if it did not hold them. So nothing is lost between the two, and nothing comes twice.
 */
export function createSession({
  chat,
  conv,
  outlet,
  overflow,
  side,
}: {
  chat: Chat
  conv: string
  outlet: Outlet
  /** More is kept back than may be: the reader is too slow for its replay. */
  overflow: () => void
  /** Whose messages are one's own; one's own typing does not come back. */
  side: Side
}): Session {
  let last = 0 // seq of the last durable event sent
  let catchingUp = true
  let awaitingAck = false
  let held: ConversationEvent[] | undefined = []
  let heldBytes = 0

  const isOwnMessage = (event: ConversationEvent): boolean => event.t === 'msg.created' && event.d.by === side
  const isOwnTyping = (event: ConversationEvent): boolean => event.t === 'typing' && event.d.by === side
  const reply = (frame: CustomerFrame): void => outlet.send(encode(frame))
  const unsubscribe = chat.subscribe(conv, receive)

  function receive(event: ConversationEvent): void {
    if (isOwnTyping(event)) return
    if (!held && awaitingAck && isOwnMessage(event)) held = []
    if (held) keep(held, event)
    else deliver(event)
  }

  function keep(list: ConversationEvent[], event: ConversationEvent): void {
    list.push(event)
    heldBytes += Buffer.byteLength(encodeEvent(event))
    if (heldBytes > slowReaderBytes) overflow()
  }

  function deliver(event: ConversationEvent): void {
    if (!isDurable(event)) outlet.sendEphemeral(encodeEvent(event))
    else if (event.seq > last) {
      last = event.seq // a smaller one was in the replay
      outlet.send(encodeEvent(event))
    }
  }

  /** Everything kept back goes out; from here on events go straight through. Nothing in here waits, so nothing overtakes. */
  function release(wanted: (event: ConversationEvent) => boolean): void {
    const list = held ?? []
    held = undefined
    heldBytes = 0
    for (const event of list) if (wanted(event)) deliver(event)
  }

  function goLive(): void {
    catchingUp = false
    release(isDurable) // of the ephemeral ones, the text so far tells all that still matters
    const streaming = chat.streaming(conv)
    if (!streaming || streaming.n === 0) return
    const { mid, n, text } = streaming
    reply({ t: 'msg.delta', conv, d: { mid, n, off: 0, text, snap: true } })
  }

  async function sendPlan(plan: CatchUp): Promise<void> {
    if (plan.kind === 'replay') {
      for (const event of plan.events) await outlet.sendPaced(encode(event))
      reply({ t: 'live', conv, epoch: plan.epoch, head: plan.head })
    }
    if (plan.kind === 'snapshot') await outlet.sendPaced(snapshotFrame(conv, plan.epoch, plan.state))
    last = plan.head
  }

  return {
    conv,
    chat,
    send: reply,
    async resume(point, greet) {
      const wasLive = !catchingUp
      catchingUp = true
      held ??= []
      try {
        const plan = await planCatchUp(chat, conv, point)
        greet?.(plan)
        await sendPlan(plan)
        goLive()
      } catch (reason) {
        if (wasLive) {
          catchingUp = false
          release(() => true)
        }
        throw reason
      }
    },
    holdForAck() {
      awaitingAck = true
    },
    releaseAck() {
      awaitingAck = false
      if (!catchingUp && held) release(() => true)
    },
    end() {
      unsubscribe()
      held = undefined
    },
  }
}
