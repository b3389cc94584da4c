import { describe, expect, it } from 'vitest'
import { markup } from '../../../server/evaluation/markup.ts'

describe('markup', () => {
  it('shows what is put in as text, and leaves markup as it is', () => {
    const inner = markup`<b>${'"a" & <b>'}</b>`
    expect(markup`<p title="${"it's"}">${inner}${2}${[inner, inner]}</p>`.text).toBe(
      '<p title="it&#39;s"><b>&#34;a&#34; &#38; &#60;b&#62;</b>2<b>&#34;a&#34; &#38; &#60;b&#62;</b>\n<b>&#34;a&#34; &#38; &#60;b&#62;</b></p>',
    )
  })
})
