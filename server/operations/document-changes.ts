import { NotFoundError } from '../errors.ts'
import { ProtocolError } from '../protocol/codec.ts'
import type { Audit, AuditEntry } from '../storage/audit.ts'
import type { Documents } from '../storage/documents.ts'
import type { UnitOfWork } from '../storage/group-commit.ts'
import type { Version } from '../storage/types.ts'

type By = Pick<AuditEntry, 'actor' | 'reason'>

interface Parts {
  readonly units: UnitOfWork
  readonly documents: Documents
  readonly audit: Audit
  /** Whether a draft needs somebody else than its author to be published. */
  readonly fourEyes: boolean
}

export const noDocument = (doc: string): NotFoundError => new NotFoundError(`there is no document ${doc}`)

/** Take a document out of search. The index is the caller's. @throws {NotFoundError} */
export async function removeDocument({ units, documents, audit }: Parts, doc: string, by: By) {
  await units.run(async (tx) => {
    if (!(await documents.remove(tx, doc))) throw noDocument(doc)
    await audit.append(tx, [{ ...by, action: 'documents.remove', subject: doc }])
  })
  return { doc, removed: 1 }
}

/**
 * The draft, if this one may publish it.
 * @throws {NotFoundError}; {ProtocolError} for one's own draft under four eyes, a version that is no draft, or one that a newer
 * one has overtaken.
 */
export async function draftFor({ documents, fourEyes }: Parts, doc: string, ver: number, by: By): Promise<Version> {
  const draft = await documents.version(doc, ver)
  if (!draft) throw new NotFoundError(`there is no document ${doc}@${ver}`)
  if (draft.draftBy === undefined) throw new ProtocolError('forbidden', `${doc}@${ver} is no draft`)
  if (fourEyes && draft.draftBy === by.actor)
    throw new ProtocolError('forbidden', `${doc}@${ver} is your own draft: somebody else has to publish it`)
  const current = await documents.current(doc)
  if (current && current.ver > ver)
    throw new ProtocolError(
      'forbidden',
      `${doc}@${current.ver} is published already, and newer: bring the change again`,
    )
  return draft
}

/** Make a draft the current version. The index is the caller's. @throws as {@link draftFor} */
export async function publishDraft(parts: Parts, doc: string, ver: number, by: By) {
  const { units, documents, audit } = parts
  const draft = await draftFor(parts, doc, ver, by)
  await units.run(async (tx) => {
    if (!(await documents.publish(tx, draft)))
      throw new ProtocolError('forbidden', `${doc}@${ver} is no draft any more`)
    const detail = `version ${ver} by ${draft.draftBy ?? ''}`
    await audit.append(tx, [{ ...by, action: 'documents.publish', subject: doc, detail }])
  })
  return { doc, ver }
}
