import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { cite } from '../../../server/answers/citations.ts'
import { readConfig } from '../../../server/config.ts'
import { createLogger } from '../../../server/logger.ts'
import { startServer } from '../../../server/main.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { modelsDir } from '../../support/models.ts'
import { pdfOf } from '../../support/pdf.ts'

async function open() {
  const root = temporaryFolder()
  const config = readConfig({ BURSAR_MODELS: modelsDir(), BURSAR_ENGINES: '1' }, { dataDir: join(root, 'data') })
  const server = await startServer(config, createLogger('silent'), { port: 0, host: '127.0.0.1' })
  onTestFinished(server.close)
  const composition = await server.compose()
  await server.open(composition)
  const folder = join(root, 'fees')
  mkdirSync(folder)
  const write = (name: string, text: string | Uint8Array): void => writeFileSync(join(folder, name), text)
  const ingest = (more: object = {}) =>
    composition.run('ingest', { paths: [folder], sync: false, ...more }, () => undefined)
  const { passages } = composition.house.store
  return { folder, write, ingest, passages, url: server.url, documents: composition.house.store.documents }
}

it('stores a document once, however many ingestions find it at the same time', async () => {
  const { write, ingest, documents } = await open()
  write('zebra.md', 'The zebra fee is £7.00.')
  await Promise.all([ingest(), ingest()])
  expect((await documents.list()).map(({ doc, ver }) => [doc, ver])).toEqual([['fees/zebra.md', 1]])
})

it('refuses a document of more sentences than can be stored at once', async () => {
  const { write, ingest } = await open()
  write('lines.txt', '- \n'.repeat(50_001))
  const reason = expect.stringMatching(
    /lines\.txt: has a document of 50001 sentences and rows; at most 50000 are read$/,
  )
  expect(await ingest()).toMatchObject({ documents: 0, rejected: [{ file: 'fees/lines.txt', reason }] })
})

it('removes what a folder held when nothing is left in it, if told to', async () => {
  const { folder, write, ingest, documents } = await open()
  write('zebra.md', 'The zebra fee is £7.00.')
  await ingest()
  rmSync(join(folder, 'zebra.md'))
  expect(await ingest({ sync: true })).toMatchObject({ removed: 1 })
  expect(await documents.list()).toEqual([])
})

it('shows customers no earlier version of what has become agents’ own', async () => {
  const { write, ingest, url } = await open()
  const text = (ver: number) => fetch(`${url}/v1/documents/${encodeURIComponent('fees/zebra.md')}/versions/${ver}/text`)
  write('zebra.md', 'The zebra fee is £7.00.')
  await ingest()
  expect((await text(1)).status).toBe(200)
  await ingest({ audience: 'agent' })
  expect([(await text(1)).status, (await text(2)).status]).toEqual([404, 404])
})

it('keeps what is stored of a file whose sidecar lost its name, and says so', async () => {
  const { folder, write, ingest, documents } = await open()
  write('notes.csv', 'id,text\na,The limit for goodwill is £50.\n')
  write('notes.csv.yaml', 'audience: agent\n')
  write('plan.odt', 'Later.')
  const first = { documents: 1, rejected: [], skipped: [{ file: 'fees/plan.odt' }] }
  expect(await ingest()).toMatchObject(first)
  renameSync(join(folder, 'notes.csv.yaml'), join(folder, 'notes.csv.yml'))
  expect(await ingest({ sync: true })).toMatchObject({
    ...{ documents: 0, updated: 0, removed: 0 },
    rejected: [{ file: 'fees/notes.csv' }, { file: 'fees/notes.csv.yml' }],
  })
  expect(await documents.list()).toMatchObject([{ doc: 'fees/notes.csv#a', ver: 1, audience: 'agent' }])
})

it('leaves nothing that other users may enter, whatever the umask', async () => {
  const mask = process.umask(0)
  onTestFinished(() => void process.umask(mask))
  const { folder, write, ingest } = await open()
  write('zebra.md', 'The zebra fee is £7.00.')
  await ingest()
  const data = join(folder, '../data')
  const names = ['.', ...readdirSync(data), 'generations/1']
  expect(names).toContain('admin.sock')
  expect(names.filter((name) => statSync(join(data, name)).mode & 0o077)).toEqual([])
})

it('neither waits for a sidecar that is a pipe nor follows one that is a link', async () => {
  const { folder, write, ingest, documents } = await open()
  for (const name of ['a.csv', 'b.csv', 'c.csv']) write(name, 'id,text\na,The zebra fee is £7.00.\n')
  execFileSync('mkfifo', [join(folder, 'a.csv.yaml')])
  symlinkSync('c.csv', join(folder, 'b.csv.yaml'))
  const { rejected } = (await ingest()) as { rejected: { file: string; reason: string }[] } // its report
  expect(rejected.map(({ file, reason }) => [file, reason.replace(folder, '')])).toEqual([
    ['fees/a.csv.yaml', '/a.csv.yaml: is neither a file nor a folder'],
    ['fees/b.csv.yaml', '/b.csv.yaml: is a symbolic link, which is not followed; put the file itself here'],
    ['fees/a.csv', '/a.csv.yaml: is no file'],
    ['fees/b.csv', '/b.csv.yaml: is a symbolic link, which is not followed'],
  ])
  expect((await documents.list()).map(({ doc }) => doc)).toEqual(['fees/c.csv#a'])
})

it('stores the page of each part of a PDF, and quotes the row of a table there with its header', async () => {
  const { write, ingest, passages } = await open()
  const draw = (x: number, y: number, text: string) => `BT /F 10 Tf ${x} ${y} Td (${text}) Tj ET\n`
  const table = [draw(50, 700, 'Account'), draw(250, 700, 'Monthly fee'), draw(50, 686, 'Zebra savings account')]
  const more = [draw(250, 686, 'GBP 7.00'), draw(50, 672, 'Lion savings account'), draw(250, 672, 'GBP 9.00')]
  write('fees.pdf', pdfOf(draw(50, 700, 'We charge what stands on the next page.'), [...table, ...more].join('')))
  write('broken.pdf', '%PDF-1.7\nnothing')
  expect(await ingest()).toMatchObject({
    documents: 1,
    rejected: [{ file: 'fees/broken.pdf', reason: expect.stringContaining('broken.pdf: is no PDF, or a damaged one') }],
  })
  const stored = await passages.readable([1, 2, 3], '2026-06-01', 'customer')
  const cites = stored.flatMap(({ version, units }) =>
    units.map(({ start, end, header }) => cite(1, version, header ? [header, [start, end]] : [[start, end]], units)),
  )
  expect(cites).toMatchObject([
    { doc: 'fees/fees.pdf', page: 1, quote: 'We charge what stands on the next page.' },
    { doc: 'fees/fees.pdf', page: 2, quote: 'Account\tMonthly fee · Zebra savings account\tGBP 7.00' },
    { doc: 'fees/fees.pdf', page: 2, quote: 'Account\tMonthly fee · Lion savings account\tGBP 9.00' },
  ])
})
