import type { World } from './world.ts'

/** One thing that the contract promises, and how to find out. */
export interface Case {
  /** What the server does. */
  readonly name: string
  /** Takes the heartbeat's time; such cases run beside all others. */
  readonly isSlow?: true
  /** Only where the server limits rates, or only where it does not. */
  readonly needs?: 'limit' | 'no limit' | 'staff'
  /** @throws {NonConformity} if the server does otherwise. */
  run(world: World): Promise<void>
}

/** What has to hold over a restart: prepared before it, looked at after it. */
export interface RestartCase {
  readonly name: string
  /** @returns what to do once the server is there again. */
  prepare(world: World): Promise<(world: World) => Promise<void>>
}
