import type { Permission, Principal } from '../access/permissions.ts'
import type { Ack, caseStates, DurableEvent, EphemeralEvent, Snapshot, StoredMessage } from '../protocol/events.ts'
import type { Right } from '../text/rights-kinds.ts'
import type { DeskPort, HistoryPort } from './desk-ports.ts'

// What the gateway needs from the rooms below it. main.ts connects them; tests bring implementations of their own.
// Every function may reject with a BursarError: its code becomes the wire's code (errors.ts), anything else `internal`.
// Code `forbidden` means that the caller's rights were withdrawn and ends the connection with 4403.

export type ConversationEvent = DurableEvent | EphemeralEvent
export type SnapshotState = Snapshot['d'] & { readonly head: number }

/** An answer under way: its text so far, as the last of `n` deltas left it. */
export interface Streaming {
  readonly mid: string
  readonly n: number
  readonly text: string
}

interface Feedback {
  readonly mid: string
  readonly value: -1 | 1
  readonly comment?: string | undefined
}

interface RecommendationEvent {
  readonly product: string
  readonly kind: 'view' | 'click' | 'apply' | 'dismiss'
}

/** `id` is the client's ULID: the same id with the same content gives the same ack, marked `dup`. */
export interface Chat {
  /**
   * Accept a customer's message; resolves after the durable commit, before the answer.
   * @throws ConflictError (same id, other text), ClosedError, BusyError, StorageError
   */
  send(
    conv: string,
    message: { readonly id: string; readonly text: string; readonly lang?: string | undefined },
  ): Promise<Ack>
  human(conv: string, id: string): Promise<Ack>
  feedback(conv: string, id: string, feedback: Feedback): Promise<Ack>
  recEvent(conv: string, id: string, event: RecommendationEvent): Promise<Ack>
  /** The customer has read every event up to and including `upto`. */
  read(conv: string, id: string, upto: number): Promise<Ack>
  close(conv: string, id: string): Promise<Ack>
  typing(conv: string, on: boolean, from: 'customer' | 'agent'): void
  /** `head` is the seq of the last durable event, 0 if there is none. @throws NotFoundError */
  open(conv: string): Promise<{ readonly epoch: string; readonly head: number }>
  /** The durable events `after + 1`, `after + 2` …, at most `limit`, oldest first. */
  replay(conv: string, after: number, limit: number): Promise<DurableEvent[]>
  /** The state at `head`, with the last 200 messages. */
  snapshot(conv: string): Promise<SnapshotState>
  /** Messages older than the event `before` (the newest ones without it), at most `limit`, oldest first. */
  messages(
    conv: string,
    page: { readonly before?: number | undefined; readonly limit: number },
  ): Promise<{ readonly messages: StoredMessage[]; readonly more: boolean }>
  streaming(conv: string): Streaming | undefined
  /** Calls `listener` in the order of `seq`, each durable event after its commit. @returns the function that ends it. */
  subscribe(conv: string, listener: (event: ConversationEvent) => void): () => void
  /** Resolves once no turn is under way: what was being answered is stored. */
  settled(): Promise<void>
}

export interface Conversations {
  /** Mint an id and a secret, durably. */
  create(): Promise<{ readonly conv: string; readonly secret: string }>
  /** Does `secret` open `conv`? Does the same work for an unknown conversation as for somebody else's. */
  admits(conv: string, secret: string): Promise<boolean>
}

/** Who changes something and why, as the audit log keeps it. */
export interface By {
  readonly actor: string
  readonly reason: string
}

/** Rights that customers have invoked. */
export interface CasesPort {
  list(filter: { readonly status?: (typeof caseStates)[number]; readonly type?: Right }): Promise<object[]>
  /** @throws {NotFoundError} */
  show(id: string): Promise<object>
  /** @throws {NotFoundError} if there is none, or it is closed already. */
  close(id: string, by: By): Promise<void>
}

/** Credit decisions that were stored. */
export interface CreditPort {
  list(filter: { readonly ref?: string; readonly waiting?: boolean }): Promise<object[]>
  /** @throws {NotFoundError} */
  show(id: string): Promise<object>
  /** Propose another outcome. @throws {NotFoundError}; {ProtocolError} `invalid_field` if that is the outcome already. */
  propose(id: string, to: 'approve' | 'decline', by: By): Promise<void>
  /** Carry out what was proposed. @throws {NotFoundError} if nothing was; {ProtocolError} `forbidden` for one's own proposal. */
  confirm(id: string, by: By): Promise<object>
}

/** A document's file and the id it is to have, or for a file of rows what stands before `#row-id`. */
export interface Upload {
  readonly doc: string
  readonly bytes: Uint8Array
}

/** An order that goes on after its request. */
export interface Job {
  readonly id: string
  readonly state: string
}

