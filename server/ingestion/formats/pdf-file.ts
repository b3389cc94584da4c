import { getDocumentProxy, getResolvedPDFJS } from 'unpdf'
import { InputError } from '../../errors.ts'
import { drawnRuns } from './pdf-drawing.ts'
import type { Run } from './pdf-pen.ts'

/** Pages that are read; a longer book is to be divided. */
const maxPages = 2_000
/** Pieces of text on one page; a dense table has some thousands. */
const maxPieces = 100_000
/** Pixels of a picture; larger ones are passed over, as nothing is read from pictures. */
const maxPixels = 16_777_216

/** A piece of text, in a frame in which its lines are level: x grows to the right, y upwards, in points. */
export interface TextPiece {
  readonly text: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly size: number
  readonly bold: boolean
}

export interface PdfPage {
  /** From 1. */
  readonly page: number
  /** As the file gives them, which is the order of reading in nearly all. */
  readonly pieces: readonly TextPiece[]
  /** Lowest and highest y of the page. */
  readonly bottom: number
  readonly top: number
  /** Why words of the page cannot be seen; each reason once. */
  readonly hidden: readonly string[]
}

type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>
type Page = Awaited<ReturnType<PdfDocument['getPage']>>

declare global {
  interface ArrayBuffer {
    transferToFixedLength(length?: number): ArrayBuffer
  }
}
// The library is made for Node 22, which has this; without it, text in embedded fonts is silently left out.
ArrayBuffer.prototype.transferToFixedLength ??= function (this: ArrayBuffer, length = this.byteLength) {
  const moved = new Uint8Array(length)
  moved.set(new Uint8Array(this, 0, Math.min(length, this.byteLength)))
  return moved.buffer
}

/** What can be seen on the pages of a PDF, one after the other. @throws {InputError} if it is none, damaged, encrypted or too long. */
export async function readPages(bytes: Uint8Array, file: string): Promise<PdfPage[]> {
  const pdf = await open(bytes, file)
  try {
    if (pdf.numPages > maxPages)
      throw new InputError({ file }, `has ${pdf.numPages} pages; at most ${maxPages} are read`)
    const pages: PdfPage[] = []
    for (let number = 1; number <= pdf.numPages; number++) pages.push(await readPage(pdf, number, file))
    return pages
  } finally {
    await pdf.destroy()
  }
}

async function open(bytes: Uint8Array, file: string): Promise<PdfDocument> {
  // Of a page that is read in part only, nobody could tell what is missing.
  const options = { stopAtErrors: true, isEvalSupported: false, disableFontFace: true, maxImageSize: maxPixels }
  try {
    // The library takes the bytes over. A verbosity of 0 keeps its warnings off the log.
    return await getDocumentProxy(Uint8Array.from(bytes), { ...options, verbosity: 0 })
  } catch (cause) {
    const locked = cause instanceof Error && cause.name === 'PasswordException'
    throw new InputError(
      { file },
      locked ? 'is encrypted; save it without a password' : 'is no PDF, or a damaged one',
      {
        cause,
      },
    )
  }
}

async function readPage(pdf: PdfDocument, number: number, file: string): Promise<PdfPage> {
  try {
    const page = await pdf.getPage(number)
    const runs = drawnRuns((await getResolvedPDFJS()).OPS, await page.getOperatorList())
    if (runs.length > maxPieces)
      throw new InputError({ file }, `page ${number} has more than ${maxPieces} pieces of text`)
    const hidden = new Set<string>()
    const [left, bottom, right, top] = page.view as [number, number, number, number]
    const seen = runs.filter(({ start: [x, y], how: unseen }) => {
      const off = x < left - 1 || x > right + 1 || y < bottom - 1 || y > top + 1
      const how = off ? 'off the page' : unseen
      if (how) hidden.add(how)
      return how === undefined
    })
    const turn = turnOf(seen)
    const pieces = seen.filter((run) => isTurned(run, turn)).map((run) => pieceOf(run, turn, isBold(page, run.font)))
    const heights = [bottom * turn[0] - left * turn[1], top * turn[0] - right * turn[1]]
    page.cleanup()
    return { page: number, pieces, bottom: Math.min(...heights), top: Math.max(...heights), hidden: [...hidden] }
  } catch (cause) {
    if (cause instanceof InputError) throw cause
    throw new InputError({ file }, `page ${number} is damaged`, { cause })
  }
}

function isBold(page: Page, font: string): boolean {
  if (!page.commonObjs.has(font)) return false
  const { name }: { name?: unknown } = page.commonObjs.get(font)
  return typeof name === 'string' && /bold|black|heavy/i.test(name)
}

type Turn = readonly [cos: number, sin: number]
const turns: readonly Turn[] = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
]

/** Which way most of a page's text goes. What then is not level, such as a stamp along the margin, is left out. */
function turnOf(runs: readonly Run[]): Turn {
  const letters = turns.map((turn) => runs.reduce((sum, run) => sum + (isTurned(run, turn) ? run.text.length : 0), 0))
  return turns[letters.indexOf(Math.max(...letters))]!
}

const isTurned = ({ way }: Run, [cos, sin]: Turn): boolean => way[0] * cos + way[1] * sin > 0.9

function pieceOf({ text, start: [x, y], width, size }: Run, [cos, sin]: Turn, bold: boolean): TextPiece {
  return { text: logical(text), x: x * cos + y * sin, y: y * cos - x * sin, width, size, bold }
}

/** Ligatures as letters; words that run from the right are drawn from the left, and are turned round. */
function logical(text: string): string {
  return text
    .replace(/\p{Cc}/gu, ' ')
    .replace(/[\uFB00-\uFDFF\uFE70-\uFEFC]/g, (sign) => sign.normalize('NFKC'))
    .replace(/[\p{Script=Arabic}\p{Script=Hebrew}\p{M}]+/gu, (word) => [...word].reverse().join(''))
}
