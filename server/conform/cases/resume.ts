import type { CustomerFrame, DurableEvent, Snapshot } from '../../protocol/events.ts'
import { equal } from '../check.ts'
import type { Case } from '../kit.ts'
import { type Guest, newId, type World } from '../world.ts'

const snapshotIn = (guest: Guest): Promise<Snapshot> =>
  guest.line.wait('a snapshot', (frame) => (frame.t === 'snapshot' ? frame : undefined))
const liveIn = (guest: Guest) => guest.line.wait('live', (frame) => (frame.t === 'live' ? frame : undefined))

/** Frames of a short turn, and a few more. */
const mostCut = 8

/** A conversation with a few answered messages, and its whole log. */
async function talked(world: World) {
  const guest = await world.join()
  for (const text of ['hello', 'how do I close an account?']) await guest.ask(text)
  const { epoch } = guest.welcome
  const whole = await world.join({ known: guest, resume: { epoch, after: 0 } })
  const { head } = await liveIn(whole)
  const log = whole.events()
  equal(
    log.map(({ seq }) => seq),
    Array.from({ length: head }, (_, i) => i + 1),
    'a replay of everything',
  )
  for (const one of [guest, whole]) one.line.close()
  return { guest, epoch, head, log }
}

const durable = (frame: CustomerFrame): boolean => 'seq' in frame && 'at' in frame

/** Come back from a point that the server cannot replay from. */
const bySnapshot = (
  name: string,
  point: (at: { epoch: string; head: number }) => { epoch: string; after: number } | undefined,
): Case => ({
  name,
  async run(world) {
    const { guest, epoch, head } = await talked(world)
    const resume = point({ epoch, head })
    const again = await world.join({ known: guest, ...(resume && { resume }) })
    equal(again.welcome.resume, 'snapshot', 'resume')
    const { d, head: at } = await snapshotIn(again)
    equal(
      [at, d.messages.length, d.owner, d.state, d.more],
      [head, 4, 'bot', 'open', false],
      'head, messages, owner, state, more',
    )
    equal(again.line.frames.filter(durable), [], 'no event beside the snapshot')
    again.line.close()
  },
})

export const resumes: readonly Case[] = [
  {
    name: 'from every point exactly the rest is replayed, then live',
    async run(world) {
      const { guest, epoch, head, log } = await talked(world)
      for (let after = 0; after <= head; after++) {
        const again = await world.join({ known: guest, resume: { epoch, after } })
        equal(again.welcome.resume, 'replay', `resume after ${after}`)
        const live = await liveIn(again)
        equal([live.head, live.epoch], [head, epoch], 'head and epoch of live')
        equal(again.events(), log.slice(after), `events after ${after}`)
        again.line.close()
      }
    },
  },
  bySnapshot('a point of another epoch brings a snapshot', ({ head }) => ({ epoch: 'e_another', after: head })),
  bySnapshot('a point behind the head brings a snapshot', ({ epoch, head }) => ({ epoch, after: head + 1 })),
  bySnapshot('who has no point gets a snapshot', () => undefined),
  {
    name: 'a snapshot and the messages over HTTP say what the log says',
    async run(world) {
      const { guest, log } = await talked(world)
      const again = await world.join({ known: guest })
      const { d } = await snapshotIn(again)
      const said = log.flatMap((event) => (event.t === 'msg.created' ? [[event.seq, event.d.mid, event.d.by]] : []))
      equal(
        d.messages.map(({ seq, mid, by }) => [seq, mid, by]),
        said,
        'messages',
      )
      const headers = { authorization: `Bearer ${guest.secret}` }
      const all = await world.http('GET', `/v1/conversations/${guest.conv}/messages`, { headers })
      equal(all.json, { messages: d.messages, more: false }, 'messages over HTTP')
      const older = await world.http('GET', `/v1/conversations/${guest.conv}/messages?before=${d.messages[2]!.seq}`, {
        headers,
      })
      equal(older.json, { messages: d.messages.slice(0, 2), more: false }, 'older messages')
      again.line.close()
    },
  },
  {
    name: 'resume is a command too: its ack, the events, live',
    async run(world) {
      const { guest, epoch, head, log } = await talked(world)
      const again = await world.join({ known: guest, resume: { epoch, after: head } })
      await liveIn(again)
      const from = again.line.frames.length
      const id = newId()
      again.line.write({ t: 'resume', id, conv: guest.conv, d: { epoch, after: 1 } })
      let at = 0
      await again.line.wait('live', (frame) => (at++ >= from && frame.t === 'live' ? frame : undefined))
      const [first, ...rest] = again.line.frames.slice(from)
      equal([first?.t, first?.t === 'ack' && first.re], ['ack', id], 'the ack first')
      equal(rest.slice(0, -1), log.slice(1), 'then the events')
      again.line.close()
    },
  },
  {
    name: 'cut off after any number of frames, a client that resumes and resends has everything, once',
    async run(world) {
      const first = await world.join()
      const { epoch } = first.welcome
      const seen: DurableEvent[] = []
      let guest = first
      for (let cut = 1; cut <= mostCut; cut++) {
        const id = newId()
        guest.line.write({ t: 'msg.send', id, conv: first.conv, d: { text: `hello number ${cut}` } })
        await framesIn(guest, cut)
        await guest.line.drop()
        seen.push(...guest.events())
        guest = await world.join({ known: first, resume: { epoch, after: seen.at(-1)?.seq ?? 0 } })
        await liveIn(guest)
        await guest.send(`hello number ${cut}`, id)
      }
      const { mid } = await guest.send('the last one')
      await guest.answerTo(mid)
      seen.push(...guest.events())
      equal(
        seen.map(({ seq }) => seq),
        seen.map((_, i) => i + 1),
        'sequence numbers over all connections',
      )
      equal(seen.filter(isOwn).length, mostCut + 1, 'messages of the customer')
      guest.line.close()
    },
  },
  {
    name: 'a message sent into a connection that is cut, and sent again, is there once',
    async run(world) {
      const first = await world.join()
      const id = newId()
      first.line.write({ t: 'msg.send', id, conv: first.conv, d: { text: 'was this heard?' } })
      await first.line.drop()
      const again = await world.join({ known: first, resume: { epoch: first.welcome.epoch, after: 0 } })
      const { mid } = await again.send('was this heard?', id)
      await again.answerTo(mid)
      equal(again.events().filter(isOwn).length, 1, 'messages of the customer')
      again.line.close()
    },
  },
  {
    name: 'a rest of more than 500 events comes as a snapshot',
    needs: 'no limit',
    async run(world) {
      const guest = await world.join()
      await guest.ask('hello')
      for (let upto = 1; upto <= 510; upto++) await guest.command('read', { upto })
      const again = await world.join({ known: guest, resume: { epoch: guest.welcome.epoch, after: 1 } })
      equal(again.welcome.resume, 'snapshot', 'resume')
      equal((await snapshotIn(again)).d.read.customer, 510, 'read mark')
      for (const one of [guest, again]) one.line.close()
    },
  },
]

const isOwn = (event: DurableEvent): boolean => event.t === 'msg.created' && event.d.by === 'customer'

/** Resolves once so many frames have come, or the answer has ended. */
async function framesIn({ line }: Guest, count: number): Promise<void> {
  const wanted = line.frames.length + count
  let at = 0
  await line.wait(`${count} frames`, ({ t }) =>
    ++at >= wanted || (at > wanted - count && t === 'msg.completed') ? true : undefined,
  )
}
