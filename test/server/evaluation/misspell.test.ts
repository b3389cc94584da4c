import { describe, expect, it } from 'vitest'
import { misspell } from '../../../server/evaluation/misspell.ts'

const text = 'What is the overdraft interest when my account goes below zero on a Sunday evening?'

describe('misspelling', () => {
  it('gives the same slips for the same seed, and others for another', () => {
    expect(misspell(text, 1)).toBe(misspell(text, 1))
    expect(new Set(Array.from({ length: 20 }, (_, seed) => misspell(text, seed))).size).toBeGreaterThan(10)
  })

  it('changes one long word of six by one slip, and nothing else', () => {
    for (let seed = 0; seed < 200; seed++) {
      const [before, after] = [text.split(' '), misspell(text, seed).split(' ')]
      const changed = before.filter((word, i) => word !== after[i])
      expect(changed.length).toBeLessThanOrEqual(2)
      for (const [i, word] of before.entries()) {
        expect(Math.abs(word.length - after[i]!.length)).toBeLessThanOrEqual(1)
        if (word.replace(/\W/g, '').length < 4) expect(after[i]).toBe(word)
      }
    }
  })

  it('leaves what has no long Latin word as it is', () => {
    expect(misspell('', 1)).toBe('')
    expect(misspell('我的卡 £5 a', 1)).toBe('我的卡 £5 a')
  })
})
