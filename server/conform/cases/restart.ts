import { equal, must } from '../check.ts'
import type { RestartCase } from '../kit.ts'
import { newId } from '../world.ts'

const herd = 20

export const restarts: readonly RestartCase[] = [
  {
    name: 'a message that was acked is there, once, and is answered, once',
    async prepare(world) {
      const guest = await world.join()
      const { mid } = await guest.send('how do I close an account?') // no waiting for the answer: the end comes in its middle
      return async (later) => {
        const again = await later.join({ known: guest, resume: { epoch: guest.welcome.epoch, after: 0 } })
        const { text } = await again.answerTo(mid)
        const events = again.events()
        equal(
          events.map(({ seq }) => seq),
          events.map((_, i) => i + 1),
          'sequence numbers',
        )
        const about = events.filter(
          (event) => event.t === 'msg.created' && (event.d.mid === mid || event.d.re.includes(mid)),
        )
        equal(about.length, 2, 'the message and one answer')
        must(text !== '', 'an answer with words', text)
        again.line.close()
      }
    },
  },
  {
    name: 'the log goes on where it was: same epoch, exact replay',
    async prepare(world) {
      const guest = await world.join()
      await guest.ask('hello')
      const before = guest.events()
      return async (later) => {
        const again = await later.join({ known: guest, resume: { epoch: guest.welcome.epoch, after: 0 } })
        equal([again.welcome.resume, again.welcome.epoch], ['replay', guest.welcome.epoch], 'resume and epoch')
        await again.line.wait('live', (frame) => (frame.t === 'live' ? true : undefined))
        equal(again.events().slice(0, before.length), before, 'the events of before')
        again.line.close()
      }
    },
  },
  {
    name: 'a resend over the restart gets the first ack',
    async prepare(world) {
      const guest = await world.join()
      const id = newId()
      const { mid, seq } = await guest.send('only once', id)
      return async (later) => {
        const again = await later.join({ known: guest })
        const ack = await again.send('only once', id)
        equal([ack.mid, ack.seq, ack.dup], [mid, seq, true], 'the ack')
        again.line.close()
      }
    },
  },
  {
    name: 'a conversation that was closed stays closed',
    async prepare(world) {
      const guest = await world.join()
      await guest.command('conv.close', {})
      return async (later) => {
        const again = await later.join({ known: guest })
        const reply = await again.reply('msg.send', { text: 'hello?' })
        equal(reply.t === 'err' && reply.code, 'conv_closed', 'code')
        again.line.close()
      }
    },
  },
  {
    name: `${herd} clients that come back at once all have everything`,
    async prepare(world) {
      const guests = await Promise.all(Array.from({ length: herd }, () => world.join()))
      const sent = await Promise.all(guests.map((guest, i) => guest.send(`hello from ${i}`)))
      return async (later) => {
        await Promise.all(
          guests.map(async (guest, i) => {
            const again = await later.join({ known: guest, resume: { epoch: guest.welcome.epoch, after: 0 } })
            await again.answerTo(sent[i]!.mid)
            const own = again.events().filter((event) => event.t === 'msg.created' && event.d.by === 'customer')
            equal(
              own.map((event) => event.t === 'msg.created' && event.d.text),
              [`hello from ${i}`],
              'the messages',
            )
            again.line.close()
          }),
        )
      }
    },
  },
]
