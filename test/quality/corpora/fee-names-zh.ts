import type { FeeTerms, FeeUnit } from './fee-data.ts'

const names: readonly (readonly [item: string, unit: FeeUnit, ...names: string[]])[] = [
  ['foreign-card-fee', 'percent', '非英镑交易手续费'],
  ['foreign-cash-fee', 'GBP', '境外取现手续费'],
  ['late-payment-fee', 'GBP', '逾期还款费'],
  ['returned-payment-fee', 'GBP', '退回付款手续费'],
  ['overdraft-rate', 'percent', '约定透支的利率'],
  ['overdraft-buffer', 'GBP', '免息缓冲额度'],
  ['unarranged-overdraft', 'GBP', '未约定透支'],
  ['card-replacement-fee', 'GBP', '补卡费'],
  ['card-express-fee', 'GBP', '加急寄送'],
  ['card-delivery', 'working-days', '标准寄送', '加急寄送'],
  ['intl-transfer-fee', 'GBP', '国际汇款'],
  ['incoming-intl-fee', 'GBP', '国际汇入款'],
  ['same-day-payment-fee', 'GBP', '优先付款'],
  ['statement-copy-fee', 'GBP', '对账单的纸质副本'],
  ['certificate-of-balance-fee', 'GBP', '余额证明'],
  ['cash-advance-fee', 'percent', '信用卡取现的手续费'],
  ['cash-advance-minimum', 'GBP', '信用卡取现的手续费'],
  ['cash-advance-rate', 'percent', '信用卡取现没有免息期'],
  ['mortgage-exit-fee', 'GBP', '按揭结清手续费'],
  ['early-repayment-charge', 'percent', '提前还款费', '五年期按揭逐年收取'],
  ['fixed-saver-early-closure', 'days', '提前销户'],
  ['cash-machine-limit', 'GBP', '取现限额'],
  ['contactless-limit', 'GBP', '非接触式支付每笔', '拍卡付款每次'],
  ['contactless-pin', 'GBP', '累计拍卡金额'],
  ['faster-payment-limit', 'GBP', '快速转账'],
  ['new-payee-hold', 'GBP', '首次向新收款人转账'],
  ['new-payee-hold', 'hours', '首次向新收款人转账'],
  ['cash-deposit-limit', 'GBP', '存入现金'],
  ['deposit-protection', 'GBP', '存款保障'],
  ['cut-off', 'none', '截止时间'],
]

/** What the Chinese documents call the items of the fee schedule. */
export const chineseNames: readonly FeeTerms[] = names.map(([item, unit, ...terms]) => ({ item, unit, terms }))
