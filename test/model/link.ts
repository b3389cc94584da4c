import { EventEmitter } from 'node:events'
import type { Socket } from '../../client/transport/connection.ts'
import type { FrameSocket } from '../../server/gateway/outlet.ts'

export type Direction = 'up' | 'down'
/** A frame, or the code that this direction is closed with. */
type Item = string | number

/** One connection between a client and a server of this process. Nothing arrives by itself: what is sent waits for `deliver`. */
export interface Link {
  readonly client: Socket
  readonly isOpen: boolean
  /** What is under way, oldest first. */
  waiting(direction: Direction): readonly Item[]
  /** Let the oldest item arrive. @returns it, undefined if there is none. */
  deliver(direction: Direction): Item | undefined
  /** Lose the item at this place, let it come twice, or let it come later. What opens or closes a connection is left alone. */
  spoil(direction: Direction, at: number, how: 'lose' | 'double' | 'delay', to: number): void
  /** Break the connection; a server that does not notice goes on sending into the void. */
  cut(noticed: 'by the client' | 'by both'): void
}

const [connecting, isOpenNow, closed] = [0, 1, 3]
const lost = 1006

/** What a gateway needs of the socket of `ws`. */
class ServerSocket extends EventEmitter implements FrameSocket {
  readonly bufferedAmount = 0
  readonly isPaused = false
  readonly send: (frame: string, done?: () => void) => void
  readonly close: (code: number) => void
  constructor(put: (item: Item) => void) {
    super()
    this.send = (frame, done) => {
      put(frame)
      done?.()
    }
    this.close = put
  }
  terminate(): void {
    this.emit('close', lost)
  }
  /** Nothing is under way between the two but what waits in the queues. */
  pause(): void {}
  resume(): void {}
}

/** The client's side of events. */
function createListeners() {
  const all = new Map<string, ((event: never) => void)[]>()
  return {
    add(type: string, listener: (event: never) => void): void {
      all.set(type, [...(all.get(type) ?? []), listener])
    },
    tell(type: string, event: object): void {
      for (const listener of all.get(type) ?? []) listener(event as never) // each type has listeners of its own event
    },
  }
}

/** @param accept is given the server's end as soon as the connection is open. */
export function createLink(accept: (socket: FrameSocket) => void): Link {
  const queues: Readonly<Record<Direction, Item[]>> = { up: [], down: [] }
  const listeners = createListeners()
  let state = connecting
  let isServed = false
  const server = new ServerSocket((item) => {
    if (state === isOpenNow) queues.down.push(item)
  })
  const client: Socket = {
    get readyState() {
      return state
    },
    send: (frame) => void queues.up.push(frame),
    close: (code = lost) => void queues.up.push(code),
    addEventListener: listeners.add,
  }

  function endServer(code: number): void {
    if (isServed) server.emit('close', code)
    isServed = false
  }
  function endClient(code: number): void {
    if (state === closed) return
    state = closed
    queues.up.length = 0
    queues.down.length = 0
    listeners.tell('close', { code })
  }
  function arrive(direction: Direction, item: Item): void {
    if (typeof item === 'number') {
      endServer(item)
      endClient(item)
    } else if (direction === 'up') server.emit('message', Buffer.from(item), false)
    else listeners.tell('message', { data: item })
  }

  queueMicrotask(() => {
    if (state !== connecting) return
    state = isOpenNow
    isServed = true
    accept(server)
    listeners.tell('open', {})
  })
  return {
    client,
    get isOpen() {
      return state !== closed
    },
    waiting: (direction) => queues[direction],
    deliver(direction) {
      const item = queues[direction].shift()
      if (item !== undefined) arrive(direction, item)
      return item
    },
    spoil(direction, at, how, to) {
      const queue = queues[direction]
      const item = queue[at]
      if (typeof item !== 'string' || item.startsWith('{"t":"hello"')) return
      if (how !== 'double') queue.splice(at, 1)
      const last = queue.findIndex((one) => typeof one === 'number')
      if (how !== 'lose') queue.splice(Math.min(at + 1 + to, last < 0 ? queue.length : last), 0, item)
    },
    cut(noticed) {
      if (noticed === 'by both') endServer(lost)
      endClient(lost)
    },
  }
}
