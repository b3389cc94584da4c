/** A stretch of a text; half-open, UTF-16 units. */
export interface LabelledSpan {
  readonly start: number
  readonly end: number
  readonly kind: string
}

/** What stands in one text, and what was found there. */
export interface SpanCase {
  readonly text: string
  readonly labels: readonly LabelledSpan[]
  readonly found: readonly LabelledSpan[]
}

/** 0 to 1 each; 0 where there is nothing to divide by. */
export interface SpanFigures {
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

/**
 * How well spans of one kind are found. A label is found if spans of its kind cover every character of it but white space, as
 * one digit that is left tells too much; a found span is right if it touches a label of its kind.
 */
export function spanFigures(cases: readonly SpanCase[], kind: string): SpanFigures {
  let [labels, covered, found, right] = [0, 0, 0, 0]
  const isOwn = (span: LabelledSpan): boolean => span.kind === kind
  for (const { text, ...one } of cases) {
    const [wanted, given] = [one.labels.filter(isOwn), one.found.filter(isOwn)]
    labels += wanted.length
    found += given.length
    for (const label of wanted) if (isCovered(text, label, given)) covered++
    for (const span of given) if (wanted.some(({ start, end }) => start < span.end && span.start < end)) right++
  }
  const [precision, recall] = [found === 0 ? 0 : right / found, labels === 0 ? 0 : covered / labels]
  return { precision, recall, f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall) }
}

function isCovered(text: string, { start, end }: LabelledSpan, spans: readonly LabelledSpan[]): boolean {
  for (let at = start; at < end; at++) {
    if (/\s/.test(text[at] ?? '')) continue
    if (!spans.some((span) => span.start <= at && at < span.end)) return false
  }
  return true
}
