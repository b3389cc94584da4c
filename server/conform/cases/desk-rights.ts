import { equal, must } from '../check.ts'
import type { Case } from '../kit.ts'
import { signIn, takeSeat } from '../staff.ts'
import { newId } from '../world.ts'
import { atDesk, codeOf } from './desk.ts'

const unknownConv = 'c_AAAAAAAAAAAAAAAAAAAAAAAA'
const staffFrames: readonly (readonly [string, object])[] = [
  ['desk.list', {}],
  ['desk.open', {}],
  ['desk.claim', {}],
  ['desk.release', { to: 'bot' }],
  ['desk.transfer', { to: 'x' }],
  ['desk.close', { reason: 'x' }],
  ['note.add', { text: 'x' }],
  ['suggest', {}],
  ['canned.find', { q: 'x' }],
  ['search', { q: 'x' }],
]

export const deskRights: readonly Case[] = [
  atDesk('a ticket for the desk needs a session', async ({ world }) => {
    equal((await world.post('/v1/tickets', { role: 'agent' })).status, 401, 'status without a session')
    const nobody = await world.post('/v1/tickets', { role: 'agent' }, { cookie: `bursar_session=${'A'.repeat(43)}` })
    equal(nobody.status, 401, 'status with a session of nobody')
  }),
  atDesk('a customer may send none of the frames of staff', async ({ guest }) => {
    for (const [t, d] of staffFrames) equal([t, codeOf(await guest.reply(t, d))], [t, 'forbidden'], 'code')
  }),
  atDesk('staff may send none of the frames of customers', async ({ guest, ann }) => {
    for (const t of ['human.request', 'conv.close', 'resume', 'feedback', 'rec.event'])
      equal([t, codeOf(await ann.reply(t, guest.conv))], [t, 'forbidden'], 'code')
  }),
  atDesk(
    'who does not have a conversation can neither speak in it nor hand it on nor end it',
    async ({ guest, ann, bob }) => {
      await ann.command('desk.claim', guest.conv)
      for (const [t, d] of [
        ['msg.send', { text: 'x' }],
        ['desk.release', { to: 'bot' }],
        ['desk.transfer', { to: bob.user }],
        ['desk.close', { reason: 'x' }],
      ] as const)
        equal([t, codeOf(await bob.reply(t, guest.conv, d))], [t, 'forbidden'], 'code')
    },
  ),
  atDesk(
    'who leads may hand on and end what others have, but speaks only in what is theirs',
    async ({ guest, ann, bob, world }) => {
      const lead = await takeSeat(world, 'lead')
      await ann.command('desk.claim', guest.conv)
      equal(codeOf(await lead.reply('msg.send', guest.conv, { text: 'x' })), 'forbidden', 'code')
      await lead.command('desk.transfer', guest.conv, { to: bob.user })
      await lead.command('desk.close', guest.conv, { reason: 'conformance' })
      lead.line.close()
    },
  ),
  atDesk('a conversation that there is not is not found', async ({ ann }) => {
    for (const t of ['desk.open', 'desk.claim', 'suggest'])
      equal([t, codeOf(await ann.reply(t, unknownConv))], [t, 'not_found'], 'code')
    equal(codeOf(await ann.reply('note.add', unknownConv, { text: 'x' })), 'not_found', 'code')
  }),
  atDesk('a colleague that there is not is not found', async ({ guest, ann }) => {
    await ann.command('desk.claim', guest.conv)
    equal(
      codeOf(await ann.reply('desk.transfer', guest.conv, { to: `nobody-${newId().toLowerCase()}` })),
      'not_found',
      'code',
    )
  }),
  atDesk('fields that are wrong are named', async ({ guest, ann }) => {
    for (const [t, d, field] of [
      ['desk.release', { to: 'nowhere' }, 'd.to'],
      ['desk.close', { reason: '   ' }, 'd.reason'],
      ['search', { q: '' }, 'd.q'],
      ['note.add', { text: ' ' }, 'd.text'],
    ] as const) {
      const reply = await ann.reply(t, t === 'search' ? undefined : guest.conv, d)
      must(
        reply.t === 'err' && reply.code === 'invalid_field' && reply.field === field,
        `invalid_field ${field}`,
        reply,
      )
    }
    const long = await ann.reply('note.add', guest.conv, { text: 'x'.repeat(4_001) })
    equal(codeOf(long), 'too_long', 'code')
  }),
  atDesk('who signs out is disconnected at once', async ({ world, guest }) => {
    const seat = await takeSeat(world, 'ann', { session: signIn(world, 'ann') })
    await seat.command('desk.open', guest.conv)
    await world.http('DELETE', '/v1/sessions', { headers: { cookie: seat.cookie } })
    equal(await seat.line.closing('a close'), 4403, 'close code')
  }),
  atDesk('a session that has ended opens no desk', async ({ world }) => {
    const { cookie } = await signIn(world, 'bob')
    await world.http('DELETE', '/v1/sessions', { headers: { cookie } })
    equal((await world.post('/v1/tickets', { role: 'agent' }, { cookie })).status, 401, 'status')
  }),
  atDesk('staff read older messages over HTTP by their session, strangers do not', async ({ guest, ann, world }) => {
    const path = `/v1/conversations/${guest.conv}/messages`
    equal((await world.http('GET', path, { headers: { cookie: ann.cookie } })).status, 200, 'status for staff')
    equal((await world.http('GET', path)).status, 401, 'status for a stranger')
  }),
  atDesk('suggestions are quotes of what customers may read', async ({ guest, ann, world }) => {
    await guest.send('What is the late payment fee on my credit card?')
    const { result } = await ann.command('suggest', guest.conv)
    must(result !== undefined && 'drafts' in result, 'drafts', result)
    for (const { doc, ver, quote } of result.drafts.flatMap(({ cites }) => cites)) {
      const { status, text } = await world.http('GET', `/v1/documents/${encodeURIComponent(doc)}/versions/${ver}/text`)
      must(
        status === 200 && quote.split(' · ').every((piece) => text.includes(piece)),
        'the quote in the served text',
        {
          doc,
          quote,
        },
      )
    }
  }),
  atDesk('a search gives passages, the best first, with words marked', async ({ ann }) => {
    const { result } = await ann.command('search', undefined, { q: 'late payment fee' })
    must(result !== undefined && 'passages' in result, 'passages', result)
    const scores = result.passages.map(({ score }) => score)
    equal(
      scores,
      scores.toSorted((a, b) => b - a),
      'scores',
    )
    for (const { text, marks } of result.passages)
      for (const [start, end] of marks) must(start < end && end <= text.length, 'a mark within the text', [start, end])
  }),
]
