/** What spreadsheets take for the beginning of a formula. */
const formula = /^[=+\-@\t\r]/

/**
 * A row of a table for spreadsheets (RFC 4180). A text that would be run as a formula is kept from it by an apostrophe before
 * it, as OWASP advises (CSV Injection); numbers stay numbers.
 */
export const csvRow = (cells: readonly (string | number)[]): string =>
  `${cells.map((cell) => (typeof cell === 'number' ? String(cell) : quoted(formula.test(cell) ? `'${cell}` : cell))).join(',')}\r\n`

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
