import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import * as errors from '../../../server/errors.ts'
import { errFrame, httpStatusOf, logRefusal, refusalOf } from '../../../server/gateway/errors.ts'
import { ProtocolError } from '../../../server/protocol/codec.ts'
import { systemFrame } from '../../../server/protocol/events.ts'

describe('what a caller is told', () => {
  it.each([
    [new errors.BusyError('queue of 32'), 'busy', true],
    [new errors.NotFoundError('c_1'), 'not_found', false],
    [new errors.ConflictError('x'), 'idempotency_conflict', false],
    [new errors.ClosedError('x'), 'conv_closed', false],
    [new errors.ModelError('/models/x.onnx'), 'model_unavailable', true],
    [new errors.StorageError('/data/bursar.db is full'), 'storage_unavailable', true],
    [new errors.CorruptError('/data/index'), 'storage_unavailable', true],
    [new errors.EngineLostError('engine 2'), 'model_unavailable', true],
    [new errors.DeadlineError('2000 ms'), 'model_unavailable', true],
    [new errors.SettingError('BURSAR_X'), 'internal', false],
    [new TypeError('text of a customer'), 'internal', false],
    ['a string', 'internal', false],
    [undefined, 'internal', false],
  ])('%s is %s', (reason, code, temporary) => {
    const refusal = refusalOf(reason)
    expect(refusal).toMatchObject({ code, temporary })
    expect(refusal.retryAfterMs !== undefined).toBe(temporary)
    expect(refusal.msg).not.toMatch(/\/data|\/models|customer|engine|BURSAR|ms$|c_1/)
    expect(systemFrame.parse(errFrame(refusal, 'id'))).toMatchObject({ t: 'err', re: 'id', code })
  })

  it('holds the wait of a rate limit and the field of a protocol error', () => {
    expect(refusalOf(new errors.RateLimitedError(1_500))).toMatchObject({ code: 'rate_limited', retryAfterMs: 1_500 })
    const wrong = new ProtocolError('invalid_field', 'd.text is missing', { field: 'd.text' })
    expect(refusalOf(wrong)).toMatchObject({ msg: 'd.text is missing', field: 'd.text' })
  })

  it('has an HTTP status for every code', () => {
    for (const code of errors.wireCodes) expect(httpStatusOf(code)).toBeGreaterThanOrEqual(400)
  })
})

describe('the log', () => {
  function logged(reason: unknown): Record<string, unknown>[] {
    const lines: string[] = []
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
    logRefusal(log, reason, refusalOf(reason, 'r_trace'))
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>) // cast: pino writes objects
  }

  it('has the reason of our own errors, with the trace that the caller got', () => {
    expect(logged(new errors.StorageError('database is full'))).toMatchObject([
      { trace: 'r_trace', code: 'storage_unavailable', reason: 'database is full' },
    ])
  })

  it('has the place of a foreign error, and never its text', () => {
    const [line] = logged(new SyntaxError('Unexpected token in "my card is 4111"'))
    expect(line).toMatchObject({ trace: 'r_trace', code: 'internal', kind: 'SyntaxError' })
    expect(line?.stack).toEqual(expect.arrayContaining([expect.stringContaining('errors.test.ts')]))
    expect(JSON.stringify(line)).not.toContain('4111')
  })

  it('says nothing about what callers do wrong, or about a full queue', () => {
    for (const reason of [new errors.NotFoundError('x'), new errors.BusyError('x'), new errors.RateLimitedError(1)]) {
      expect(logged(reason)).toEqual([])
    }
  })
})
