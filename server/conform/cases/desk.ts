import type { AgentFrame } from '../../protocol/agent-events.ts'
import { equal, must } from '../check.ts'
import type { Case } from '../kit.ts'
import { type Clerk, takeSeat } from '../staff.ts'
import { type Guest, newId, type World } from '../world.ts'

/** A customer who waits for a person, and two of the staff. */
interface Scene {
  readonly guest: Guest
  readonly ann: Clerk
  readonly bob: Clerk
  readonly world: World
}

/** Run with a customer who has asked for a person. */
export const atDesk = (name: string, run: (scene: Scene) => Promise<void>): Case => ({
  name,
  needs: 'staff',
  async run(world) {
    const guest = await world.join()
    await guest.command('human.request', {})
    await owned(guest, 'queue')
    const [ann, bob] = [await takeSeat(world, 'ann'), await takeSeat(world, 'bob')]
    await run({ guest, ann, bob, world })
    await guest.reply('conv.close', {}) // it may have ended; who has it is not to have too many
    for (const { line } of [guest, ann, bob]) line.close()
  },
})

/** The customer is told of this owner. */
export const owned = (guest: Guest, owner: string) =>
  guest.line.wait(`owner ${owner}`, (frame) =>
    frame.t === 'owner.changed' && frame.d.owner === owner ? frame : undefined,
  )
export const codeOf = (reply: { t: string; code?: string }): string | undefined =>
  reply.t === 'err' ? reply.code : reply.t
const spokenBy = (guest: Guest, by: string) =>
  guest.events().filter((event) => event.t === 'msg.created' && event.d.by === by)
const ownersOf = (guest: Guest) =>
  guest.events().flatMap((event) => (event.t === 'owner.changed' ? [event.d.owner] : []))
const queued = (frame: AgentFrame, conv: string) =>
  frame.t === 'desk.queue' ? frame.d.items.find((item) => item.conv === conv) : undefined
/** The assistant has said nothing after that event when a person's reply comes. */
async function silentAfter(seq: number, guest: Guest, ann: Clerk): Promise<void> {
  await ann.command('msg.send', guest.conv, { text: 'I am here.' })
  await guest.line.wait('the reply', (frame) =>
    frame.t === 'msg.created' && frame.d.by === 'agent' ? frame : undefined,
  )
  equal(
    spokenBy(guest, 'bot').filter((event) => event.seq > seq),
    [],
    'messages of the assistant',
  )
}
/** An ack that tells of everything sent before it: a query has no effect. */
const settle = (clerk: Clerk) => clerk.command('desk.list', undefined)

