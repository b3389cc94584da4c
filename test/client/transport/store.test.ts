import { describe, expect, it } from 'vitest'
import { createStore } from '../../../client/transport/store.ts'
import { createMemoryArea } from '../support/memory-area.ts'

describe('the store', () => {
  it('keeps, lists by prefix and removes', () => {
    const store = createStore(() => area)
    const area = createMemoryArea()
    store.set('a:2', 'two')
    store.set('a:1', 'one')
    store.set('b:1', 'other')
    expect(store.keys('a:')).toEqual(['a:1', 'a:2'])
    store.remove('a:1')
    expect([store.get('a:1'), store.get('a:2')]).toEqual([undefined, 'two'])
    expect(area.length).toBe(2)
  })

  it('works in memory where the browser forbids storage', () => {
    const store = createStore(() => {
      throw new DOMException('denied', 'SecurityError')
    })
    store.set('a', 'kept')
    expect([store.get('a'), store.keys('')]).toEqual(['kept', ['a']])
    store.remove('a')
    expect(store.get('a')).toBeUndefined()
  })

  it('keeps in memory what no longer fits, and forgets the memory when it fits again', () => {
    const area = createMemoryArea(1)
    const store = createStore(() => area)
    store.set('a', '1')
    store.set('b', '2')
    expect([store.get('b'), area.getItem('b'), store.keys('')]).toEqual(['2', null, ['a', 'b']])
    store.remove('a')
    store.set('b', '3')
    expect([store.get('b'), area.getItem('b')]).toEqual(['3', '3'])
  })
})
