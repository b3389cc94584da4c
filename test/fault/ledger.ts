/** What the outside knows: messages in the order of their acks, per conversation. */
export interface Acked {
  readonly text: string
  readonly mid: string
  readonly seq: number
}

/** A row of a conversation's log, as it lies in the file. */
export interface LogRow {
  readonly seq: number
  readonly type: string
  readonly mid: string | null
  readonly content: string
}

/** A promise that was not kept. */
export interface Fault {
  readonly kind: 'lost' | 'duplicated' | 'changed' | 'reordered' | 'unanswered' | 'answered again'
  readonly text: string
}

interface Created {
  readonly mid: string
  readonly by: string
  readonly re: readonly string[]
  readonly text?: string
}

/**
 * Compare a conversation's log with the ledger.
 * @returns one line for every promise that was not kept; empty if all were.
 */
export function brokenPromises(ledger: readonly Acked[], log: readonly LogRow[]): Fault[] {
  const faults: Fault[] = []
  const note = (kind: Fault['kind'], text: string): void => void faults.push({ kind, text })
  log.forEach(({ seq }, i) => {
    if (seq !== i + 1) note('reordered', `event ${i + 1} has seq ${seq}`)
  })
  const created = log
    .filter(({ type }) => type === 'msg.created')
    .map(({ seq, content }) => ({ seq, ...(JSON.parse(content) as Created) })) // as the wire's schema has it
  const customer = created.filter(({ by }) => by === 'customer')
  let before = 0
  for (const { text, mid, seq } of ledger) {
    const found = customer.filter((message) => message.mid === mid)
    const alike = customer.filter((message) => message.text === text)
    if (found.length !== 1 || alike.length !== 1)
      note(alike.length > 1 ? 'duplicated' : 'lost', `"${text}" is there ${alike.length} times`)
    else if (found[0]!.seq !== seq || found[0]!.text !== text) note('changed', `"${text}" is not what was acknowledged`)
    if (seq <= before) note('reordered', `"${text}" was acknowledged out of order`)
    before = seq
  }
  if (customer.length !== ledger.length)
    note(
      customer.length < ledger.length ? 'lost' : 'duplicated',
      `${customer.length} messages, ${ledger.length} acknowledged`,
    )
  const completed = new Set(log.filter(({ type }) => type === 'msg.completed').map(({ mid }) => mid))
  for (const { mid, text } of customer) {
    const answers = created.filter(({ by, re }) => by === 'bot' && re.includes(mid))
    if (answers.length !== 1)
      note(answers.length > 1 ? 'answered again' : 'unanswered', `"${text}" is answered ${answers.length} times`)
    else if (!completed.has(answers[0]!.mid)) note('unanswered', `the answer to "${text}" is not complete`)
  }
  return faults
}
