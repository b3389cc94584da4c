/** Label of messages that are none of the intents, unless another is named. Stands alone, so that who names it loads no model. */
export const usualOosLabel = 'oos'