export interface Documents {
  /** Canonical text of a version, undefined if there is none that `role` may read. */
  text(
    doc: string,
    ver: number,
    role: 'customer' | 'agent',
  ): Promise<{ readonly text: string; readonly title: string } | undefined>
  /** Current documents by id, a page of them. */
  list(page: {
    readonly limit: number
    readonly collection?: string | undefined
    readonly after?: string | undefined
  }): Promise<object>
  /** The current version's facts and all versions; only the latter for one that was removed. */
  find(doc: string): Promise<object | undefined>
  /** Why no file can have this id. */
  fault(doc: string): string | undefined
  /** @throws BusyError */
  put(
    files: readonly Upload[],
    defaults: {
      readonly audience?: 'customer' | 'agent' | undefined
      readonly from?: string | undefined
      readonly until?: string | undefined
    },
    by: By,
  ): Promise<Job>
  /** Take out of search, or propose it under four eyes. @throws NotFoundError, BusyError */
  remove(doc: string, by: By): Promise<Job>
  /** Make a draft the current version. @throws NotFoundError, BusyError, and ProtocolError `forbidden` where another has to */
  publish(doc: string, ver: number, by: By): Promise<Job>
  /** Carry out a removal that somebody else has proposed. @throws as `publish` */
  confirmRemoval(doc: string, by: By): Promise<Job>
  /** Put the product catalogue in use that somebody else has proposed. @throws as `publish` */
  publishCatalogue(by: By): Promise<Job>
  job(id: string): Promise<Job | undefined>
}

/** A session that was just opened; its token goes into the cookie only. */
export interface SignedIn {
  readonly token: string
  readonly name: string
  readonly roles: readonly string[]
  readonly permissions: readonly Permission[]
  readonly expiresAt: string
}

/** Staff and their programs. Nobody is undefined, whatever the reason. */
export interface Access {
  /** @throws BusyError */
  signIn(user: string, password: string): Promise<SignedIn | undefined>
  signOut(token: string): Promise<void>
  /** @param isUse false: nobody has done anything, and the session goes on ending. */
  ofSession(token: string, isUse?: boolean): Promise<Principal | undefined>
  ofKey(key: string): Promise<Principal | undefined>
  /** Hears whose rights or sessions were changed. @returns the function that ends it. */
  onChange(listener: (user: string) => void): () => void
}

/** A tensor that a model takes or gives, behind the dimension of the batch. */
export interface TensorFacts {
  readonly name: string
  readonly datatype: 'BYTES' | 'FP32'
  /** Of one text: empty for a single value, −1 while it is not known. */
  readonly shape: readonly number[]
}

/** A model that can be asked by itself. */
export interface ServedModel {
  readonly name: string
  readonly task: string
  /** The one that answers; undefined while there is none. */
  readonly version: string | undefined
  readonly inputs: readonly TensorFacts[]
  readonly outputs: readonly TensorFacts[]
  /** What else callers want to know, such as the names of the classes. */
  readonly parameters: Readonly<Record<string, unknown>>
}

/** Texts for a model, by input; all inputs have as many. */
export type InferenceInputs = Readonly<Record<string, readonly string[]>>

export interface Inferred {
  readonly version: string
  /** By output, row-major. */
  readonly outputs: Readonly<Record<string, Float32Array | readonly string[]>>
  /** Time that engines were busy with it. */
  readonly computeMs: number
}

/** Models, asked by themselves. What they are given is neither stored nor logged. */
export interface Inference {
  models(): Promise<readonly ServedModel[]>
  model(name: string): Promise<ServedModel | undefined>
  /**
   * Answer, and count it as the asker's. @throws RateLimitedError beyond the asker's bound, BusyError, DeadlineError, and
   * ProtocolError `not_found` or `model_unavailable` if `version` is not, or no more, the one that answers
   */
  infer(
    model: ServedModel,
    version: string | undefined,
    inputs: InferenceInputs,
    asker: Pick<Principal, 'actor' | 'textsPerDay'>,
  ): Promise<Inferred>
}

/** `waiting` says in a few words what is not ready yet; empty when everything is. */
export interface Readiness {
  readonly ready: boolean
  readonly waiting: readonly string[]
}

export interface Ports {
  readonly chat: Chat
  readonly conversations: Conversations
  readonly documents: Documents
  readonly access: Access
  readonly inference: Inference
  readonly cases: CasesPort
  readonly credit: CreditPort
  readonly desk: DeskPort
  readonly history: HistoryPort
  /** Rows of the audit log, newest first. */
  readonly audit: (
    filter: { readonly [N in 'actor' | 'subject']?: string | undefined } & { readonly before?: number | undefined },
    limit: number,
  ) => Promise<object[]>
  readonly readiness: () => Readiness
}
