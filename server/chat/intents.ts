import type { TemplateName } from '../answers/templates.ts'

/** Why a conversation goes to a person. */
export const handoffReasons = [
  'human',
  'account',
  'complaint',
  'fraud',
  'hardship',
  'bereavement',
  'mood',
  'urgent',
  'crisis',
  'unsure',
  'right',
] as const
export type HandoffReason = (typeof handoffReasons)[number]

/**
 * What an intent asks of the assistant. `topic`: answer from documents. `own`: needs the customer's own account, so never a
 * general passage. `case`: a report of this kind goes to a person, a calm question about it is answered. `recommend`: wants
 * a product. `say`: small talk.
 */
export type IntentUse =
  | { readonly use: 'topic' | 'own' | 'human' | 'recommend' }
  | { readonly use: 'case'; readonly reason: HandoffReason }
  | { readonly use: 'say'; readonly template: TemplateName }

interface IntentEntry {
  /** How the topic is named on a chip, per language of the widget. */
  readonly chip: { readonly en: string; readonly zh: string }
  readonly does: IntentUse
}

const topic = (en: string, zh: string): IntentEntry => ({ chip: { en, zh }, does: { use: 'topic' } })
const own = (en: string, zh: string): IntentEntry => ({ chip: { en, zh }, does: { use: 'own' } })
const report = (en: string, zh: string, reason: HandoffReason): IntentEntry => ({
  chip: { en, zh },
  does: { use: 'case', reason },
})
const small = (en: string, zh: string, template: TemplateName): IntentEntry => ({
  chip: { en, zh },
  does: { use: 'say', template },
})

/** The catalogue: every label of corpora/intents has an entry. */
export const intents: Readonly<Record<string, IntentEntry>> = {
  account_balance: own('My balance', '我的余额'),
  recent_transactions: own('My transactions', '我的交易'),
  card_delivery_status: own('Where my card is', '我的卡在哪里'),
  application_status: own('My application', '我的申请'),
  transfer_status: own('Where my payment is', '我的转账状态'),
  own_details_lookup: own('My account details', '我的账户资料'),
  lost_card: topic('Lost card', '卡片遗失'),
  stolen_card: topic('Stolen card', '卡片被盗'),
  card_damaged: topic('Damaged card', '卡片损坏'),
  card_swallowed: topic('Card kept by a machine', '卡被吞'),
  card_declined: topic('Declined card', '卡被拒'),
  card_activation: topic('Activate a card', '激活卡片'),
  card_pin: topic('PIN', '密码'),
  contactless: topic('Contactless payments', '感应支付'),
  card_fees_abroad: topic('Card fees abroad', '境外用卡费用'),
  cash_withdrawal: topic('Cash withdrawals', '取现'),
  cash_abroad: topic('Cash abroad', '境外取现'),
  credit_card_apply: topic('Apply for a credit card', '申请信用卡'),
  credit_card_interest: topic('Credit card interest', '信用卡利息'),
  credit_card_late_fee: topic('Late payment on a card', '信用卡逾期'),
  credit_limit_change: topic('Credit limit', '信用额度'),
  balance_transfer: topic('Balance transfer', '余额转移'),
  dispute_payment: topic('Dispute a payment', '交易争议'),
  unauthorised_payment: report('A payment I did not make', '未经授权的付款', 'fraud'),
  scam_report: report('I was scammed', '我被骗了', 'fraud'),
  suspicious_message: topic('Suspicious message', '可疑信息'),
  open_account: topic('Open an account', '开户'),
  close_account: topic('Close an account', '销户'),
  switch_account: topic('Switch to us', '转入本行'),
  joint_account: topic('Joint account', '联名账户'),
  student_account: topic('Student account', '学生账户'),
  youth_account: topic('Youth account', '青少年账户'),
  account_fees: topic('Account fees', '账户费用'),
  overdraft: topic('Overdraft', '透支'),
  direct_debit: topic('Direct debits', '直接扣款'),
  standing_order: topic('Standing orders', '定期转账'),
  domestic_transfer: topic('Payments in this country', '国内转账'),
  international_transfer: topic('International transfers', '国际汇款'),
  incoming_payment: topic('Incoming payments', '收款'),
  transfer_limit: topic('Payment limits', '转账限额'),
  priority_payment: topic('Priority payment', '加急付款'),
  cheque: topic('Cheques', '支票'),
  cash_deposit: topic('Paying in cash', '存入现金'),
  savings_rates: topic('Savings rates', '储蓄利率'),
  fixed_savings: topic('Fixed savings', '定期储蓄'),
  isa: topic('Cash ISA', '现金 ISA'),
  personal_loan: topic('Personal loan', '个人贷款'),
  car_loan: topic('Car loan', '汽车贷款'),
  loan_early_repayment: topic('Repay a loan early', '提前还贷'),
  mortgage_apply: topic('Apply for a mortgage', '申请房贷'),
  mortgage_rates: topic('Mortgage rates', '房贷利率'),
  mortgage_early_repayment: topic('Repay a mortgage early', '提前还房贷'),
  investments: topic('Investments', '投资'),
  pension: topic('Pension', '养老金'),
  travel_insurance: topic('Travel insurance', '旅行保险'),
  home_insurance: topic('Home insurance', '家庭保险'),
  income_protection: topic('Income protection', '收入保障'),
  product_recommendation: { chip: { en: 'Find a product', zh: '推荐产品' }, does: { use: 'recommend' } },
  change_address: topic('Change of address', '更改地址'),
  change_name: topic('Change of name', '更改姓名'),
  power_of_attorney: topic('Power of attorney', '授权委托'),
  bereavement: report('Bereavement', '亲人离世', 'bereavement'),
  hardship: report('Trouble paying', '还款困难', 'hardship'),
  complaint: report('Make a complaint', '投诉', 'complaint'),
  data_privacy: topic('My data', '个人数据'),
  marketing_opt_out: topic('Stop marketing', '停止营销信息'),
  statement_copy: topic('Statements', '对账单'),
  online_access: topic('Login and app', '登录与应用'),
  deposit_protection: topic('Deposit protection', '存款保障'),
  opening_hours: topic('Opening hours', '营业时间'),
  identity_documents: topic('Identity documents', '身份证件'),
  human_agent: { chip: { en: 'Talk to a person', zh: '联系人工' }, does: { use: 'human' } },
  greeting: small('Hello', '您好', 'greeting'),
  thanks_goodbye: small('Thank you', '谢谢', 'thanks'),
  bot_identity: small('Who are you?', '您是谁', 'identity'),
}
