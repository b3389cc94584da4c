import { z } from 'zod'
import { standAlone } from '../chat/responder.ts'
import { today } from '../config.ts'
import { readQuestions } from '../engine/golden.ts'
import type { OnProgress } from '../engine/tasks.ts'
import { NotFoundError, UsageError } from '../errors.ts'
import { answerableFigures } from '../models/answerable.ts'
import { redact } from '../privacy/redact.ts'
import { searchModes } from '../retrieval/types.ts'
import { audiences } from '../storage/types.ts'
import { accessRequests, by, createAccessOperations, reason, reasonText } from './access-table.ts'
import { caseRequests, createCaseOperations } from './case-table.ts'
import { createCreditOperations, creditRequests } from './credit-table.ts'
import { createCustomerOperations, customerRequests } from './customer-table.ts'
import { createVersionOperations, documentRequests } from './document-table.ts'
import { evaluateAnswers } from './evaluate-answers.ts'
import type { House } from './house.ts'
import { createIndexOperations } from './index-operations.ts'
import { localActor } from './local-actor.ts'
import { createModelOperations, modelRequests } from './model-table.ts'
import { createMonitorOperations, monitorRequests } from './monitor-table.ts'
import { createPromotions } from './promotion.ts'
import { createReceiptOperations, receiptRequests } from './receipt-table.ts'
import { createRegistryOperations, registryRequests } from './registry-table.ts'

/** Files that an ingestion may be narrowed to: their names have to fit into one order over the admin socket. */
export const maxNamed = 500
const day = z.iso.date()
const role = z.enum(audiences)

/** What commands may ask of a data directory's owner, and how their arguments have to look. */
const requests = {
  ingest: z.object({
    paths: z.array(z.string()).min(1),
    collection: z.string().optional(),
    audience: role.optional(),
    from: day.optional(),
    until: day.optional(),
    sync: z.boolean(),
    only: z.array(z.string()).max(maxNamed).optional(),
    unchecked: z.boolean().optional(),
    reason,
  }),
  'documents.list': z.object({ collection: z.string().optional() }),
  'documents.held': z.object({}),
  'documents.release': z.object({ doc: z.string().min(1), reason: reasonText }),
  'documents.show': z.object({ doc: z.string(), ver: z.int().min(1).optional() }),
  search: z.object({
    text: z.string().min(1),
    k: z.int().min(1).max(1_000),
    mode: z.enum(searchModes),
    role,
    asOf: day.optional(),
    collection: z.string().optional(),
  }),
  ask: z.object({ text: z.string().min(1), role, asOf: day.optional() }),
  ...modelRequests,
  ...registryRequests,
  'eval.answers': z.object({ questions: z.string() }),
  status: z.object({}),
  'index.stats': z.object({}),
  'index.verify': z.object({}),
  'index.rebuild': z.object({}),
  ...accessRequests,
  ...documentRequests,
  ...receiptRequests,
  ...monitorRequests,
  ...caseRequests,
  ...customerRequests,
  ...creditRequests,
} as const
export type OperationName = keyof typeof requests
export type RequestOf<N extends OperationName> = z.infer<(typeof requests)[N]>

type Operations = {
  readonly [N in OperationName]: (
    request: RequestOf<N>,
    onProgress: OnProgress,
    actor: string,
    signal?: AbortSignal,
  ) => Promise<unknown>
}

/** The one table that the admin socket and the command line both call. */
export function createOperations(house: House) {
  const promotions = createPromotions(house)
  const operations: Operations = Object.assign(
    createDocumentOperations(house),
    createQuestionOperations(house),
    createModelOperations(house, promotions),
    createRegistryOperations(house, promotions),
    createAccessOperations(house),
    createIndexOperations(house),
    createVersionOperations(house),
    createReceiptOperations(house),
    createMonitorOperations(house),
    createCaseOperations(house),
    createCustomerOperations(house),
    createCreditOperations(house),
  )
  // Commands come from this process, or over a socket that only its own user may write to.
  const actor = localActor()
  return {
    /**
     * Run an operation by name, for this machine's user.
     * @param signal that nobody waits for it any more: what trains, labels, measures or rehearses ends then, and changes nothing.
     * @throws {UsageError} if there is none such, or an argument is missing or not valid.
     */
    async run(name: string, args: unknown, onProgress: OnProgress, signal?: AbortSignal): Promise<unknown> {
      if (!isOperation(name)) throw new UsageError(`there is no operation ${name}`)
      return call(operations, name, args, onProgress, actor, signal)
    },
  }
}

