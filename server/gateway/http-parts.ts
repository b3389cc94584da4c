import { BusyError } from '../errors.ts'
import type { ClientAddress } from './client-address.ts'
import type { GatewayMetrics } from './metrics.ts'
import type { GatewayOptions } from './options.ts'
import type { OriginRule } from './origin.ts'
import type { Ports, Readiness } from './ports.ts'
import type { Allowance, SignInAllowance } from './rate-limit.ts'
import type { Tickets } from './tickets.ts'

/** What the HTTP side is made of. */
export interface HttpParts extends Pick<GatewayOptions, 'awaited' | 'clientDir' | 'log'> {
  /** Undefined while the server starts. */
  readonly ports: () => Ports | undefined
  readonly registry: GatewayOptions['metrics']
  readonly metrics: GatewayMetrics
  readonly tickets: Tickets
  readonly allowance: Allowance
  readonly signIns: SignInAllowance
  readonly clientAddress: ClientAddress
  readonly originRule: OriginRule
  readonly draining: () => boolean
}

/** @throws {BusyError} while the server starts. */
export function opened({ ports }: HttpParts): Ports {
  const open = ports()
  if (!open) throw new BusyError('the server is starting')
  return open
}

/** For orders that go on after their request. @throws {BusyError} while the server starts or is about to stop. */
export function accepting(parts: HttpParts): Ports {
  if (parts.draining()) throw new BusyError('the server is about to stop')
  return opened(parts)
}

/** Whether questions can be answered, and what is waited for. */
export function readinessOf({ draining, ports, awaited }: HttpParts): Readiness {
  if (draining()) return { ready: false, waiting: ['the server is about to stop'] }
  return ports()?.readiness() ?? { ready: false, waiting: [awaited()] }
}
