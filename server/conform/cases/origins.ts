import { equal } from '../check.ts'
import type { Case } from '../kit.ts'
import { refusalIn } from '../world.ts'
import { refusedUpgrade } from './hello.ts'

/** Origins that no server may take for its own, not even one that lets this machine in. */
const foreign = [
  'https://evil.example',
  'http://localhost.evil.example',
  'http://evil.localhost',
  'http://127.0.0.1.evil.example',
  'http://localhost@evil.example',
  'http://evil.example#localhost',
  'http://localhost/',
  'http://localhost:80',
  'HTTP://localhost',
  'http://LOCALHOST',
  'http://localhost.',
  'http://127.1',
  'http://0x7f.0.0.1',
  'http://2130706433',
  'http://0.0.0.0',
  'http://user:secret@localhost',
  'http://localhost http://evil.example',
  'file://',
  'data:text/html,x',
  'chrome-extension://abcdefghijklmnop',
  'ws://localhost',
  'null',
] as const

export const origins: readonly Case[] = foreign.map((origin) => ({
  name: `a page of ${origin} gets no ticket and no socket`,
  async run(world) {
    const reply = await world.post('/v1/tickets', { role: 'customer' }, { origin })
    equal(reply.status, 403, 'status')
    equal(refusalIn(reply).code, 'forbidden', 'code')
    equal(reply.headers.get('access-control-allow-origin'), null, 'CORS header')
    equal(await refusedUpgrade(world.open({ origin })), 403, 'status of the upgrade')
  },
}))
