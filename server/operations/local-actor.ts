import { userInfo } from 'node:os'

/** Who runs commands here, as the audit log names them: `local:NAME`, or the number of a user without a name. */
export function localActor(): string {
  try {
    return `local:${userInfo().username}`
  } catch {
    // In a container the user often has a number only.
    return `local:${process.getuid?.() ?? 'unknown'}`
  }
}
