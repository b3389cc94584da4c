import { equal, must } from '../check.ts'
import type { Case } from '../kit.ts'
import { type Guest, newId, type World } from '../world.ts'

/** Run in a conversation of its own. */
const inOne = (name: string, run: (guest: Guest, world: World) => Promise<void>): Case => ({
  name,
  async run(world) {
    const guest = await world.join()
    await run(guest, world)
    guest.line.close()
  },
})

const unknownConv = 'c_AAAAAAAAAAAAAAAAAAAAAAAA'
const unknownMid = 'm_AAAAAAAAAAAAAAAAAAAAAAAA'
const codeOf = (reply: { t: string; code?: string }): string | undefined => (reply.t === 'err' ? reply.code : reply.t)
/** Which of the frames come first: a command’s ack before its event. */
const created = (guest: Guest, mid: string) =>
  guest.line.frames.findIndex((frame) => frame.t === 'msg.created' && frame.d.mid === mid)

export const commands: readonly Case[] = [
  inOne('a message is acked before its event comes, and both name it alike', async (guest) => {
    const { mid, seq, re } = await guest.send('hello')
    await guest.reached(seq)
    const ack = guest.line.frames.findIndex((frame) => frame.t === 'ack' && frame.re === re)
    const event = created(guest, mid)
    must(ack >= 0 && event > ack, 'the ack before the event', { ack, event })
    equal(
      guest.events().find((one) => one.seq === seq)?.d,
      { mid, by: 'customer', re: [], status: 'done', text: 'hello' },
      'the event',
    )
  }),
  inOne('a resend gets the first ack, marked as such, and no second message', async (guest) => {
    const id = newId()
    const first = await guest.send('only once', id)
    const again = await guest.command('msg.send', { text: 'only once' }, id)
    equal(again, { ...first, dup: true }, 'the ack')
    await guest.answerTo(first.mid)
    const said = guest.events().filter((event) => event.t === 'msg.created' && event.d.by === 'customer')
    equal(said.length, 1, 'messages of the customer')
  }),
  inOne('the same id with another text is a conflict, and is not stored', async (guest) => {
    const id = newId()
    const { mid } = await guest.send('one', id)
    equal(codeOf(await guest.reply('msg.send', { text: 'two' }, { id })), 'idempotency_conflict', 'code')
    await guest.answerTo(mid)
    must(
      !guest.events().some((event) => event.t === 'msg.created' && event.d.text === 'two'),
      'no second message',
      guest.events(),
    )
  }),
  inOne('the same id in another conversation is another command', async (guest, world) => {
    const id = newId()
    const other = await world.join()
    const [one, two] = [await guest.send('hello', id), await other.send('hello', id)]
    must(one.mid !== two.mid && two.dup !== true, 'two messages', [one, two])
    other.line.close()
  }),
  inOne('a foreign conversation and an unknown one are refused alike', async (guest, world) => {
    const other = await world.join()
    const said = await Promise.all(
      [other.conv, unknownConv].map(async (conv) => {
        const reply = await guest.reply('msg.send', { text: 'let me in' }, { conv })
        return reply.t === 'err' ? [reply.code, reply.msg] : reply
      }),
    )
    equal(said, [said[1], said[1]], 'the same refusal')
    equal(Array.isArray(said[0]) && said[0][0], 'not_found', 'code')
    await guest.ask('hello')
    equal(other.events(), [], 'nothing in the other conversation')
    other.line.close()
  }),
  inOne('feedback on an answer is kept and told', async (guest) => {
    const { mid } = await guest.ask('how do I close an account?')
    await guest.command('feedback', { mid, value: -1, comment: 'too long' })
    await guest.line.wait('feedback.saved', (frame) =>
      frame.t === 'feedback.saved' && frame.d.mid === mid && frame.d.value === -1 ? true : undefined,
    )
  }),
  inOne('feedback on a message that there is not is refused', async (guest) => {
    equal(codeOf(await guest.reply('feedback', { mid: unknownMid, value: 1 })), 'not_found', 'code')
  }),
  inOne('feedback on an answer of somebody else’s is refused alike', async (guest, world) => {
    const other = await world.join()
    const { mid } = await other.ask('hello')
    equal(codeOf(await guest.reply('feedback', { mid, value: 1 })), 'not_found', 'code')
    other.line.close()
  }),
  inOne('feedback of another value is refused', async (guest) => {
    equal(codeOf(await guest.reply('feedback', { mid: unknownMid, value: 0 })), 'invalid_field', 'code')
  }),
  inOne('a comment above 1,000 units is refused', async (guest) => {
    equal(
      codeOf(await guest.reply('feedback', { mid: unknownMid, value: 1, comment: 'x'.repeat(1_001) })),
      'too_long',
      'code',
    )
  }),
  inOne('a read mark moves forward only, and is told', async (guest) => {
    const { seq } = await guest.send('hello')
    await guest.reached(seq)
    await guest.command('read', { upto: seq })
    await guest.line.wait('read', (frame) => (frame.t === 'read' && frame.d.upto === seq ? true : undefined))
    await guest.command('read', { upto: 0 })
    await guest.command('read', { upto: seq })
    const marks = guest.events().filter(({ t }) => t === 'read')
    equal(marks.length, 1, 'read events')
  }),
  inOne('a click on a product is taken; an unknown kind is not', async (guest) => {
    await guest.command('rec.event', { product: 'easy-saver', kind: 'click' })
    equal(codeOf(await guest.reply('rec.event', { product: 'easy-saver', kind: 'steal' })), 'invalid_field', 'code')
  }),
  inOne('a person can be asked for: a hand-over with a human ahead, and the owner is told', async (guest) => {
    await guest.command('human.request', {})
    const done = await guest.line.wait('the notice', (frame) => (frame.t === 'msg.completed' ? frame.d : undefined))
    equal([done.kind, done.human], ['handoff', true], 'kind and human')
    await guest.line.wait('the owner', (frame) =>
      frame.t === 'owner.changed' && frame.d.owner !== 'bot' ? true : undefined,
    )
  }),
  inOne('typing and receipts get no reply', async (guest) => {
    const { conv, line } = guest
    const from = line.frames.length
    line.write({ t: 'typing', conv, d: { on: true } })
    line.write({ t: 'recv', conv, d: { upto: 0 } })
    await guest.command('read', { upto: 0 })
    const replies = line.frames.slice(from).filter(({ t }) => t === 'ack' || t === 'err')
    equal(replies.length, 1, 'replies')
  }),
  inOne('a pong that answers nothing does no harm', async (guest) => {
    guest.line.write({ t: 'pong', ts: 1 })
    await guest.send('hello')
  }),
  inOne(
    'a conversation that is closed tells so and takes no more; the same close again gets its ack',
    async (guest) => {
      const id = newId()
      await guest.command('conv.close', {}, id)
      await guest.line.wait('the end', (frame) =>
        frame.t === 'conv.state' && frame.d.state === 'closed' ? true : undefined,
      )
      equal(codeOf(await guest.reply('msg.send', { text: 'one more' })), 'conv_closed', 'code')
      equal((await guest.command('conv.close', {}, id)).dup, true, 'dup')
    },
  ),
]
