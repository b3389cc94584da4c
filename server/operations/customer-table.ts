import { z } from 'zod'
import type { OnProgress } from '../engine/tasks.ts'
import { NotFoundError } from '../errors.ts'
import { knownOf, readCustomers, readEvents } from '../recommend/personal/import-rows.ts'
import type { CustomerEvent, StoredCustomer } from '../storage/customers.ts'
import { by, reason } from './access-table.ts'
import type { House } from './house.ts'

/** What commands may do with what is known of customers. */
export const customerRequests = {
  'rec.import': z.object({ customers: z.string(), events: z.string().optional(), consented: z.boolean(), reason }),
  'rec.forget': z.object({ customer: z.string().min(1), reason }),
} as const
type Request<N extends keyof typeof customerRequests> = z.infer<(typeof customerRequests)[N]>

/** Rows per transaction: chats wait no longer. */
const batch = 500

/** Customers and what they did, for the table of operations. */
export function createCustomerOperations({ units, store }: House) {
  const { customers, audit } = store

  /**
   * Every row is read and checked before the first is written. Nothing is kept of who has not consented, and what was kept of
   * who does not any more is erased.
   */
  async function take(
    { customers: file, events: eventFile, consented, reason: why }: Request<'rec.import'>,
    _: OnProgress,
    actor: string,
  ) {
    const known = knownOf(await store.products.all())
    const may = new Set((await customers.all()).map(({ id }) => id))
    const counts = { customers: 0, withoutConsent: 0, erased: 0, events: 0, ofOthers: 0 }
    const mayKeep = (consent: boolean | undefined): boolean => consent ?? consented
    for await (const { customer, consent } of readCustomers(file, known))
      if (mayKeep(consent)) may.add(customer.id)
      else may.delete(customer.id)
    if (eventFile !== undefined) for await (const _event of readEvents(eventFile, known)); // checked whole, first
    const at = new Date().toISOString()
    const writer = createWriter(at)
    for await (const { customer, consent, holds } of readCustomers(file, known)) {
      if (mayKeep(consent)) await writer.add(customer, holds)
      else {
        counts.withoutConsent++
        if (await units.run((tx) => customers.erase(tx, customer.id))) counts.erased++
      }
    }
    if (eventFile !== undefined)
      for await (const { line: _line, ...event } of readEvents(eventFile, known)) {
        if (may.has(event.customer)) await writer.addEvent(event)
        else counts.ofOthers++
      }
    await writer.end()
    const done = { ...counts, customers: writer.customers(), events: writer.events() }
    const detail = `${done.customers} customers, ${done.events} events, ${done.withoutConsent} without consent`
    const entry = { ...by(actor, why), action: 'rec.import', subject: consented ? 'consented' : 'customers', detail }
    await units.run((tx) => audit.append(tx, [entry], at))
    return done
  }

  /** Collects rows and writes them in parts; customers go before their events. */
  function createWriter(at: string) {
    let [people, events]: [StoredCustomer[], CustomerEvent[]] = [[], []]
    const counts = { people: 0, events: 0 }
    async function flush(): Promise<void> {
      const [nextPeople, nextEvents] = [people, events]
      ;[people, events] = [[], []]
      await units.run(async (tx) => {
        await customers.put(tx, nextPeople, at)
        await customers.addEvents(tx, nextEvents)
      })
    }
    return {
      async add(customer: StoredCustomer, holds: readonly CustomerEvent[]): Promise<void> {
        people.push(customer)
        events.push(...holds)
        counts.people++
        if (people.length >= batch) await flush()
      },
      async addEvent(event: CustomerEvent): Promise<void> {
        events.push(event)
        counts.events++
        if (events.length >= batch) await flush()
      },
      end: flush,
      customers: () => counts.people,
      events: () => counts.events,
    }
  }

  return {
    'rec.import': take,
    async 'rec.forget'({ customer, reason: why }: Request<'rec.forget'>, _: OnProgress, actor: string) {
      const at = new Date().toISOString()
      const isKnown = await units.run(async (tx) => {
        if (!(await customers.erase(tx, customer))) return false
        await audit.append(tx, [{ ...by(actor, why), action: 'rec.forget', subject: customer }], at)
        return true
      })
      if (!isKnown) throw new NotFoundError(`nothing is known of ${customer}`)
      return { customer, erased: true as const }
    },
  }
}
