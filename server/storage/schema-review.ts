// Tables of what is looked at before it may be quoted: by rules at the door, and by a second person.

/** Documents that wait for a person. */
export interface HeldTable {
  doc: string
  collection: string
  contentHash: string
  /** Version and chunks as JSON, as the reader made them. */
  content: string
  /** Why, as JSON. */
  holds: string
  at: string
}

/** Content that a person let through. */
export interface ReleasedTable {
  doc: string
  contentHash: string
  by: string
  reason: string
  at: string
}

/** Sentences with sums and rates, of versions that are current or drafts, by their words and whom they concern. */
export interface StatementsTable {
  key: number
  numbers: string
  version: number
  text: string
}

/** The least shingles of each such version, by which those that are nearly the same are found. */
export interface MarksTable {
  mark: number
  version: number
}

/** Sampled shingles of each such version: uint32, little-endian, ascending. */
export interface SketchesTable {
  version: number
  shingles: Uint8Array
}

/** Versions that were stored without a signature and get one at the next ingestion. */
export interface UnsignedTable {
  version: number
}

/** Removals, and a catalogue, that wait for a second person. */
export interface ProposalsTable {
  subject: string
  ver: number | null
  content: string | null
  by: string
  reason: string | null
  at: string
}
