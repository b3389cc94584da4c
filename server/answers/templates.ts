import type { Part } from '../protocol/events.ts'

/**
 * Everything the assistant may say that is not a quotation. Reviewed texts: one id names one text in one language, no digit
 * stands outside a slot, and slots hold only dates, titles and texts of citations, the customer's own words and facts of
 * the conversation's own records.
 */
export interface Template {
  readonly id: string
  readonly lang: 'en' | 'zh'
  /** Slots are written `{name}`. */
  readonly text: string
  readonly slots: readonly string[]
}

const texts = {
  'answer.also': { en: '\n\n', zh: '\n\n' },
  'answer.foreign': {
    en: 'I found this in another language only; the bank’s own words are: ',
    zh: '没有找到中文说明，以下引用原文：',
  },
  'answer.when': { en: 'For {date}: ', zh: '{date}：' },
  'answer.today': {
    en: 'I have no text that says what holds for {date}. What the documents say today: ',
    zh: '文件中没有专门针对{date}的规定。目前的文件说明：',
  },
  'answer.from': { en: '\n\nFrom {date}: ', zh: '\n\n自{date}起：' },
  'answer.partly': {
    en: '\n\nFor the rest of your message I found no exact answer in the bank’s documents.',
    zh: '\n\n您留言中的其他问题，我在本行的文件中没有找到确切的答案。',
  },
  abstain: {
    en: 'I could not find this in the bank’s documents, so I would rather not guess. A colleague can help you: type “human” or use “Talk to a person”.',
    zh: '我在本行的文件中没有找到相关说明，不想随意猜测。您可以输入“人工”或点击“联系人工”，由同事为您解答。',
  },
  'abstain.topic': {
    en: 'I could not find an exact answer in the bank’s documents, so I would rather not guess. The nearest topic I have is “{title}”. A colleague can help you: type “human” or use “Talk to a person”.',
    zh: '我在本行的文件中没有找到确切的答案，不想随意猜测。最接近的主题是“{title}”。您可以输入“人工”或点击“联系人工”，由同事为您解答。',
  },
  clarify: {
    en: 'I am not sure that I understood. Which of these do you mean?',
    zh: '我不确定是否理解正确。您指的是以下哪一项？',
  },
  recommend: {
    en: 'These products fit what you describe:',
    zh: '以下产品符合您的描述：',
  },
  'recommend.and': { en: ' ', zh: '' },
  'recommend.item': { en: '\n\n{title}: ', zh: '\n\n{title}：' },
  'handoff.human': {
    en: 'A person will take over. Your reference is {ref}; this conversation is kept on record, so you will not have to explain it again.',
    zh: '将由人工同事接手。您的编号是 {ref}；本次对话会保留记录，您无需重复说明。',
  },
  'handoff.account': {
    en: 'I cannot see your own account from here. A colleague who can will help you. Your reference is {ref}; this conversation is kept on record.',
    zh: '我无法查看您的个人账户。有权限的同事会为您处理。您的编号是 {ref}；本次对话会保留记录。',
  },
  'handoff.complaint': {
    en: 'I am sorry that this went wrong. I have noted your complaint for a colleague. Your reference is {ref}; this conversation is kept on record.',
    zh: '很抱歉给您带来不便。我已将您的投诉转给同事。您的编号是 {ref}；本次对话会保留记录。',
  },
  'handoff.fraud': {
    en: 'This needs a person at once. If you have not done so yet, freeze your card in the app now and do not share any codes. Your reference is {ref}; this conversation is kept on record.',
    zh: '此事需要人工立即处理。如果您还没有操作，请马上在应用中冻结卡片，不要透露任何验证码。您的编号是 {ref}；本次对话会保留记录。',
  },
  'handoff.hardship': {
    en: 'Thank you for telling us. A colleague from the support team will help you; nothing will be sold to you. Your reference is {ref}; this conversation is kept on record.',
    zh: '感谢您告诉我们。支持团队的同事会协助您，不会向您推销任何产品。您的编号是 {ref}；本次对话会保留记录。',
  },
  'handoff.bereavement': {
    en: 'I am sorry for your loss. A colleague will guide you through what is needed. Your reference is {ref}; this conversation is kept on record.',
    zh: '请节哀。同事会协助您办理所需手续。您的编号是 {ref}；本次对话会保留记录。',
  },
  'handoff.unsure': {
    en: 'I could not help with this twice now, so a person will take over. Your reference is {ref}; this conversation is kept on record.',
    zh: '我连续两次未能帮到您，将由人工同事接手。您的编号是 {ref}；本次对话会保留记录。',
  },
  'handoff.mood': {
    en: 'I am sorry that this is frustrating. A person will take over. Your reference is {ref}; this conversation is kept on record.',
    zh: '很抱歉让您不满。将由人工同事接手。您的编号是 {ref}；本次对话会保留记录。',
  },
  'handoff.urgent': {
    en: 'This sounds urgent, so a person will take over. Your reference is {ref}; this conversation is kept on record. Branches and telephone banking can help at once, too.',
    zh: '情况紧急，将由人工同事接手。您的编号是 {ref}；本次对话会保留记录。您也可以立即联系网点或电话银行。',
  },
  'handoff.right': {
    en: 'A colleague will deal with this. Your reference is {ref}; this conversation is kept on record.',
    zh: '将由同事为您处理。您的编号是 {ref}；本次对话会保留记录。',
  },
  'handoff.crisis': {
    en: 'I am very sorry that you feel like this. Please call the emergency services or somebody you trust now; you do not have to be alone with it. A person here will take over as well. Your reference is {ref}; this conversation is kept on record.',
    zh: '很难过听到您这样说。请立即拨打紧急求助电话或联系您信任的人，您不必独自面对。我们的同事也会接手。您的编号是 {ref}；本次对话会保留记录。',
  },
  'handoff.waiting': {
    en: 'A person has been asked already. Your reference is {ref}. I have added your message to the record.',
    zh: '已为您请求人工服务。您的编号是 {ref}。您的留言已加入记录。',
  },
  'handoff.offer': {
    en: '\n\nIf this is about your own case, a person can help: type “human” at any time. Your reference is {ref}.',
    zh: '\n\n如果涉及您的个人情况，可随时输入“人工”联系同事。您的编号是 {ref}。',
  },
  'case.dispute': {
    en: '\n\nThis is noted as a disputed payment under {ref}. A colleague will tell you by {date} what comes of it; please keep receipts and messages.',
    zh: '\n\n已登记为交易争议，编号 {ref}。同事会在{date}前告知您结果；请保留收据和往来信息。',
  },
  'case.unauthorised_payment': {
    en: '\n\nThis is noted as a payment that you did not authorise, under {ref}. A colleague will look at it by {date}.',
    zh: '\n\n已登记为未经授权的付款，编号 {ref}。同事会在{date}前处理。',
  },
  'case.fraud_in_progress': {
    en: '\n\nThis is noted as fraud under {ref} and goes to a colleague first, by {date} at the latest.',
    zh: '\n\n已登记为欺诈案件，编号 {ref}，将优先由同事处理，最迟{date}。',
  },
  'case.complaint': {
    en: '\n\nThis is noted as a complaint under {ref}. You will have an answer by {date}; only a person can close it.',
    zh: '\n\n已登记为投诉，编号 {ref}。您将在{date}前收到答复；只有人工可以结案。',
  },
  'case.hardship': {
    en: '\n\nThis is noted under {ref} for the support team, who will come back to you by {date}. Nothing will be sold to you here.',
    zh: '\n\n已登记给支持团队，编号 {ref}，他们会在{date}前联系您。此处不会向您推销任何产品。',
  },
  'case.bereavement': {
    en: '\n\nThis is noted under {ref} for the bereavement team, who will come back to you by {date}.',
    zh: '\n\n已登记给身故事务团队，编号 {ref}，他们会在{date}前联系您。',
  },
  'case.vulnerability': {
    en: '\n\nThis is noted under {ref}, so that you get the support that you need. A colleague will come back to you by {date}.',
    zh: '\n\n已登记，编号 {ref}，以便为您提供所需的协助。同事会在{date}前联系您。',
  },
  'case.opt_out': {
    en: '\n\nYour wish is noted under {ref} and will be carried out by {date}. Nothing is recommended to you here any more.',
    zh: '\n\n您的要求已登记，编号 {ref}，将在{date}前落实。此处不再向您推荐产品。',
  },
  'case.data_request': {
    en: '\n\nThis is noted as a request about your data under {ref}. You will hear from a colleague by {date}.',
    zh: '\n\n已登记为个人数据请求，编号 {ref}。同事会在{date}前答复您。',
  },
  greeting: {
    en: 'Hello. Ask me about products, fees or how things work; I answer with the bank’s own words.',
    zh: '您好。您可以询问产品、费用或办理流程，我会引用本行文件中的原文回答。',
  },
  thanks: { en: 'You are welcome. Is there anything else?', zh: '不客气。还有其他需要吗？' },
  identity: {
    en: 'I am the bank’s automatic assistant, not a person. I quote the bank’s own documents and say so when I do not know. Type “human” for a person at any time.',
    zh: '我是本行的自动助手，不是真人。我引用本行文件的原文，不知道时会如实说明。您可随时输入“人工”联系同事。',
  },
} as const satisfies Record<string, Record<Template['lang'], string>>

