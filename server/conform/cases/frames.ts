import { agentCommandTypes } from '../../protocol/messages.ts'
import { equal, must } from '../check.ts'
import type { Case } from '../kit.ts'
import { type Guest, newId, type World } from '../world.ts'

/** The next err on a line. */
const errAfter = async ({ line }: Guest, write: () => void) => {
  let at = 0
  const from = line.frames.length
  write()
  return line.wait('an err', (frame) => (at++ >= from && frame.t === 'err' ? frame : undefined))
}

/** The connection goes on. */
const goesOn = async (guest: Guest): Promise<void> => {
  const reply = await guest.reply('read', { upto: 0 })
  must(reply.t === 'ack', 'a connection that goes on', reply)
}

/** A frame that has to be refused with this code, and that does not end the connection. */
const refused = (name: string, frame: (guest: Guest) => object | string, code: string, field?: string): Case => ({
  name,
  async run(world) {
    const guest = await world.join()
    const err = await errAfter(guest, () => guest.line.write(frame(guest)))
    equal(err.code, code, 'code')
    if (field !== undefined) equal(err.field, field, 'field')
    must(err.temporary === false && err.trace !== '', 'not temporary, with a trace', err)
    await goesOn(guest)
    guest.line.close()
  },
})

const ending = (name: string, write: (guest: Guest) => void, code: number): Case => ({
  name,
  async run(world) {
    const guest = await world.join()
    write(guest)
    equal(await guest.line.closing(`close ${code}`), code, 'close code')
  },
})

const send =
  (d: unknown, more: object = {}) =>
  ({ conv }: Guest) => ({ t: 'msg.send', id: newId(), conv, d, ...more })

async function echoed(world: World, text: string): Promise<string | undefined> {
  const guest = await world.join()
  const { mid } = await guest.send(text)
  const told = await guest.line.wait('the message', (frame) =>
    frame.t === 'msg.created' && frame.d.mid === mid ? (frame.d.text ?? '') : undefined,
  )
  guest.line.close()
  return told
}

export const frames: readonly Case[] = [
  refused('a frame that is not JSON is told', () => '{"t":', 'bad_frame'),
  refused('a list is no frame', () => '[{"t":"pong"}]', 'bad_frame'),
  refused('a bare value is no frame', () => '"pong"', 'bad_frame'),
  refused('null is no frame', () => 'null', 'bad_frame'),
  {
    name: 'the third frame that is no JSON object ends the connection',
    async run(world) {
      const { line } = await world.join()
      for (let i = 0; i < 3; i++) line.write('no frame')
      equal(await line.closing('close 4400'), 4400, 'close code')
      equal(
        line.frames.filter((frame) => frame.t === 'err' && frame.code === 'bad_frame').length >= 2,
        true,
        'two refusals before',
      )
    },
  },
  ending(
    'a binary frame ends the connection: 1003',
    ({ line }) => line.write(Buffer.from('{"t":"pong","ts":1}')),
    1003,
  ),
  ending('a frame above 64 KiB ends the connection: 1009', ({ line }) => line.write('x'.repeat(65_537)), 1009),
  ending(
    'a text frame that is not UTF-8 ends the connection: 1007',
    ({ line }) => line.writeText(Buffer.from([0x22, 0xff, 0xfe, 0x22])),
    1007,
  ),
  refused(
    'a frame of exactly 64 KiB is read',
    () => `{"t":"later","pad":"${'x'.repeat(65_536 - 23)}" }`,
    'unknown_type',
  ),
  refused(
    'deep JSON is answered',
    () => `{"t":"later","d":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    'unknown_type',
  ),
  {
    name: 'an unknown type is told with the command’s id',
    async run(world) {
      const guest = await world.join()
      const reply = await guest.reply('msg.later', {})
      equal(reply.t === 'err' && reply.code, 'unknown_type', 'code')
      await goesOn(guest)
      guest.line.close()
    },
  },
  refused('a frame without a type is refused', ({ conv }) => ({ id: newId(), conv, d: {} }), 'unknown_type'),
  refused(
    'a type that is no text is refused',
    ({ conv }) => ({ t: { $ne: 1 }, id: newId(), conv, d: {} }),
    'unknown_type',
  ),
  refused(
    'names of the language are no types',
    ({ conv }) => ({ t: '__proto__', id: newId(), conv, d: {} }),
    'unknown_type',
  ),
  refused(
    'a command without an id is refused',
    ({ conv }) => ({ t: 'msg.send', conv, d: { text: 'x' } }),
    'invalid_field',
    'id',
  ),
  refused('an id that is no ULID is refused', send({ text: 'x' }, { id: 'seven' }), 'invalid_field', 'id'),
  refused(
    'a command without a conversation is refused',
    () => ({ t: 'msg.send', id: newId(), d: { text: 'x' } }),
    'invalid_field',
    'conv',
  ),
  refused(
    'a command without content is refused',
    ({ conv }) => ({ t: 'msg.send', id: newId(), conv }),
    'invalid_field',
    'd',
  ),
  refused('a message without text is refused', send({}), 'invalid_field', 'd.text'),
  refused('a blank message is refused', send({ text: ' \n\t ' }), 'invalid_field', 'd.text'),
  refused('a text that is no text is refused', send({ text: 5 }), 'invalid_field', 'd.text'),
  refused('a message of more than 4,000 units is refused', send({ text: 'x'.repeat(4_001) }), 'too_long', 'd.text'),
  {
    name: 'a message of exactly 4,000 units is taken, whole',
    async run(world) {
      const text = `${'word '.repeat(799)}ends.`
      equal((await echoed(world, text))?.length, text.length, 'length of the message')
    },
  },
  {
    name: 'text comes back as it was sent: scripts, emoji, control characters, markup',
    async run(world) {
      const text = 'Ünïcödé 卡 🙂👩‍👩‍👧 \u202etfel\u202c \u0000 <b onclick=x>&amp; {{x}}'
      equal(await echoed(world, text), text, 'the text')
    },
  },
  {
    name: 'half a surrogate pair becomes U+FFFD',
    async run(world) {
      const guest = await world.join()
      const id = newId()
      guest.line.write(`{"t":"msg.send","id":"${id}","conv":"${guest.conv}","d":{"text":"a\\ud83dz"}}`)
      const told = await guest.line.wait('the message', (frame) =>
        frame.t === 'msg.created' ? frame.d.text : undefined,
      )
      equal(told, 'a\ufffdz', 'the text')
      guest.line.close()
    },
  },
  {
    name: 'fields of a newer client are ignored',
    async run(world) {
      const guest = await world.join()
      const reply = await guest.reply('msg.send', { text: 'hello', mood: 'fine', later: { a: [1] } })
      must(reply.t === 'ack', 'an ack', reply)
      guest.line.close()
    },
  },
  {
    name: 'commands of agents are forbidden to customers, each',
    async run(world) {
      const guest = await world.join()
      for (const type of agentCommandTypes) {
        const reply = await guest.reply(String(type), {})
        equal(reply.t === 'err' && reply.code, 'forbidden', `code of ${String(type)}`)
      }
      guest.line.close()
    },
  },
  {
    name: 'a refusal repeats nothing of what was sent',
    async run(world) {
      const guest = await world.join()
      const reply = await guest.reply('feedback', { mid: 'my words', value: 'my words' })
      must(!JSON.stringify(reply).includes('my words'), 'no value of the frame', reply)
      guest.line.close()
    },
  },
]
