import { z } from 'zod'

const login = z.strictObject({ user: z.string().min(1), password: z.string().min(1) })
/** Two who work at the desk, and one who leads it. */
export const staffLogins = z.strictObject({ agents: z.tuple([login, login]), lead: login })
export type StaffLogins = z.infer<typeof staffLogins>
