import { beforeEach, describe, expect, it } from 'vitest'
import { BusyError } from '../../../server/errors.ts'
import { createTickets, type Tickets } from '../../../server/gateway/tickets.ts'

const grant = { origin: 'https://www.example.com', role: 'customer' as const, conv: 'c_1' }

describe('tickets', () => {
  let time: number
  let tickets: Tickets
  beforeEach(() => {
    time = 1_000
    tickets = createTickets({ lifeMs: 60_000, capacity: 3, now: () => time })
  })

  it('are worth their grant once', () => {
    const ticket = tickets.issue(grant)
    expect(tickets.redeem(ticket, grant.origin)).toMatchObject(grant)
    expect(tickets.redeem(ticket, grant.origin)).toBeUndefined()
  })

  it('cannot be guessed', () => {
    const [one, other] = [tickets.issue(grant), tickets.issue(grant)]
    expect(one).not.toBe(other)
    expect(Buffer.from(one, 'base64url').length).toBeGreaterThanOrEqual(16)
    expect(tickets.redeem('something else', grant.origin)).toBeUndefined()
  })

  it('live 60 s', () => {
    const [one, other] = [tickets.issue(grant), tickets.issue(grant)]
    time += 59_999
    expect(tickets.redeem(one, grant.origin)).toMatchObject(grant)
    time += 1
    expect(tickets.redeem(other, grant.origin)).toBeUndefined()
  })

  it('are used up by an attempt from another Origin', () => {
    const ticket = tickets.issue(grant)
    expect(tickets.redeem(ticket, 'https://evil.example')).toBeUndefined()
    expect(tickets.redeem(ticket, grant.origin)).toBeUndefined()
    const local = tickets.issue({ ...grant, origin: undefined })
    expect(tickets.redeem(local, 'http://localhost')).toBeUndefined()
  })

  it('are bounded in number, and expired ones make room', () => {
    for (let i = 0; i < 3; i++) tickets.issue(grant)
    expect(() => tickets.issue(grant)).toThrow(BusyError)
    expect(tickets.size).toBe(3)
    time += 60_000
    tickets.issue(grant)
    expect(tickets.size).toBe(1)
  })
})
