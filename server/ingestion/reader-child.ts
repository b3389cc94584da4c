import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { basename } from 'node:path'
import { checkEncoderFiles } from '../embedding/encoder-files.ts'
import { loadTokenizer, type Tokenizer } from '../embedding/tokenizer.ts'
import { InputError, messageOf } from '../errors.ts'
import type { NewVersion } from '../storage/types.ts'
import { chunk } from './chunk.ts'
import type { Document } from './document.ts'
import type { FoundFile } from './files.ts'
import { catalogueName, readCatalogue } from './formats/catalogue.ts'
import { readSidecar } from './formats/front-matter.ts'
import { readerOf, sidecarOf } from './formats/index.ts'
import { holdsIn, unseenIn } from './quarantine/holds.ts'
import { signatureOf } from './quarantine/signature.ts'
import { readBounded } from './read-file.ts'
import type { Defaults, FromReader, ReadDocument, ToReader } from './reader-messages.ts'

// A reader turns one file after the other into documents and chunks. It has no database and no network, and may die of a
// hostile file without harm to anybody.

/** Largest file that is read; a document larger than a long book is a mistake. */
const maxBytes = 33_554_432
/** Chunks are as long as the encoder reads, its two special tokens left out. */
const specialTokens = 2

interface Session {
  readonly tokenizer: Tokenizer
  readonly maxTokens: number
  readonly known: ReadonlyMap<string, string>
  readonly defaults: Defaults
  readonly checks: Extract<ToReader, { type: 'start' }>['checks']
}

/** A parent that is gone hears nothing: no reason to fall over, the disconnect ends this process. */
const tell = (message: FromReader): void => void process.send?.(message, undefined, undefined, () => undefined)
let session: Promise<Session> | undefined

async function read(file: FoundFile, { tokenizer, maxTokens, known, defaults, checks }: Session): Promise<FromReader> {
  const bytes = await readBounded(file.path, maxBytes)
  if (basename(file.path) === catalogueName) return { type: 'products', products: readCatalogue(bytes, file.path) }
  const readAs = readerOf(file.path)
  if (!readAs) throw new InputError({ file: file.path }, 'no reader for this kind of file')
  const sidecar = await readIfThere(sidecarOf(file.path))
  const own = sidecar ? readSidecar(sidecar, sidecarOf(file.path)) : {}
  const documents = await readAs(bytes, { path: file.path, id: file.id, defaults: { ...defaults, ...own } })
  return {
    type: 'documents',
    documents: documents.map((document): ReadDocument => {
      const version = versionOf(document, file.collection)
      if (known.get(version.doc) === version.contentHash) return { version, holds: [] }
      const chunks = chunk(document, (text) => tokenizer.count(text), maxTokens - specialTokens)
      if (!checks) return { version, chunks, holds: [] }
      const holds = [...unseenIn(document.hidden ?? []), ...holdsIn(version, checks.allowedContacts)]
      return { version, chunks, holds, signature: signatureOf(version) }
    }),
  }
}

/**
 * Most files have no sidecar; one that is there and cannot be read must not be passed over, as it may hold the audience. A link
 * in its place may lead anywhere.
 */
async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readBounded(path, maxBytes, constants.O_NOFOLLOW)
  } catch (reason) {
    if (reason instanceof InputError) throw reason
    const code = reason instanceof Error && 'code' in reason ? reason.code : undefined
    if (code === 'ENOENT') return undefined
    const why = code === 'ELOOP' ? 'is a symbolic link, which is not followed' : `cannot be read (${messageOf(reason)})`
    throw new InputError({ file: path }, why, { cause: reason })
  }
}

function versionOf(
  { id, title, text, blocks, audience, from, until, product, region, url }: Document,
  collection: string,
): NewVersion {
  const facts = {
    ...{ doc: id, collection, title, text, audience },
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(product === undefined ? {} : { product }),
    ...(region === undefined ? {} : { region }),
    ...(url === undefined ? {} : { url }),
  }
  // Headings count too: they decide what a passage is found by. So do pages, which citations name.
  const headings = blocks.map(({ heading, start, page }) => [start, heading, ...(page === undefined ? [] : [page])])
  return {
    ...facts,
    contentHash: createHash('sha256')
      .update(JSON.stringify([facts, headings]))
      .digest('hex'),
  }
}

process.on('message', (message: ToReader) => {
  if (message.type === 'start') {
    const { encoder, known, defaults, checks } = message
    session = Promise.all([loadTokenizer(encoder), checkEncoderFiles(encoder)]).then(([tokenizer, { maxTokens }]) => ({
      ...{ tokenizer, maxTokens, known, defaults, checks },
    }))
    session.catch(() => undefined) // the first file reports it
    return
  }
  if (message.type === 'sign') return tell({ type: 'signed', signatures: message.versions.map(signatureOf) })
  const { file } = message
  Promise.resolve(session)
    .then((open) => {
      if (!open) throw new Error('the reader was not started')
      return read(file, open)
    })
    .then(tell, (reason) => tell({ type: 'rejected', reason: messageOf(reason) }))
})
process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => undefined)
