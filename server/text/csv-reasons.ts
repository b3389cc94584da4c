/**
 * What a fault that csv-parse tells by a code means, for whoever wrote the file.
 * @param maxCharacters longest row that is read. @returns undefined for a code that nobody has met.
 */
export function csvReason(code: string, maxCharacters: number): string | undefined {
  const reasons: Readonly<Record<string, string>> = {
    CSV_QUOTE_NOT_CLOSED: 'a quotation mark in this row is never closed',
    CSV_INVALID_CLOSING_QUOTE: 'text follows a closing quotation mark; write "" for a mark inside a cell',
    INVALID_OPENING_QUOTE: 'a quotation mark stands inside a cell; put the cell in quotes and write ""',
    CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'the row has more or fewer cells than the header',
    CSV_MAX_RECORD_SIZE: `the row has more than ${maxCharacters} characters; is a quotation mark missing?`,
  }
  return reasons[code]
}
