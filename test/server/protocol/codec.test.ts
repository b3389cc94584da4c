import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCommand, decodeHello, encode, ProtocolError } from '../../../server/protocol/codec.ts'
import { mintId } from '../../../server/protocol/ids.ts'
import { maxTextChars } from '../../../server/protocol/limits.ts'
import { agentCommandTypes } from '../../../server/protocol/messages.ts'

const conv = mintId('c')
const id = '01JD8X9Y2N6QZ4M0T3V5W7R1KA'
const send = (more: object = {}, d: object = { text: 'hello there' }) =>
  JSON.stringify({ t: 'msg.send', id, conv, d, ...more })

function errorOf(decode: (frame: string) => unknown, frame: string): ProtocolError {
  try {
    decode(frame)
  } catch (reason) {
    if (reason instanceof ProtocolError) return reason
    throw reason
  }
  throw new Error(`${frame.slice(0, 80)} was accepted`)
}
const refused = (frame: string) => errorOf(decodeCommand, frame)

describe('a command', () => {
  it('comes out as it went in, without the fields that nobody knows', () => {
    const frame = send({ extra: 1 }, { text: 'hi', lang: 'en', shout: true })
    expect(decodeCommand(frame)).toEqual({ t: 'msg.send', id, conv, d: { text: 'hi', lang: 'en' } })
  })

  it.each(['', 'nonsense', '[]', '"text"', 'null', '7', '{"t":"msg.send"', '['.repeat(65_536)])(
    'is not %.20s',
    (frame) => {
      expect(refused(frame)).toMatchObject({ code: 'bad_frame', re: undefined })
    },
  )

  it.each([
    [send({ id: 'no ulid' }), 'id'],
    [send({ id: 7 }), 'id'],
    [send({ conv: '' }), 'conv'],
    [send({ conv: undefined }), 'conv'],
    [send({}, {}), 'd.text'],
    [send({}, { text: 7 }), 'd.text'],
    [send({}, { text: ' \n\t ' }), 'd.text'],
    [send({}, { text: 'a', lang: 'x'.repeat(36) }), 'd.lang'],
    [send({ d: undefined }), 'd'],
    [JSON.stringify({ t: 'feedback', id, conv, d: { mid: mintId('m'), value: 2 } }), 'd.value'],
    [JSON.stringify({ t: 'rec.event', id, conv, d: { product: 'x', kind: 'steal' } }), 'd.kind'],
    [JSON.stringify({ t: 'read', id, conv, d: { upto: -1 } }), 'd.upto'],
    [JSON.stringify({ t: 'typing', conv, d: { on: 'yes' } }), 'd.on'],
  ])('%.90s names its wrong field', (frame, field) => {
    expect(refused(frame)).toMatchObject({ code: 'invalid_field', field })
  })

  it('says which command it was, if it can be read', () => {
    expect(refused(send({}, { text: '' })).re).toBe(id)
    expect(refused(send({ id: 7 })).re).toBeUndefined()
    expect(refused(send({ id: 'x'.repeat(65) })).re).toBeUndefined()
  })

  it('has a text of at most 4,000 UTF-16 code units', () => {
    const longest = '😀'.repeat(maxTextChars / 2)
    expect(decodeCommand(send({}, { text: longest }))).toMatchObject({ t: 'msg.send', d: { text: longest } })
    expect(refused(send({}, { text: 'a'.repeat(maxTextChars + 1) }))).toMatchObject({
      code: 'too_long',
      re: id,
      field: 'd.text',
    })
    const comment = JSON.stringify({
      t: 'feedback',
      id,
      conv,
      d: { mid: mintId('m'), value: 1, comment: 'a'.repeat(1_001) },
    })
    expect(refused(comment)).toMatchObject({ code: 'too_long', field: 'd.comment' })
  })

  it('never repeats in an error what the frame held', () => {
    for (const frame of [send({}, { text: { iban: 'GB33' } }), send({ id: 'GB33' }), '{"GB33', send({ t: 'GB33' })]) {
      expect(refused(frame).message).not.toContain('GB33')
    }
  })

  it('replaces halves of surrogate pairs, which UTF-8 cannot hold', () => {
    const text = (typed: string) => {
      const command = decodeCommand(send({}, { text: typed }))
      return command?.t === 'msg.send' ? command.d.text : undefined
    }
    expect(text('a\ud83d')).toBe('a\ufffd')
    expect(text('\ude00b\ud83d\ude00')).toBe('\ufffdb😀')
  })

  it.each(['msg.shout', 'data.export', 'data.erase', 'msg.cancel', '', 7, null, undefined, { deep: true }])(
    'of the unknown type %s is told so',
    (t) => expect(refused(send({ t }))).toMatchObject({ code: 'unknown_type', re: id }),
  )

  it('of agents is forbidden', () => {
    for (const t of agentCommandTypes) expect(refused(send({ t }))).toMatchObject({ code: 'forbidden', re: id })
  })

  it('may hold what tries to be a prototype, or nest deeply, to no effect', () => {
    const frame = send().replace('"d":{', '"__proto__":{"polluted":1},"d":{"__proto__":{"text":"other"},')
    expect(decodeCommand(frame)).toEqual({ t: 'msg.send', id, conv, d: { text: 'hello there' } })
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    const deep = `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`
    expect(decodeCommand(send().replace('"d":{', `"x":${deep},"d":{`))).toEqual(decodeCommand(send()))
    expect(refused(deep).code).toBe('unknown_type')
    const deepest = `{"d":${'['.repeat(30_000)}${']'.repeat(30_000)}}`
    expect(refused(deepest).code).toBe('unknown_type')
  })

  it('names any conversation: whether it is known is not the shape’s business', () => {
    expect(decodeCommand(send({ conv: 'c_nope' }))).toMatchObject({ conv: 'c_nope' })
    expect(refused(send({ conv: 'c'.repeat(129) })).code).toBe('invalid_field')
  })

  it('is told apart from another hello, however that is spelt', () => {
    expect(decodeCommand('{"t":"hello"}')).toBeUndefined()
    expect(decodeCommand('{"t":"\\u0068ello"}')).toBeUndefined()
    expect(decodeCommand(send({}, { text: '"hello"' }))).toMatchObject({ t: 'msg.send', d: { text: '"hello"' } })
  })
})

