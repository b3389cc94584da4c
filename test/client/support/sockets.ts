import { WebSocket } from 'ws'
import type { Socket } from '../../../client/transport/connection.ts'

/** Node 20 has no WebSocket of its own; that of `ws` has the same events. */
export const openSocket = (url: string, protocol: string): Socket => new WebSocket(url, protocol)
