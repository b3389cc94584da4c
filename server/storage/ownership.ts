import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { messageOf, StorageError } from '../errors.ts'
import { storageFailure } from './sqlite.ts'

/** Proof that this process owns a data directory. */
export interface Ownership {
  release(): void
}

/**
 * Become the one owner of the data directory. The lock is SQLite's on `DIR/owner.db`, which the system drops with the
 * process, so nothing stale is left after a SIGKILL. `DIR/owner.pid` only names the owner to others. What lies in the directory
 * is closed to all other users.
 * @throws {StorageError} if another process owns it, naming that process, or if the directory cannot be written.
 */
export function ownDirectory(dir: string): Ownership {
  const lock = takeLock(dir)
  const name = join(dir, 'owner.pid')
  try {
    closeToOthers(dir)
    writeFileSync(`${name}.tmp`, `${process.pid}\n`, { mode: 0o600 })
    renameSync(`${name}.tmp`, name)
  } catch (reason) {
    lock.close()
    throw storageFailure(reason, name)
  }
  return { release: () => void lock.close() }
}

function takeLock(dir: string): Sqlite.Database {
  const path = join(dir, 'owner.db')
  let lock: Sqlite.Database | undefined
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    createPrivately(path)
    // No waiting: an owner keeps the lock for as long as it lives.
    lock = new Sqlite(path, { timeout: 0 })
    lock.pragma('journal_mode = MEMORY') // nothing is ever written: no file beside it either
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (reason) {
    lock?.close()
    if (isBusy(reason)) throw new StorageError(`data directory ${dir} is in use by ${ownerOf(dir)}`, { cause: reason })
    const failure = storageFailure(reason, path)
    throw failure instanceof StorageError
      ? failure
      : new StorageError(`${path}: ${messageOf(reason)}`, { cause: reason })
  }
}

const isBusy = (reason: unknown): boolean =>
  reason instanceof Error && 'code' in reason && String(reason.code).startsWith('SQLITE_BUSY')

/** Whether {@link ownDirectory} threw this because another process owns the directory. */
export const isInUse = (reason: unknown): boolean => reason instanceof StorageError && isBusy(reason.cause)

/** `process N`, or less if the owner has not written its name yet. */
function ownerOf(dir: string): string {
  const path = join(dir, 'owner.pid')
  const pid = existsSync(path) ? Number.parseInt(readFileSync(path, 'utf8'), 10) : 0
  return pid > 0 && isAlive(pid) ? `process ${pid}` : 'another process'
}

/** A name that an owner of before has left is not passed on. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (reason) {
    return reason instanceof Error && 'code' in reason && reason.code === 'EPERM' // it lives and is another user's
  }
}

/** All that the program itself puts into a data directory. */
const own = /^(?:bursar\.db(?:-wal|-shm)?|owner\.(?:db|pid)(?:\.tmp)?|admin\.sock|generations|models|uploads)$/

/**
 * Directories of an older release, or restored from a backup, may be open. One that holds other things too stays as it is, as
 * those may be meant for others (`--data /srv`); what is ours in it is closed all the same.
 */
function closeToOthers(dir: string): void {
  const names = readdirSync(dir)
  for (const name of names) if (own.test(name)) restrict(join(dir, name))
  if (names.every((name) => own.test(name))) restrict(realpathSync(dir))
}

function restrict(path: string): void {
  const found = lstatSync(path)
  if (found.isSymbolicLink() || (found.mode & 0o077) === 0) return
  try {
    chmodSync(path, found.mode & 0o700)
  } catch (reason) {
    // Another user's, such as a volume of root's that is open to all: what we make in it is closed by itself.
    if (!(reason instanceof Error && 'code' in reason && reason.code === 'EPERM')) throw reason
  }
}

/**
 * Make an empty file that only its owner may read, unless there is one: SQLite would leave the mode to the umask. A file that
 * is there is not opened, as closing it would drop the locks that this process holds on it (POSIX advisory locks).
 */
export function createPrivately(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
}
