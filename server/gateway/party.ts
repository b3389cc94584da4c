import type { Budget } from './rate-limit.ts'

/** A frame that was read, and what is to be done with it. */
export interface Task {
  readonly t: string
  /** The client's id of it, where it has one. */
  readonly id?: string | undefined
  /** Whose allowance it uses; undefined: none. */
  readonly budget: Budget | undefined
  /** It would start something new: refused while the server drains. */
  readonly isWork: boolean
  /** @returns the reply to send, if it is to have one. @throws BursarError */
  run(): Promise<object | undefined>
}

/** Who is at the other end of a connection, once they have said hello. */
export interface Party {
  /** Whose messages are counted together. */
  readonly payer: string
  /** Undefined for another hello. @throws ProtocolError */
  read(frame: string): Task | undefined
  /** A reply of `Task.run`, or one of the connection's own. */
  send(frame: object): void
  /** The command that was run has its reply: what was kept back for it may go. */
  replied(): void
  end(): void
}
