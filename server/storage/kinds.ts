/** Who may read a document. */
export const audiences = ['customer', 'agent'] as const
export type Audience = (typeof audiences)[number]

/** What a passage was in its document. */
export const blockKinds = ['paragraph', 'list', 'table', 'qa'] as const
export type BlockKind = (typeof blockKinds)[number]

/** What a job does, and how far it is. */
export const jobKinds = ['documents.put', 'documents.remove', 'documents.publish', 'products.publish'] as const
export type JobKind = (typeof jobKinds)[number]
export const jobStates = ['waiting', 'running', 'done', 'failed'] as const
export type JobState = (typeof jobStates)[number]
