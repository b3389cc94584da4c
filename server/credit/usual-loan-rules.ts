/**
 * Rules for loans to consumers, to begin with: every bank has limits of its own. 0.43 of the income was the most of US
 * qualified mortgages until 2021 (12 CFR 1026.43(e)(2)(vi) as of 2014). Checked against the schema of such files like a bank's own.
 */
export const usualLoanRules = {
  name: 'consumer loans',
  currency: { code: 'GBP', digits: 2 },
  lgd: 0.45,
  rules: [
    ...[
      { id: 'AMOUNT-LEAST', fact: 'amount', operator: 'at least', value: 50_000, text: 'The amount is below £500' },
      { id: 'AMOUNT-MOST', fact: 'amount', operator: 'at most', value: 5_000_000, text: 'The amount is above £50,000' },
      { id: 'TERM-MOST', fact: 'term', operator: 'at most', value: 84, text: 'The term is longer than 84 months' },
    ],
    {
      ...{ id: 'DEBT-TO-INCOME', fact: 'debtToIncome', operator: 'at most', value: 0.43 },
      text: 'Monthly payments with this loan would be above 43 % of the income',
      question: 'What are the monthly income and the payments on other debts?',
    },
    {
      ...{ id: 'AFFORDABILITY', fact: 'leftOver', operator: 'at least', value: 0 },
      text: 'Income less debts, spending and this loan’s payment would be below nothing',
      question: 'What is spent in a month?',
    },
    {
      ...{ id: 'EXPECTED-LOSS', fact: 'expectedLossShare', operator: 'at most', value: 0.05 },
      text: 'The expected loss is above 5 % of the amount',
      question: 'Who applies? The columns of the credit version are needed',
    },
  ],
}
