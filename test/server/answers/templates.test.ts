import { describe, expect, it } from 'vitest'
import { render, say, templates } from '../../../server/answers/templates.ts'

describe('templates', () => {
  it('have an id of their own and stand in both languages', () => {
    const ids = templates.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const names = (lang: string) => ids.filter((id) => id.endsWith(`.${lang}`)).map((id) => id.slice(0, -3))
    expect(names('en')).toEqual(names('zh'))
    expect(names('en').length * 2).toBe(ids.length)
  })

  it('have the same slots in both languages', () => {
    for (const { id, slots } of templates.filter(({ lang }) => lang === 'en')) {
      const other = templates.find((template) => template.id === `${id.slice(0, -3)}.zh`)
      expect([...(other?.slots ?? [])].sort(), id).toEqual([...slots].sort())
    }
  })

  it.each(templates)(
    '$id has no digit, amount or rate outside its slots, and fills every slot',
    ({ id, text, slots }) => {
      expect(text.replaceAll(/\{\w+\}/g, '')).not.toMatch(/[\p{N}%£$€¥{}]/u)
      const values = Object.fromEntries(slots.map((slot) => [slot, `<${slot}>`]))
      const rendered = render(id, values)
      expect(rendered).not.toMatch(/[{}]/)
      for (const value of Object.values(values)) expect(rendered).toContain(value)
      for (const slot of slots) {
        const { [slot]: _, ...rest } = values
        expect(() => render(id, rest)).toThrow(`${id} needs a value for ${slot}`)
      }
    },
  )

  it('put a value in as it is, whatever it looks like', () => {
    expect(render('abstain.topic.en', { title: '{ref} $& $1' })).toContain('“{ref} $& $1”')
  })

  it('that do not exist are not said', () => {
    expect(() => render('nothing.en', {})).toThrow('there is no template nothing.en')
    expect(say('clarify', 'zh')).toEqual({ tpl: 'clarify.zh', slots: {} })
  })
})