export type TemplateName = keyof typeof texts
export type TemplateLang = Template['lang']

/** The language of templates for one of texts, `zh-CN`, `de`. */
export const templateLang = (lang: string): TemplateLang => (lang.startsWith('zh') ? 'zh' : 'en')

/** Names of the slots in a template's text, in order. */
const slotsIn = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!)

/** Every template in every language, as `bursar templates` lists them. */
export const templates: readonly Template[] = Object.entries(texts).flatMap(([name, byLang]) =>
  Object.entries(byLang).map(([lang, text]) => ({
    id: `${name}.${lang}`,
    lang: lang === 'zh' ? ('zh' as const) : ('en' as const),
    text,
    slots: slotsIn(text),
  })),
)
const byId = new Map(templates.map((template) => [template.id, template]))

/** A part of an answer that says template `name` in `lang`. */
export function say(name: TemplateName, lang: TemplateLang, slots: Record<string, string> = {}): Part {
  return { tpl: `${name}.${lang}`, slots }
}

/** A template's text with its slots filled. @throws {RangeError} for an unknown template or a slot without a value. */
export function render(id: string, slots: Readonly<Record<string, string>>): string {
  const template = byId.get(id)
  if (!template) throw new RangeError(`there is no template ${id}`)
  return template.text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = slots[name]
    if (value === undefined) throw new RangeError(`template ${id} needs a value for ${name}`)
    return value
  })
}
