/** Build dist/ if sources are present and newer than it. */
export function buildIfStale(): Promise<void>
