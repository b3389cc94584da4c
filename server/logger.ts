import { type LevelWithSilent, type Logger as Pino, pino } from 'pino'

export type Logger = Pino

/** JSON lines on stderr, so that stdout stays for answers of commands. Message text is never handed to a logger. */
export function createLogger(level: LevelWithSilent): Logger {
  return pino(
    { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  )
}
