/** Numbers of the wire contract `bursar.v1` that clients need too. Times are milliseconds, sizes bytes unless said. */
export const subprotocol = 'bursar.v1'
export const maxFrameBytes = 65_536
/** UTF-16 code units of a customer's message. */
export const maxTextChars = 4_000
export const maxCommentChars = 1_000
/** Of a note that staff write for each other. */
export const maxNoteChars = 4_000
/** Conversations that one agent's socket follows at a time. */
export const maxFollowed = 50
export const ticketLifeMs = 60_000
export const helloDueMs = 5_000
export const heartbeatMs = 25_000
export const pongDueMs = 10_000
/** A resume that would replay more events than this gets a snapshot instead. */
export const maxReplayEvents = 500
export const snapshotMessages = 200
export const maxSnapshotBytes = 1_048_576
/** Above this many unsent bytes a socket gets no ephemeral frames; above the next it is closed with 4508. */
export const ephemeralCutBytes = 262_144
export const slowReaderBytes = 1_048_576
/** Messages at most this far apart, and at most so many, join one turn. */
export const burstGapMs = 1_500
export const burstMessages = 5
export const drainMs = 8_000
export const drainSpreadMs = 5_000

/** Close codes, by what happened. Clients stay away after some and come back after others (PROTOCOL.md). */
export const closeCodes = {
  ended: 1000,
  binary: 1003,
  badUtf8: 1007,
  tooBig: 1009,
  badFrames: 4400,
  unauthorised: 4401,
  forbidden: 4403,
  version: 4406,
  helloLate: 4408,
  replaced: 4409,
  erased: 4410,
  rateLimited: 4429,
  internal: 4500,
  draining: 4503,
  slowReader: 4508,
} as const