export const deskCases: readonly Case[] = [
  atDesk('who waits is listed with the reason and a place', async ({ guest, ann }) => {
    const { result } = await ann.command('desk.list', undefined)
    must(result !== undefined && 'items' in result, 'a list', result)
    const item = result.items.find(({ conv }) => conv === guest.conv)
    must(item?.owner === 'queue' && item.reason === 'human', 'an item of the queue with its reason', item)
    equal(
      result.items.map(({ position }) => position),
      result.items.map((_, i) => i + 1),
      'places',
    )
  }),
  atDesk('a new one in the queue is told to staff who are connected', async ({ ann, world }) => {
    const late = await world.join()
    await late.command('human.request', {})
    await ann.line.wait('the queue with the new one', (frame) => queued(frame, late.conv))
    await late.command('conv.close', {})
    late.line.close()
  }),
  atDesk('a place in the queue is told to the customer', async ({ guest }) => {
    const { d } = await guest.line.wait('a place', (frame) => (frame.t === 'queue' ? frame : undefined))
    must(d.position >= 1, 'a place from 1', d)
  }),
  atDesk('a claim is told to the customer with a name', async ({ guest, ann }) => {
    await ann.command('desk.claim', guest.conv)
    const { d } = await owned(guest, 'agent')
    must(d.agent?.id === ann.user && d.agent.name !== '', `agent ${ann.user} with a name`, d)
  }),
  atDesk('of two claims at once one wins, and the other is told', async ({ guest, ann, bob }) => {
    const replies = await Promise.all([ann, bob].map((one) => one.reply('desk.claim', guest.conv)))
    equal(replies.map(codeOf).toSorted(), ['ack', 'forbidden'], 'replies')
    await owned(guest, 'agent')
    equal(ownersOf(guest).filter((owner) => owner === 'agent').length, 1, 'claims told')
  }),
  atDesk('a claim that is sent again is done once', async ({ guest, ann }) => {
    const id = newId()
    await ann.command('desk.claim', guest.conv, {}, id)
    must((await ann.command('desk.claim', guest.conv, {}, id)).dup === true, 'an ack with dup', undefined)
    await owned(guest, 'agent')
    await settle(ann)
    equal(ownersOf(guest), ['queue', 'agent'], 'owners')
  }),
  atDesk('two consoles of one person both have what one has claimed', async ({ guest, ann, world }) => {
    const second = await takeSeat(world, 'ann')
    await ann.command('desk.claim', guest.conv)
    await second.command('desk.claim', guest.conv)
    await second.command('msg.send', guest.conv, { text: 'from the second' })
    await guest.line.wait('the message', (frame) =>
      frame.t === 'msg.created' && frame.d.text === 'from the second' ? frame : undefined,
    )
    equal(ownersOf(guest), ['queue', 'agent'], 'owners')
    second.line.close()
  }),
  atDesk('a newer connection of the same console replaces the older', async ({ world }) => {
    const instance = newId()
    const older = await takeSeat(world, 'ann', { instance })
    const newer = await takeSeat(world, 'ann', { instance })
    equal(await older.line.closing('a close'), 4409, 'close code')
    newer.line.close()
  }),
  atDesk('what was claimed is no longer in the queue', async ({ guest, ann, bob }) => {
    await ann.command('desk.claim', guest.conv)
    await bob.line.wait('the queue without it', (frame) =>
      frame.t === 'desk.queue' && !queued(frame, guest.conv) ? frame : undefined,
    )
  }),
  atDesk('the assistant is silent once a person is there', async ({ guest, ann }) => {
    await ann.command('desk.claim', guest.conv)
    const { seq } = await owned(guest, 'agent')
    await guest.send('What is the late payment fee?')
    await guest.send('Hello?')
    await silentAfter(seq, guest, ann)
  }),
  atDesk('an answer under way at the claim does not come after it', async ({ world, ann }) => {
    const guest = await world.join()
    const sent = guest.send('What is the late payment fee?')
    await ann.command('desk.claim', guest.conv)
    await sent
    const { seq } = await owned(guest, 'agent')
    await silentAfter(seq, guest, ann)
    await guest.command('conv.close', {})
    guest.line.close()
  }),
  atDesk('a message of staff is acked with its number, and comes to the customer', async ({ guest, ann }) => {
    await ann.command('desk.claim', guest.conv)
    const { mid, seq } = await ann.command('msg.send', guest.conv, { text: 'Good morning.' })
    must(mid !== undefined && seq !== undefined, 'an ack with mid and seq', { mid, seq })
    await guest.reached(seq)
    equal(
      guest.events().find((event) => event.seq === seq)?.d,
      { mid, by: 'agent', re: [], status: 'done', text: 'Good morning.' },
      'the event',
    )
  }),
  atDesk(
    'a message of staff that is sent again comes once, and under another text it is a conflict',
    async ({ guest, ann }) => {
      const id = newId()
      await ann.command('desk.claim', guest.conv)
      const first = await ann.command('msg.send', guest.conv, { text: 'once' }, id)
      equal(await ann.command('msg.send', guest.conv, { text: 'once' }, id), { ...first, dup: true }, 'the ack')
      equal(codeOf(await ann.reply('msg.send', guest.conv, { text: 'twice' }, id)), 'idempotency_conflict', 'code')
      await guest.reached(first.seq ?? 0)
      equal(spokenBy(guest, 'agent').length, 1, 'messages of staff')
    },
  ),
  atDesk('numbers of cards are masked in what staff write, telephone numbers are not', async ({ guest, ann }) => {
    await ann.command('desk.claim', guest.conv)
    await ann.command('msg.send', guest.conv, { text: 'Call 0800 123 4567. Yours is 4111 1111 1111 1111.' })
    const { d } = await guest.line.wait('the reply', (frame) =>
      frame.t === 'msg.created' && frame.d.by === 'agent' ? frame : undefined,
    )
    must(
      d.text?.includes('0800 123 4567') === true && !d.text.includes('4111'),
      'the telephone number and no card',
      d.text,
    )
  }),
  atDesk(
    'a snapshot for staff has who has it and the notes, one for the customer has no notes',
    async ({ guest, ann, world }) => {
      await ann.command('desk.claim', guest.conv)
      await ann.command('note.add', guest.conv, { text: 'for us alone' })
      await ann.command('desk.open', guest.conv)
      const { d } = await ann.line.wait('a snapshot', (frame) => (frame.t === 'snapshot' ? frame : undefined))
      equal([d.agent?.id, d.notes.map(({ text }) => text)], [ann.user, ['for us alone']], 'agent and notes')
      const again = await world.join({ known: guest })
      const seen = await again.line.wait('a snapshot', (frame) => (frame.t === 'snapshot' ? frame : undefined))
      must(!JSON.stringify([seen, guest.line.frames]).includes('for us alone'), 'nothing of the note', seen)
      again.line.close()
    },
  ),
  atDesk('desk.open with a point replays what came after it, and then is live', async ({ guest, ann }) => {
    const { epoch } = guest.welcome
    await ann.command('desk.open', guest.conv, { epoch, after: 1 })
    const { head } = await ann.line.wait('live', (frame) => (frame.t === 'live' ? frame : undefined))
    const seqs = ann.line.frames.flatMap((frame) =>
      'seq' in frame && 'at' in frame && frame.conv === guest.conv ? [frame.seq] : [],
    )
    equal(
      seqs.slice(0, head - 1),
      Array.from({ length: head - 1 }, (_, i) => i + 2),
      'numbers',
    )
    const { seq } = await guest.send('and on')
    await ann.line.wait('the next event', (frame) =>
      'seq' in frame && 'at' in frame && frame.seq === seq ? frame : undefined,
    )
  }),
  atDesk('what is left is followed no more', async ({ guest, ann }) => {
    await ann.command('desk.open', guest.conv)
    await ann.command('desk.leave', guest.conv)
    const before = ann.line.frames.length
    const { seq } = await guest.send('nobody hears')
    await guest.reached(seq)
    await settle(ann)
    const heard = ann.line.frames.slice(before).filter((frame) => 'conv' in frame && frame.conv === guest.conv)
    equal(heard, [], 'frames')
  }),
  atDesk('a note comes to colleagues who look at the conversation', async ({ guest, ann, bob }) => {
    await bob.command('desk.open', guest.conv)
    await ann.command('note.add', guest.conv, { text: 'look here' })
    const { d } = await bob.line.wait('the note', (frame) => (frame.t === 'note.added' ? frame : undefined))
    equal([d.by, d.text], [ann.user, 'look here'], 'by and text')
  }),
  atDesk('a draft comes to colleagues, and not to who writes it or to the customer', async ({ guest, ann, bob }) => {
    await ann.command('desk.open', guest.conv)
    await bob.command('desk.open', guest.conv)
    ann.line.write({ t: 'draft', conv: guest.conv, d: { text: 'dear' } })
    const { d } = await bob.line.wait('the draft', (frame) => (frame.t === 'draft' ? frame : undefined))
    equal([d.by, d.text], [ann.user, 'dear'], 'by and text')
    await settle(ann)
    must(!JSON.stringify([ann.line.frames, guest.line.frames]).includes('"draft"'), 'no draft', 'one')
  }),
  atDesk('typing of the one who has it comes to the customer, of others it does not', async ({ guest, ann, bob }) => {
    await ann.command('desk.claim', guest.conv)
    bob.line.write({ t: 'typing', conv: guest.conv, d: { on: false } })
    await settle(bob)
    ann.line.write({ t: 'typing', conv: guest.conv, d: { on: true } })
    const { d } = await guest.line.wait('typing', (frame) => (frame.t === 'typing' ? frame : undefined))
    equal(d, { by: 'agent', on: true }, 'typing')
  }),
  atDesk('given back to the queue it waits again, and the customer is told', async ({ guest, ann, bob }) => {
    await ann.command('desk.claim', guest.conv)
    await ann.command('desk.release', guest.conv, { to: 'queue' })
    await guest.line.wait('queue again', () => (ownersOf(guest).join() === 'queue,agent,queue' ? true : undefined))
    await bob.command('desk.claim', guest.conv)
  }),
  atDesk('given back to the assistant it answers, and does not call a person again', async ({ guest, ann }) => {
    await ann.command('desk.claim', guest.conv)
    await ann.command('desk.release', guest.conv, { to: 'bot' })
    await owned(guest, 'bot')
    const { kind } = await guest.ask('What is the late payment fee on my credit card?')
    must(kind !== 'handoff', 'no hand-over', kind)
  }),
  atDesk('transferred, it is the colleague’s and no longer one’s own', async ({ guest, ann, bob }) => {
    await ann.command('desk.claim', guest.conv)
    await ann.command('desk.transfer', guest.conv, { to: bob.user })
    await bob.command('msg.send', guest.conv, { text: 'now me' })
    equal(codeOf(await ann.reply('msg.send', guest.conv, { text: 'still me' })), 'forbidden', 'code')
  }),
  atDesk('closed by staff it has ended for everybody', async ({ guest, ann, bob }) => {
    await ann.command('desk.claim', guest.conv)
    await ann.command('desk.close', guest.conv, { reason: 'conformance' })
    await guest.line.wait('the end', (frame) =>
      frame.t === 'conv.state' && frame.d.state === 'closed' ? frame : undefined,
    )
    equal(codeOf(await guest.reply('msg.send', { text: 'wait' })), 'conv_closed', 'code')
    equal(codeOf(await bob.reply('desk.claim', guest.conv)), 'conv_closed', 'code')
    must(!JSON.stringify(guest.line.frames).includes('conformance'), 'no reason for the customer', 'the reason')
  }),
]
