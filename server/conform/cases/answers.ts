import type { Completed, DurableEvent } from '../../protocol/events.ts'
import { equal, must } from '../check.ts'
import type { Case } from '../kit.ts'
import type { Guest, World } from '../world.ts'

/** Ask in a conversation of its own. */
const asked = (
  name: string,
  text: string,
  look: (answer: Completed, guest: Guest, world: World) => Promise<void> | void,
): Case => ({
  name,
  async run(world) {
    const guest = await world.join()
    await look(await guest.ask(text), guest, world)
    guest.line.close()
  },
})

const question = 'how do I close an account?'
const withoutSlots = ({ parts }: Completed, text: string): string =>
  parts
    .flatMap((part) => ('tpl' in part ? Object.values(part.slots) : []))
    .filter(Boolean)
    .reduce((rest, slot) => rest.replaceAll(slot, ''), text)

/** Fields that a customer's frame may have; anything else is internal. */
const answerFields = ['mid', 'kind', 'text', 'parts', 'cites', 'intent', 'sentiment', 'recs', 'next', 'reason', 'human']
const citeFields = ['k', 'doc', 'title', 'ver', 'spans', 'quote', 'page', 'from', 'until', 'url']

export const answers: readonly Case[] = [
  asked('a turn is told in order: message, beginning, pieces, end', question, ({ mid, text }, { line, events }) => {
    const order = line.frames.flatMap((frame) => (frame.t.startsWith('msg.') ? [frame.t] : []))
    equal([...new Set(order)].slice(0, 2), ['msg.created', 'msg.delta'], 'the first frames')
    equal(order.at(-1), 'msg.completed', 'the last frame')
    const created = events().find((event) => event.t === 'msg.created' && event.d.mid === mid)
    equal(created?.t === 'msg.created' && created.d.status, 'streaming', 'status at the beginning')
    const deltas = line.frames.flatMap((frame) => (frame.t === 'msg.delta' && frame.d.mid === mid ? [frame.d] : []))
    equal(
      deltas.map(({ n }) => n),
      deltas.map((_, i) => i + 1),
      'numbers of the pieces',
    )
    let off = 0
    for (const delta of deltas) {
      equal(delta.off, off, `place of piece ${delta.n}`)
      off += delta.text.length
    }
    equal(deltas.map((delta) => delta.text).join(''), text, 'the pieces together')
  }),
  asked('the text holds each quote that its parts name, in their order', question, ({ parts, cites, text }) => {
    let at = 0
    for (const part of parts) {
      if (!('cite' in part)) continue
      const quote = cites.find(({ k }) => k === part.cite)?.quote
      must(quote !== undefined, `a citation ${part.cite}`, cites)
      const found = text.indexOf(quote, at)
      must(found >= at, `"${quote}" in the text`, text)
      at = found + quote.length
    }
  }),
  asked(
    'each quote stands at its spans in the text of the document’s version',
    question,
    async ({ cites, kind }, _, world) => {
      must(kind === 'answer' && cites.length > 0, 'an answer with quotes (is the demo bank loaded?)', kind)
      for (const { doc, ver, spans, quote } of cites) {
        const reply = await world.http('GET', `/v1/documents/${encodeURIComponent(doc)}/versions/${ver}/text`)
        equal(reply.status, 200, `status of ${doc}@${ver}`)
        equal(spans.map(([start, end]) => reply.text.slice(start, end)).join(' · '), quote, `the quote of ${doc}`)
      }
    },
  ),
  asked('what is no quote has no digits of its own', question, (answer) => {
    const rest = answer.cites.reduce((text, { quote }) => text.replaceAll(quote, ''), answer.text)
    must(!/\d/.test(withoutSlots(answer, rest)), 'no digit beside quotes and slots', rest)
  }),
  asked('nothing internal is told: no field beside those of the contract', question, (_, { line }) => {
    for (const frame of line.frames) {
      if (frame.t !== 'msg.completed') continue
      const strange = Object.keys(frame.d).filter((name) => !answerFields.includes(name))
      const inCites = frame.d.cites.flatMap((one) => Object.keys(one)).filter((name) => !citeFields.includes(name))
      equal([...strange, ...inCites], [], 'further fields')
    }
  }),
  asked(
    'what no document answers is not answered, and a person is offered',
    'who won the football world cup in 1966?',
    ({ kind, cites, human }) => {
      must(kind !== 'answer' && human, 'no answer, and a human', { kind, human })
      equal(cites, [], 'citations')
    },
  ),
  asked('a greeting is no question: nothing is cited', 'hello', ({ cites }) => equal(cites, [], 'citations')),
  {
    name: 'sequence numbers are dense from 1, times never go back',
    async run(world) {
      const guest = await world.join()
      for (const text of ['hello', question]) await guest.ask(text)
      const events = guest.events()
      equal(
        events.map(({ seq }) => seq),
        events.map((_, i) => i + 1),
        'sequence numbers',
      )
      const times = events.map(({ at }) => Date.parse(at))
      must(
        times.every((at, i) => i === 0 || at >= times[i - 1]!),
        'times in their order',
        times,
      )
      guest.line.close()
    },
  },
  {
    name: 'messages in quick succession are all answered, each once',
    async run(world) {
      const guest = await world.join()
      const sent = await Promise.all(['hello', question, 'and what does it cost?'].map((text) => guest.send(text)))
      for (const { mid } of sent) await guest.answerTo(mid)
      const answered = guest
        .events()
        .flatMap((event) => (event.t === 'msg.created' && event.d.by === 'bot' ? event.d.re : []))
      equal(answered.toSorted(), sent.map(({ mid }) => mid).toSorted(), 'messages that are answered')
      guest.line.close()
    },
  },
  {
    name: 'all tabs of a conversation get the same events in the same order',
    async run(world) {
      const one = await world.join()
      const two = await world.join({ known: one })
      await one.ask('hello')
      const { mid } = await two.send(question)
      await one.answerTo(mid)
      const head = Math.max(...one.events().map(({ seq }) => seq))
      await Promise.all([one.reached(head), two.reached(head)])
      const upTo = (events: readonly DurableEvent[]) => events.filter(({ seq }) => seq <= head)
      equal(upTo(two.events()), upTo(one.events()), 'the events')
      for (const guest of [one, two]) guest.line.close()
    },
  },
  {
    name: 'a card number is masked before anybody sees it',
    async run(world) {
      const guest = await world.join()
      await guest.ask('my card is 4111 1111 1111 1111, is it blocked?')
      must(!JSON.stringify(guest.line.frames).includes('4111'), 'no digit of the card', 'the number came back')
      guest.line.close()
    },
  },
  {
    name: 'an agent’s document is not there for customers: 404, as for none',
    async run(world) {
      const none = await world.http('GET', '/v1/documents/no%2Fsuch.md/versions/1/text')
      equal(none.status, 404, 'status')
      const agents = await world.http('GET', '/v1/documents/policies%2Fagent%2Ffraud-triggers.md/versions/1/text')
      equal(agents.status, 404, 'status of a document for agents')
    },
  },
]
