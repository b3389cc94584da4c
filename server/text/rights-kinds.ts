/** What a customer may invoke in a message, whatever else it says; recall goes first with all of them. */
export const rights = [
  'dispute',
  'unauthorised_payment',
  'fraud_in_progress',
  'complaint',
  'hardship',
  'bereavement',
  'vulnerability',
  'opt_out',
  'data_request',
  'human',
] as const
export type Right = (typeof rights)[number]
