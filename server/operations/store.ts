import { createAlarms } from '../storage/alarms.ts'
import { createAudit } from '../storage/audit.ts'
import { createCaseTable } from '../storage/cases.ts'
import { createCited } from '../storage/cited.ts'
import { createConversations } from '../storage/conversations.ts'
import { createCreditDecisions } from '../storage/credit-decisions.ts'
import { createCustomers } from '../storage/customers.ts'
import type { Database } from '../storage/database.ts'
import { createDeskTable } from '../storage/desk.ts'
import { createDocuments } from '../storage/documents.ts'
import { createFeedback } from '../storage/feedback.ts'
import type { UnitOfWork } from '../storage/group-commit.ts'
import { createHistoryTable } from '../storage/history.ts'
import { createInteractions } from '../storage/interactions.ts'
import { createJobs } from '../storage/jobs.ts'
import { createKeys } from '../storage/keys.ts'
import { createLateLabels } from '../storage/late-labels.ts'
import { createMeta } from '../storage/meta.ts'
import { createModelFigures } from '../storage/model-figures.ts'
import { createModelUsages } from '../storage/model-usage.ts'
import { createPassages } from '../storage/passages.ts'
import { createProducts } from '../storage/products.ts'
import { createProposals } from '../storage/proposals.ts'
import { createQuarantine } from '../storage/quarantine.ts'
import { createReceipts } from '../storage/receipts.ts'
import { createSecondVectors } from '../storage/second-vectors.ts'
import { createSheets } from '../storage/sheets.ts'
import { createSignatures } from '../storage/signatures.ts'
import { createSynonymLists } from '../storage/synonyms.ts'
import { createUsers } from '../storage/users.ts'

/** Every repository over one database, by name. */
export function createStore(db: Database, units: UnitOfWork) {
  const meta = createMeta(db)
  return {
    conversations: createConversations(db, units),
    documents: createDocuments(db),
    passages: createPassages(db),
    secondVectors: createSecondVectors(db),
    products: createProducts(db),
    sheets: createSheets(db),
    feedback: createFeedback(db),
    interactions: createInteractions(db),
    receipts: createReceipts(db),
    cited: createCited(db),
    cases: createCaseTable(db),
    creditDecisions: createCreditDecisions(db),
    customers: createCustomers(db),
    desk: createDeskTable(db),
    history: createHistoryTable(db),
    meta,
    synonyms: createSynonymLists(meta),
    quarantine: createQuarantine(db),
    proposals: createProposals(db),
    signatures: createSignatures(db),
    users: createUsers(db),
    keys: createKeys(db),
    audit: createAudit(db),
    jobs: createJobs(db),
    modelUsage: createModelUsages(db),
    modelFigures: createModelFigures(db),
    alarms: createAlarms(db),
    lateLabels: createLateLabels(db),
  }
}
export type Store = ReturnType<typeof createStore>
