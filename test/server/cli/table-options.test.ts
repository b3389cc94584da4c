import { describe, expect, it } from 'vitest'
import { neededSettings, tableSettings, unusualOf } from '../../../server/cli/table-options.ts'
import { UsageError } from '../../../server/errors.ts'

describe('what options say of a table', () => {
  it('is the target, what is left out, and the rule', () => {
    const given = { target: 'bad', ignore: 'id,name', option: 'leaves=8,category=sex;job', method: 'boosting' }
    expect(tableSettings('credit', given)).toEqual({ target: 'bad', ignore: ['id', 'name'], rule: '1se' })
    expect(tableSettings('credit', {})).toBeUndefined()
    expect(tableSettings('intent', { method: 'lstm' })).toBeUndefined()
  })

  it.each([
    [{ method: 'magic' }, /--method is one of/],
    [{ method: 'mlp', select: true }, /only one of/],
    [{ rule: 'worst' }, /--rule is best or 1se/],
    [{ option: 'leaves=0' }, /leaves/],
    [{ option: 'twigs=3' }, /twigs/],
    [{ option: 'leaves' }, /NAME=VALUE/],
  ])('is refused before anything is started: %j', (given, message) => {
    expect(() => tableSettings('credit', { target: 'bad', ...given })).toThrow(message)
  })

  it('is refused for models of texts, and needed by those of tables', () => {
    expect(() => tableSettings('intent', { target: 'bad' })).toThrow(UsageError)
    expect(() => neededSettings('credit', {})).toThrow('--target is needed')
    expect(() => unusualOf('intent', { unusual: 'accept' })).toThrow(UsageError)
    expect(() => unusualOf('credit', { unusual: 'perhaps' })).toThrow(UsageError)
    expect([unusualOf('credit', { unusual: 'accept' }), unusualOf('intent', {})]).toEqual(['accept', undefined])
  })
})
