// Tables of what live models said: sums, alarms, and labels that came later. No texts.

/** Counts by version and hour (UTC, `2026-11-22T09`). */
export interface ModelFiguresTable {
  service: string
  version: number
  hour: string
  figure: 'latency' | 'confidence' | 'label' | 'abstained' | 'error'
  /** Upper bound in ms, place of the bin, or name of the label; empty where there is nothing to tell apart. */
  bucket: string
  count: number
  /** Of what was counted: milliseconds, or confidences. */
  sum: number
}

/** Alarms that are raised; one that is cleared has no row. */
export interface AlarmsTable {
  service: string
  version: number
  figure: 'confidence' | 'label'
  /** The day (UTC) whose window raised it. */
  since: string
}

/** What was right, told later, beside what the model said. */
export interface LateLabelsTable {
  service: string
  /** The answer. */
  mid: string
  conv: string
  at: string
  version: number
  /** The most probable label, whatever the scope. */
  top: string
  confidence: number
  abstained: number
  label: string
}
