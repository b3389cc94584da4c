import { describe, expect, it } from 'vitest'
import { languageOf } from '../../../server/text/language.ts'

describe('the language of a message', () => {
  it.each([
    ['How do I block my card?', 'en'],
    ['what does a transfer cost', 'en'],
    ['Wie kann ich meine Karte sperren?', 'de'],
    ['J’ai perdu ma carte, que faire ?', 'fr'],
    ['¿Cómo puedo bloquear mi tarjeta?', 'es'],
    ['Come posso bloccare la mia carta?', 'it'],
    ['Como posso bloquear o meu cartão?', 'pt'],
    ['Hoe kan ik mijn kaart blokkeren?', 'nl'],
    ['Jak mogę zablokować moją kartę?', 'pl'],
    ['我的银行卡丢了怎么办', 'zh'],
    ['手续费 Northmoor Everyday Current Account', 'zh'],
  ])('%s', (text, language) => expect(languageOf(text)).toBe(language))

  it.each(['', '12345', '😀', 'PIN', 'カードをなくしました。銀行', 'Я потерял карту', 'no'])(
    'is not guessed from %j',
    (text) => {
      expect(languageOf(text)).toBeUndefined()
    },
  )
})
