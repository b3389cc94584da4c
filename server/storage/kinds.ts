/** Who may read a document. */
export const audiences = ['customer', 'agent'] as const
export type Audience = (typeof audiences)[number]

/** What a passage was in its document. */
export const blockKinds = ['paragraph', 'list', 'table', 'qa'] as const
export type BlockKind = (typeof blockKinds)[number]
