import { describe, expect, it } from 'vitest'
import { createComposer, requestReading } from '../../../server/chat/compose.ts'
import type { Citation } from '../../../server/protocol/events.ts'

const quote: Citation = {
  k: 1,
  doc: 'policies/loans.md',
  title: 'Loans',
  ver: 1,
  quote: 'A loan may be repaid early.',
  spans: [[0, 27]],
}

describe('a quote in another language than the customer’s', () => {
  const composer = createComposer('zh', requestReading, true)

  it('stays as it is, and that there is no other is said before it', () => {
    const { text, parts, cites } = composer.answer([{ cites: [quote] }], [])
    expect(text).toBe('没有找到中文说明，以下引用原文：A loan may be repaid early.')
    expect(parts[0]).toEqual({ tpl: 'answer.foreign.zh', slots: {} })
    expect(cites).toEqual([quote])
  })

  it('is announced beside a hand-over too, and nowhere without a quote', () => {
    expect(composer.handoff('fraud', 'ABCD-2345', [quote]).text).toContain('以下引用原文：A loan')
    expect(composer.handoff('fraud', 'ABCD-2345').text).not.toContain('原文')
    expect(createComposer('zh', requestReading).answer([{ cites: [quote] }], []).text).toBe(quote.quote)
  })
})