const isOperation = (name: string): name is OperationName => Object.hasOwn(requests, name)

function call<N extends OperationName>(
  operations: Operations,
  name: N,
  args: unknown,
  onProgress: OnProgress,
  actor: string,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const parsed = requests[name].safeParse(args)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new UsageError(`${name}: ${issue?.path.join('.') || 'arguments'}: ${issue?.message ?? 'not valid'}`)
  }
  // The schema of this very name has checked the arguments.
  return operations[name](parsed.data as RequestOf<N>, onProgress, actor, signal)
}

function createDocumentOperations({ ingest, releaseHeld, index, pool, store, config }: House) {
  return {
    async ingest(request: RequestOf<'ingest'>, onProgress: OnProgress, actor: string) {
      const { paths, collection, audience, from, until, sync, only, unchecked } = request
      const defaults = { ...(audience && { audience }), ...(from && { from }), ...(until && { until }) }
      const more = {
        ...(unchecked && { unchecked }),
        ...(only && { only }),
        ...(collection !== undefined && { collection }),
      }
      const report = await ingest({ paths, sync, defaults, by: by(actor, request.reason), ...more }, onProgress)
      await index(onProgress)
      return report
    },
    'documents.held': async () => ({
      held: (await store.quarantine.list()).map(({ doc, at, holds }) => ({ doc, at, holds: JSON.parse(holds) })),
    }),
    async 'documents.release'(
      { doc, reason: why }: RequestOf<'documents.release'>,
      onProgress: OnProgress,
      actor: string,
    ) {
      await releaseHeld(doc, { actor, reason: why })
      await index(onProgress)
      return { doc, by: actor, reason: why, ...(config.fourEyes && { waits: true }) }
    },
    'documents.list': async ({ collection }: RequestOf<'documents.list'>) => ({
      documents: await store.documents.list(collection === undefined ? {} : { collection }),
    }),
    async 'documents.show'({ doc, ver }: RequestOf<'documents.show'>) {
      const found = await (ver === undefined ? store.documents.current(doc) : store.documents.version(doc, ver))
      if (!found) throw new NotFoundError(`there is no document ${doc}${ver === undefined ? '' : `@${ver}`}`)
      return found
    },
    async status() {
      const { number, heads } = pool.generation
      return {
        dataDir: config.dataDir,
        passages: await store.passages.count(),
        generation: number,
        engines: pool.ready,
        heads: heads !== undefined,
        ...(heads && {
          toleratedError: heads.toleratedError,
          answers: await answerableFigures(heads.answerable, heads.toleratedError),
        }),
      }
    },
  }
}

function createQuestionOperations({ pool, store, responder, config, generations }: House) {
  const assertHeads = (): void => {
    const fault = generations.headsFault()
    if (fault) throw fault
  }
  const now = (asOf: string | undefined): string => asOf ?? today(config.timeZone)
  return {
    async search({ text, k, mode, role: as, asOf, collection }: RequestOf<'search'>) {
      const begun = performance.now()
      const scope = { role: as, day: now(asOf), ...(collection && { collection }) }
      const { passages } = await pool.run({ kind: 'search', text, scope, k, mode })
      const stored = await store.passages.readable(
        passages.map(({ id }) => id),
        scope.day,
        as,
      )
      const tookMs = performance.now() - begun
      const byId = new Map(stored.map((passage) => [passage.id, passage]))
      const shown = passages.flatMap(({ id, ...scores }) => {
        const found = byId.get(id)
        if (!found) return []
        const { version, start, end, heading } = found
        const { doc, ver, title, from, until } = version
        return { id, doc, ver, title, heading, text: version.text.slice(start, end), ...scores, from, until }
      })
      return { passages: shown, tookMs }
    },
    async ask({ text, role: as, asOf }: RequestOf<'ask'>) {
      assertHeads()
      const begun = performance.now()
      const { draft, probability } = await responder.respond(standAlone(redact(text).text, as, now(asOf)))
      return { ...draft, probability, tookMs: performance.now() - begun }
    },
    async 'eval.answers'({ questions }: RequestOf<'eval.answers'>, onProgress: OnProgress) {
      assertHeads()
      const parts = { responder, documents: store.documents, today: now(undefined) }
      return evaluateAnswers(await readQuestions(questions), parts, onProgress)
    },
  }
}
