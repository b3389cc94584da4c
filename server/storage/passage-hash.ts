import { createHash } from 'node:crypto'

/** What a passage says, as one checksum: SHA-256 of its heading path and its canonical text, in hexadecimal digits. */
export const passageHash = (heading: string, text: string): string =>
  createHash('sha256').update(`${heading}\n${text}`).digest('hex')
