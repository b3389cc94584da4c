import fc from 'fast-check'
import { expect, it } from 'vitest'
import { publishDraft, removeDocument } from '../../../server/operations/document-changes.ts'
import { mintId } from '../../../server/protocol/ids.ts'
import { findImpact, type VersionState } from '../../../server/receipts/impact.ts'
import { createAudit } from '../../../server/storage/audit.ts'
import { createCited } from '../../../server/storage/cited.ts'
import { createKeys } from '../../../server/storage/keys.ts'
import { createProducts } from '../../../server/storage/products.ts'
import { createProposals } from '../../../server/storage/proposals.ts'
import { at, completed, newVersion, openStore } from '../storage/support.ts'

const docs = ['a', 'b', 'a/c'] as const
const step = fc.oneof(
  fc.record({ do: fc.constantFrom('publish', 'draft', 'accept', 'remove'), doc: fc.constantFrom(...docs) }),
  fc.record({ do: fc.constant('answer' as const), conv: fc.nat(2), cites: fc.subarray([...docs], { minLength: 1 }) }),
)

/** A store with a history, and what was told in it, noted apart. */
async function live() {
  const { db, units, conversations, converse, documents } = await openStore()
  const audit = createAudit(db)
  const [products, proposals] = [createProducts(db), createProposals(db)]
  const parts = { units, documents, audit, products, proposals, keys: createKeys(db), fourEyes: false }
  const convs = [await converse(), await converse(), await converse()]
  /** Per version the answers that quote it. */
  const told = new Map<string, string[]>()
  const states = new Map<string, VersionState>()

  async function bring(doc: string, draftBy?: string): Promise<void> {
    const { ver } = await units.run((tx) => documents.addVersion(tx, newVersion(doc), at, draftBy))
    told.set(`${doc}@${ver}`, [])
    states.set(`${doc}@${ver}`, draftBy === undefined ? 'current' : 'draft')
    if (draftBy === undefined) supersede(doc, ver)
  }
  /** A published version takes the place of all older ones, removed ones too. */
  function supersede(doc: string, by: number): void {
    for (const [name, state] of states) {
      const [of, ver] = name.split('@') as [string, string]
      if (of === doc && Number(ver) < by && state !== 'draft') states.set(name, 'superseded')
    }
  }
  async function accept(doc: string): Promise<void> {
    const current = (await documents.current(doc))?.ver ?? 0
    const draft = (await documents.drafts()).find((one) => one.doc === doc && one.ver > current)
    if (!draft) return
    await publishDraft(parts, doc, draft.ver, { actor: 'local:b' })
    states.set(`${doc}@${draft.ver}`, 'current')
    supersede(doc, draft.ver)
  }
  async function remove(doc: string): Promise<void> {
    const current = await documents.current(doc)
    if (!current) return
    await removeDocument(parts, doc, { actor: 'local:a' })
    states.set(`${doc}@${current.ver}`, 'removed')
  }
  async function answer(conv: string, names: readonly string[]): Promise<void> {
    const versions = (await Promise.all(names.map((doc) => documents.current(doc)))).flatMap((one) => one ?? [])
    const event = completed(mintId('m'), 'x')
    const cites = versions.map(({ doc, ver, text, title }, i) => {
      return { k: i + 1, doc, ver, title, quote: text, spans: [[0, text.length] as [number, number]] }
    })
    await units.run((tx) => conversations.append(tx, conv, [{ ...event, d: { ...event.d, cites } }], at))
    for (const { doc, ver } of versions) told.get(`${doc}@${ver}`)?.push(`${conv} ${event.d.mid}`)
  }
  return {
    ...{ convs, told, states, answer },
    change: { publish: bring, draft: (doc: string) => bring(doc, 'local:a'), accept, remove },
    impact: (doc: string, ver: number, limit = 1_000) =>
      findImpact({ documents, audit, cited: createCited(db), today: () => '2026-11-22' }, { doc, ver, limit }),
  }
}

it('of a version is exactly the answers that quote it, whatever was published, removed and answered', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const { convs, told, states, answer, change, impact } = await live()
      for (const doc of docs) await change.publish(doc)
      for (const one of steps)
        await (one.do === 'answer' ? answer(convs[one.conv]!, one.cites) : change[one.do](one.doc))
      for (const [name, answers] of told) {
        const [, doc, ver] = /^(.+)@(\d+)$/.exec(name)!
        const found = await impact(doc!, Number(ver))
        expect(found.told.map(({ conv, mid }) => `${conv} ${mid}`).sort()).toEqual([...answers].sort())
        expect(found).toMatchObject({ state: states.get(name), answers: answers.length })
        expect(found.conversations).toBe(new Set(answers.map((one) => one.split(' ')[0])).size)
      }
    }),
    { numRuns: 15 },
  )
})

it('lists at most as many answers as asked for, and counts all', async () => {
  const { convs, answer, change, impact } = await live()
  await change.publish('a')
  for (let i = 0; i < 3; i++) await answer(convs[0]!, ['a'])
  expect(await impact('a', 1, 2)).toMatchObject({ answers: 3, conversations: 1, told: [{}, {}] })
  expect((await impact('a', 1, 0)).told).toEqual([])
  await expect(impact('a', 2)).rejects.toThrow('there is no document a@2: bursar documents history a')
})
