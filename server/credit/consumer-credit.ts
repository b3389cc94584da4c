const late = (label: string, days: string) => ({
  ...{ label, unit: 'times', min: 0, max: 50, whole: true, monotone: '+' },
  reasons: { high: `Payments were ${days} late more often than with others` },
})

/**
 * Ten columns of consumer credit with what each means. Age may be weighed but is never named as a reason, and nobody is asked
 * to change it. Checked against the schema of such files like a bank's own. What the law protects, and what stands for it, no model that decides may hold at all.
 */
export const consumerCredit = {
  name: 'consumer credit',
  protected: [
    ...['sex', 'gender', 'race', 'ethnicity', 'ethnic', 'religion', 'marriage', 'marital', 'married', 'nationality'],
    ...[
      'disability',
      'disabled',
      'pregnancy',
      'pregnant',
      'orientation',
      'foreign',
      'postcode',
      'zip',
      'zipcode',
      'citizenship',
      'birthplace',
      'surname',
      'language',
      'neighbourhood',
    ],
  ],
  columns: {
    RevolvingUtilizationOfUnsecuredLines: {
      ...{ label: 'Use of credit lines', unit: 'of the limits', min: 0, max: 60_000, monotone: '+' },
      actionable: { direction: 'down', step: 0.05, until: 0 },
      reasons: {
        high: 'Balances are high beside the limits of cards and credit lines',
        low: 'Credit lines are hardly used',
      },
    },
    age: { ...{ label: 'Age', unit: 'years', min: 18, max: 120, whole: true, unnamed: true }, reasons: {} },
    'NumberOfTime30-59DaysPastDueNotWorse': late('Payments 30 to 59 days late', '30 to 59 days'),
    'NumberOfTime60-89DaysPastDueNotWorse': late('Payments 60 to 89 days late', '60 to 89 days'),
    NumberOfTimes90DaysLate: late('Payments 90 days late', '90 days or more'),
    DebtRatio: {
      ...{ label: 'Debt ratio', unit: 'of the monthly income', min: 0, max: 500_000 },
      actionable: { direction: 'down', step: 0.05, until: 0 },
      reasons: { high: 'Monthly payments are high beside the income', low: 'There are few payments to judge by' },
    },
    MonthlyIncome: {
      ...{ label: 'Monthly income', unit: 'a month', min: 0, max: 5_000_000, monotone: '-' },
      reasons: {
        low: 'The income is low beside that of others',
        high: 'The income is unusual beside that of others',
        missing: 'The income was not told',
      },
    },
    NumberOfOpenCreditLinesAndLoans: {
      ...{ label: 'Open credit lines and loans', unit: '', min: 0, max: 100, whole: true },
      actionable: { direction: 'down', step: 1, until: 0 },
      reasons: { high: 'Many credit lines and loans are open', low: 'There are few credit lines to judge by' },
    },
    NumberRealEstateLoansOrLines: {
      ...{ label: 'Loans on property', unit: '', min: 0, max: 100, whole: true },
      reasons: { high: 'There are many loans on property', low: 'There is no loan on property to judge by' },
    },
    NumberOfDependents: {
      ...{ label: 'Dependants', unit: 'people', min: 0, max: 30, whole: true, unnamed: true },
      reasons: {},
    },
  },
  contradictions: [
    {
      id: 'property-within-lines',
      // Loans on property are some of the open loans and lines.
      when: [{ column: 'NumberRealEstateLoansOrLines', operator: '>', than: 'NumberOfOpenCreditLinesAndLoans' }],
      text: 'There are more loans on property than open loans and lines of credit, of which they are some',
    },
  ],
}
