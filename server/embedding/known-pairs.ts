/** A question and a statement that answers it. */
type Pair = readonly [question: string, statement: string]

/**
 * Texts of a bank's everyday in the two languages that Bursar serves. A change of any of them changes the id of every encoder
 * that is measured by them, so that all its vectors are made anew.
 */
export const englishPairs: readonly Pair[] = [
  [
    'I lost my card, what should I do?',
    'Call us at once if it has been mislaid or stolen, so that nobody can pay with it.',
  ],
  [
    'How much does a transfer abroad cost?',
    'Sending money to another country is charged at a fixed amount for each order.',
  ],
  ['Can I repay my mortgage early?', 'The home loan may be paid off before its term ends, against a compensation.'],
  ['What interest do my savings earn?', 'Deposits grow by the yearly rate stated in the price list.'],
  ['Why was my payment declined?', 'An order is refused when the limit is exceeded or the balance is too low.'],
  ['How do I change my address?', 'Tell us where you live now in the settings of the app, or by letter.'],
  ['Who may open a business account?', 'Companies and the self-employed can become clients with a register extract.'],
  [
    'Does travel insurance cover a cancelled flight?',
    'If a trip does not take place, the policy reimburses the booked tickets.',
  ],
]

/** A question and its statement share hardly a character, so that only their meaning brings them together. */
export const chinesePairs: readonly Pair[] = [
  ['我的卡丢了怎么办？', '遗失或被盗时，请立即致电客服挂失，以免他人盗刷。'],
  ['往国外汇款要多少钱？', '跨境转账按笔收取固定手续费。'],
  ['房贷可以提前还吗？', '住房借款允许在到期日之前结清，但须支付违约金。'],
  ['存钱有多少利息？', '储蓄按价目表公布的年利率计息。'],
  ['为什么我的付款被拒绝？', '余额不足或超出限额的交易将无法完成。'],
  ['怎样修改住址？', '搬家后，请在手机应用的设置中更新居住信息。'],
  ['谁能开公司账户？', '企业和个体经营者凭营业执照成为客户。'],
  ['航班取消，保险赔吗？', '旅程未能成行时，保单补偿已购机票的费用。'],
]