describe('any text at all', () => {
  const frames = fc.oneof(
    fc.string(),
    fc.json(),
    fc.anything({ withNullPrototype: true }).map((value) => JSON.stringify(value) ?? ''),
    // Close to the real thing, with one thing wrong or nothing.
    fc
      .record({
        t: fc.constantFrom('msg.send', 'read', 'pong', 'x'),
        id: fc.constantFrom(id, 1, null),
        conv: fc.anything(),
        d: fc.anything(),
        ts: fc.anything(),
      })
      .map((value) => JSON.stringify(value)),
  )
  it('is a command, a hello or a ProtocolError', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        for (const decode of [decodeCommand, decodeHello]) {
          try {
            decode(frame)
          } catch (reason) {
            if (!(reason instanceof ProtocolError)) throw reason
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('a hello', () => {
  const hello = { t: 'hello', ticket: 'x', client: { name: 'test', ver: '1', instance: 'i' } }
  it('is decoded', () => {
    expect(decodeHello(JSON.stringify(hello))).toEqual(hello)
    expect(decodeHello(JSON.stringify({ ...hello, resume: { conv, epoch: '', after: 0 } })).resume?.after).toBe(0)
  })

  it.each([
    ['not JSON', 'x', 'bad_frame'],
    ['another frame', send(), 'bad_frame'],
    ['no instance', JSON.stringify({ ...hello, client: { name: 'test', ver: '1' } }), 'invalid_field'],
    ['no ticket', JSON.stringify({ ...hello, ticket: undefined }), 'invalid_field'],
    [
      'a point before the beginning',
      JSON.stringify({ ...hello, resume: { conv, epoch: 'e', after: -1 } }),
      'invalid_field',
    ],
  ])('is refused with %s', (_what, frame, code) => {
    expect(errorOf(decodeHello, frame).code).toBe(code)
  })
})

it('encodes a frame as one line', () => {
  expect(encode({ t: 'ping', ts: 1 })).toBe('{"t":"ping","ts":1}')
})
