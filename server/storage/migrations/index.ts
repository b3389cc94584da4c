import type { Tx } from '../types.ts'
import { initial } from './0001-initial.ts'
import { products } from './0002-products.ts'
import { access } from './0003-access.ts'
import { jobs } from './0004-jobs.ts'
import { drafts } from './0005-drafts.ts'
import { quarantine } from './0006-quarantine.ts'
import { receipts } from './0007-receipts.ts'
import { secondVectors } from './0008-second-vectors.ts'
import { deltaReceipts } from './0009-delta-receipts.ts'
import { signatures } from './0010-signatures.ts'
import { proposals } from './0011-proposals.ts'
import { keyOwners } from './0012-key-owners.ts'
import { modelUsage } from './0013-model-usage.ts'
import { monitoring } from './0014-monitoring.ts'
import { cases } from './0015-cases.ts'
import { desk } from './0016-desk.ts'
import { credit } from './0017-credit.ts'
import { history } from './0018-history.ts'
import { customers } from './0019-customers.ts'

/** One step of the schema. Steps are never changed once released; a change is a new step. */
export interface Migration {
  readonly name: string
  readonly up: (tx: Tx) => Promise<void>
}

/** Every step in order; the schema's number is how many have run. */
export const migrations: readonly Migration[] = [
  { name: 'initial', up: initial },
  { name: 'products', up: products },
  { name: 'access', up: access },
  { name: 'jobs', up: jobs },
  { name: 'drafts', up: drafts },
  { name: 'quarantine', up: quarantine },
  { name: 'receipts', up: receipts },
  { name: 'secondVectors', up: secondVectors },
  { name: 'deltaReceipts', up: deltaReceipts },
  { name: 'signatures', up: signatures },
  { name: 'proposals', up: proposals },
  { name: 'keyOwners', up: keyOwners },
  { name: 'modelUsage', up: modelUsage },
  { name: 'monitoring', up: monitoring },
  { name: 'cases', up: cases },
  { name: 'desk', up: desk },
  { name: 'credit', up: credit },
  { name: 'history', up: history },
  { name: 'customers', up: customers },
]
