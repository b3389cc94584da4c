import { setTimeout } from 'node:timers/promises'
import { equal, must } from '../check.ts'
import type { Case } from '../kit.ts'
import type { Line } from '../line.ts'
import { newId } from '../world.ts'

export const flow: readonly Case[] = [
  {
    name: 'silence is broken by a ping, and without a pong the connection ends: 4408',
    isSlow: true,
    async run(world) {
      const { line, welcome } = await world.join()
      const begun = performance.now()
      equal(await line.closing('close 4408', welcome.hb + 20_000), 4408, 'close code')
      const tookMs = performance.now() - begun
      must(
        line.frames.some(({ t }) => t === 'ping'),
        'a ping before the end',
        line.frames.map(({ t }) => t),
      )
      must(tookMs > welcome.hb, `an end after more than ${welcome.hb} ms`, Math.round(tookMs))
    },
  },
  {
    name: 'who answers pings stays',
    isSlow: true,
    async run(world) {
      const guest = await world.join()
      const stays = guest.line.closing('no close', guest.welcome.hb + 12_000).then(
        (code) => must(false, 'a connection that stays', code),
        () => undefined, // the time is over
      )
      await Promise.all([stays, pong(guest.line)])
      await guest.send('still here')
      guest.line.close()
    },
  },
  {
    name: 'over the rate a command is refused for a time that is told, and the connection stays',
    needs: 'limit',
    async run(world) {
      const guest = await world.join()
      const { perMin } = guest.welcome.limits
      let refused: unknown
      for (let i = 0; i < perMin + 5 && refused === undefined; i++) {
        const reply = await guest.reply('msg.send', { text: `hello ${i}` })
        if (reply.t === 'err') refused = [reply.code, reply.temporary, (reply.retryAfterMs ?? 0) > 0]
      }
      equal(refused, ['rate_limited', true, true], 'code, temporary, a time')
      must((await guest.reply('read', { upto: 0 })).t === 'ack', 'a connection that stays', 'none')
      guest.line.close()
    },
  },
  {
    name: 'who does not read for a while misses no reply',
    async run(world) {
      const guest = await world.join()
      const { line, conv } = guest
      line.pause()
      const ids = Array.from({ length: 200 }, newId)
      for (const id of ids) line.write({ t: 'msg.later', id, conv, d: { pad: 'x'.repeat(300) } })
      await setTimeout(1_000) // so long it is held up
      line.resume()
      await line.wait('the last reply', (frame) => (frame.t === 'err' && frame.re === ids.at(-1) ? true : undefined))
      const replies = line.frames.flatMap((frame) => (frame.t === 'err' ? [frame.re] : []))
      equal(replies, ids, 'replies in the order of the commands')
      line.close()
    },
  },
  {
    name: 'a client that closes is let go',
    async run(world) {
      const { line } = await world.join()
      line.close()
      must([1000, 1005].includes(await line.closing('close 1000')), 'close code 1000', await line.closing('close'))
    },
  },
]

/** Longest wait for a ping: somewhat more than the contract’s 25 s of silence. */
const pingMs = 32_000

/** Answer the next ping. */
async function pong(line: Line): Promise<void> {
  const ts = await line.wait('a ping', (frame) => (frame.t === 'ping' ? frame.ts : undefined), pingMs)
  line.write({ t: 'pong', ts })
}
