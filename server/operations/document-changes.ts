import { NotFoundError } from '../errors.ts'
import { createRemovals, type RemovalParts } from '../ingestion/removals.ts'
import { ProtocolError } from '../protocol/codec.ts'
import type { AuditEntry } from '../storage/audit.ts'
import type { UnitOfWork } from '../storage/group-commit.ts'
import type { Keys } from '../storage/keys.ts'
import type { Product } from '../storage/products.ts'
import { catalogueSubject, type Proposal } from '../storage/proposals.ts'
import type { Version } from '../storage/types.ts'

type By = Pick<AuditEntry, 'actor' | 'reason'>

export interface ChangeParts extends RemovalParts {
  readonly units: UnitOfWork
  readonly keys: Pick<Keys, 'peopleBehind'>
}

/**
 * A key is in somebody's hands: with it and by themselves they are one pair of eyes.
 * @throws {ProtocolError} if these two are, or nobody knows whose key it was.
 */
async function assertOther({ keys }: ChangeParts, author: string, by: By, own: string): Promise<void> {
  const [authors, people] = [await keys.peopleBehind(author), await keys.peopleBehind(by.actor)]
  if (!authors || !people)
    throw new ProtocolError(
      'forbidden',
      'nobody knows whose key this was brought with: bring it with a key made for a user',
    )
  if (authors.some((one) => people.includes(one))) throw new ProtocolError('forbidden', own)
}

export const noDocument = (doc: string): NotFoundError => new NotFoundError(`there is no document ${doc}`)

/**
 * Take a document out of search; under four eyes this only proposes it. The index is the caller's.
 * @throws {NotFoundError} if it is not current.
 */
export async function removeDocument(parts: ChangeParts, doc: string, by: By) {
  const removed = await parts.units.run(async (tx) => {
    if (!(await parts.documents.current(doc))) throw noDocument(doc)
    const gone = await createRemovals(parts).remove(tx, [doc], by)
    if (gone === 0 && !parts.fourEyes) throw noDocument(doc)
    return gone
  })
  return { doc, removed, ...(parts.fourEyes && { waits: true }) }
}

/**
 * What somebody else has proposed for this subject, if this one may confirm it.
 * @throws {NotFoundError} if nothing waits; {ProtocolError} for one's own proposal.
 */
export async function proposalFor(parts: ChangeParts, subject: string, by: By): Promise<Proposal> {
  const found = await parts.proposals.find(subject)
  if (!found) throw new NotFoundError(`nothing is proposed for ${subject}`)
  await assertOther(parts, found.by, by, `this was proposed by you: somebody else has to confirm it for ${subject}`)
  return found
}

/** Carry out a removal that somebody else has proposed. @throws as {@link proposalFor} */
export async function confirmRemoval(parts: ChangeParts, doc: string, by: By) {
  const { units, documents, proposals, audit } = parts
  const proposal = await proposalFor(parts, doc, by)
  const current = await documents.current(doc)
  const isSame = current !== undefined && current.ver === proposal.ver
  const removed = await units.run(async (tx) => {
    if (!(await proposals.drop(tx, doc)) || !isSame) return false
    await documents.remove(tx, doc)
    await audit.append(tx, [{ ...by, action: 'documents.remove', subject: doc, detail: `proposed by ${proposal.by}` }])
    return true
  })
  if (!removed)
    throw new ProtocolError('forbidden', `${doc} was changed since its removal was proposed: propose it again`)
  return { doc, removed: 1 }
}

/** Make the catalogue that somebody else has proposed the one in use. @throws as {@link proposalFor} */
export async function publishCatalogue(parts: ChangeParts, by: By) {
  const { units, products, proposals, audit } = parts
  const { content = '[]', by: proposer } = await proposalFor(parts, catalogueSubject, by)
  const all = JSON.parse(content) as Product[] // written by createRemovals from what the reader checked
  await units.run(async (tx) => {
    if (!(await proposals.drop(tx, catalogueSubject)))
      throw new ProtocolError('forbidden', 'the catalogue was published already')
    await products.replaceAll(tx, all)
    const detail = `${all.length} products, proposed by ${proposer}`
    await audit.append(tx, [{ ...by, action: 'products.replace', subject: catalogueSubject, detail }])
  })
  return { subject: catalogueSubject, products: all.length }
}

/**
 * The draft, if this one may publish it.
 * @throws {NotFoundError}; {ProtocolError} for one's own draft under four eyes, a version that is no draft, or one that a newer
 * one has overtaken.
 */
export async function draftFor(parts: ChangeParts, doc: string, ver: number, by: By): Promise<Version> {
  const { documents, fourEyes } = parts
  const draft = await documents.version(doc, ver)
  if (!draft) throw new NotFoundError(`there is no document ${doc}@${ver}`)
  if (draft.draftBy === undefined) throw new ProtocolError('forbidden', `${doc}@${ver} is no draft`)
  if (fourEyes)
    await assertOther(parts, draft.draftBy, by, `${doc}@${ver} is your own draft: somebody else has to publish it`)
  const current = await documents.current(doc)
  if (current && current.ver > ver)
    throw new ProtocolError(
      'forbidden',
      `${doc}@${current.ver} is published already, and newer: bring the change again`,
    )
  return draft
}

/** Make a draft the current version. The index is the caller's. @throws as {@link draftFor} */
export async function publishDraft(parts: ChangeParts, doc: string, ver: number, by: By) {
  const { units, documents, proposals, audit } = parts
  const draft = await draftFor(parts, doc, ver, by)
  await units.run(async (tx) => {
    if (!(await documents.publish(tx, draft)))
      throw new ProtocolError('forbidden', `${doc}@${ver} is no draft any more`)
    await proposals.drop(tx, doc) // its removal was proposed of the version before
    const detail = `version ${ver} by ${draft.draftBy ?? ''}`
    await audit.append(tx, [{ ...by, action: 'documents.publish', subject: doc, detail }])
  })
  return { doc, ver }
}
