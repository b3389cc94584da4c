import type { Audit, AuditEntry } from '../storage/audit.ts'
import type { UnitOfWork } from '../storage/group-commit.ts'
import type { Keys } from '../storage/keys.ts'
import type { Users } from '../storage/users.ts'

/** Who changes something, and why. */
export type Change = Pick<AuditEntry, 'actor' | 'reason'>

export interface RightsWatch {
  /** To be called when what this user may do, or is signed in for, has changed. */
  readonly changed: (user: string) => void
}

export interface AccessParts {
  readonly units: UnitOfWork
  readonly users: Users
  readonly keys: Keys
  readonly audit: Audit
  /** Wall clock. */
  readonly now: () => Date
}
