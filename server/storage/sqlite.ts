import Sqlite from 'better-sqlite3'
import {
  type CompiledQuery,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Dialect,
  type Driver,
  DummyDriver,
  Kysely,
  type QueryResult,
  type RawBuilder,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import { StorageError } from '../errors.ts'
import type { Schema } from './schema.ts'
import type { Tx } from './types.ts'

// The only file that speaks SQLite; the repositories' SQL is Kysely's and runs on PostgreSQL as well.

/** `BURS`: tells our files from other programs' SQLite files. */
const applicationId = 0x42555253
/** Statements kept prepared per connection; preparing costs more than running a small one. */
const maxStatements = 256
/** Only our own process writes, so waiting longer than this means that somebody opened the file by hand. */
const busyTimeoutMs = 1_000
const walLimitBytes = 64 * 1024 * 1024
/** Only a backstop: the group commit folds the log in earlier, while nobody waits for it. */
const autoCheckpointPages = 8_000

/** Column types and table options that differ between databases. */
export const ddl = {
  bytes: sql`blob`,
  /** Rows found by an id that the database counts up; the column is `integer primary key`. */
  counted: sql`strict`,
  /** Rows stored in the order of their primary key: one write instead of two per row. */
  clustered: sql`strict, without rowid`,
} as const

/**
 * Statements that have the database itself refuse to change or remove rows of a table, or to add one that is not the next by
 * its counting column. (`insert or replace` removes without asking a trigger, but cannot add the next row in doing so.)
 */
export function appendOnly(table: string, counter: string): RawBuilder<unknown>[] {
  const refuse = `begin select raise(abort, '${table} is append-only'); end`
  const next = `new.${counter} <> (select coalesce(max(${counter}), 0) + 1 from ${table})`
  return [
    sql.raw(`create trigger ${table}NoUpdate before update on ${table} ${refuse}`),
    sql.raw(`create trigger ${table}NoDelete before delete on ${table} ${refuse}`),
    sql.raw(`create trigger ${table}InOrder before insert on ${table} when ${next} ${refuse}`),
  ]
}

/** A unit's view of the one connection that writes. After `end` every query of the handle is refused. */
export interface Handle {
  readonly tx: Tx
  end(): void
}

/** The connection that writes. Kept by the group commit; nobody else begins or commits. */
export interface Writer {
  begin(): void
  commit(): void
  /** Undo the open transaction, if SQLite has not done so already. */
  rollback(): void
  savepoint(): void
  release(): void
  rollbackToSavepoint(): void
  /** False once SQLite gave a transaction up by itself, as it may on a full disk. */
  readonly inTransaction: boolean
  handle(): Handle
  /** Fold what is committed from the log into the file, as far as readers allow. Outside a transaction. */
  checkpoint(): void
  /** Run a statement outside the schema, such as a pragma. */
  exec(statement: string): void
  close(): void
}

/** Open the file for writing, creating it if it is missing. @throws {StorageError} */
export function openWriter(path: string): Writer {
  const raw = connect(path, { readonly: false })
  checkPages(raw, path)
  const prepared = Object.fromEntries(
    ['begin immediate', 'commit', 'rollback', 'savepoint unit', 'release unit', 'rollback to unit'].map((statement) => [
      statement,
      raw.prepare(statement),
    ]),
  )
  const control = (statement: string) => (): void => guarded(path, () => void prepared[statement]?.run())
  const rollback = control('rollback')
  const query = createRunner(raw, path)
  return {
    begin: control('begin immediate'),
    commit: control('commit'),
    rollback: () => (raw.inTransaction ? rollback() : undefined),
    savepoint: control('savepoint unit'),
    release: control('release unit'),
    rollbackToSavepoint: control('rollback to unit'),
    get inTransaction() {
      return raw.inTransaction
    },
    handle: () => createHandle(raw, query),
    checkpoint: () => guarded(path, () => void raw.pragma('wal_checkpoint(PASSIVE)')),
    exec: (statement) => guarded(path, () => void raw.exec(statement)),
    close: () => {
      // Folding the log into the file lets a copy of the file alone be a whole backup.
      guarded(path, () => void raw.pragma('wal_checkpoint(TRUNCATE)'))
      raw.close()
    },
  }
}

/** Open a second connection that sees committed rows only and cannot write. @throws {StorageError} */
export function openReader(
  path: string,
  { readOnly }: { readOnly: boolean },
): { db: Kysely<Schema>; close: () => void } {
  const raw = connect(path, { readonly: readOnly })
  raw.pragma('query_only = ON')
  return { db: createKysely(createRunner(raw, path)), close: () => void raw.close() }
}

function connect(path: string, { readonly }: { readonly: boolean }): Sqlite.Database {
  return guarded(path, () => {
    const raw = new Sqlite(path, { readonly, fileMustExist: readonly, timeout: busyTimeoutMs })
    try {
      const owner = raw.pragma('application_id', { simple: true })
      if (owner !== applicationId && Number(raw.pragma('schema_version', { simple: true })) > 0) {
        throw new StorageError(`${path} belongs to another program: name another data directory`)
      }
      if (!readonly) {
        raw.pragma('journal_mode = WAL')
        if (owner !== applicationId) raw.pragma(`application_id = ${applicationId}`)
      }
      settle(raw)
      assertDurable(raw, path)
      return raw
    } catch (reason) {
      raw.close()
      throw reason
    }
  })
}

/** Above this size the check of all pages (about 1 ms per MiB) would be felt at every start. */
const maxCheckedBytes = 64 * 1024 * 1024

/** Look for pages that contradict each other, so that a damaged file is refused at the start and not in mid-chat. */
function checkPages(raw: Sqlite.Database, path: string): void {
  guarded(path, () => {
    const bytes = Number(raw.pragma('page_count', { simple: true })) * Number(raw.pragma('page_size', { simple: true }))
    if (bytes > maxCheckedBytes) return
    const verdict = raw.pragma('quick_check(1)', { simple: true })
    if (verdict !== 'ok') throw new StorageError(damaged(path, 'its pages contradict each other'))
  })
}

function settle(raw: Sqlite.Database): void {
  raw.pragma('synchronous = FULL')
  raw.pragma('fullfsync = ON') // macOS: a plain fsync there leaves the data in the drive's cache
  raw.pragma('checkpoint_fullfsync = ON')
  raw.pragma('foreign_keys = ON')
  raw.pragma('trusted_schema = OFF')
  raw.pragma(`wal_autocheckpoint = ${autoCheckpointPages}`)
  raw.pragma(`journal_size_limit = ${walLimitBytes}`)
}

/**
 * Settings can be refused without an error (a library built otherwise, a file system without shared memory), so they are read back.
 * @throws {StorageError} unless a commit on this connection returns only after its sync.
 */
export function assertDurable(raw: Sqlite.Database, path: string): void {
  const wanted = { journal_mode: 'wal', synchronous: 2, foreign_keys: 1 } as const
  for (const [name, value] of Object.entries(wanted)) {
    const found = raw.pragma(name, { simple: true })
    if (found !== value) {
      throw new StorageError(
        `${path}: ${name} is ${found} instead of ${value}, so nothing could be promised to be stored; use a local disk`,
      )
    }
  }
}

type Runner = <R>(compiled: CompiledQuery) => QueryResult<R>

/** Runs compiled queries with statements that stay prepared. */
function createRunner(raw: Sqlite.Database, path: string): Runner {
  const statements = new Map<string, Sqlite.Statement>()
  const prepare = (text: string): Sqlite.Statement => {
    const known = statements.get(text)
    if (known) return known
    const fresh = raw.prepare(text)
    const oldest = statements.size >= maxStatements ? statements.keys().next() : undefined
    if (oldest && !oldest.done) statements.delete(oldest.value)
    statements.set(text, fresh)
    return fresh
  }
  return <R>({ sql: text, parameters }: CompiledQuery) =>
    guarded(path, (): QueryResult<R> => {
      const statement = prepare(text)
      // Kysely knows the rows' type from the query that it compiled.
      if (statement.reader) return { rows: statement.all(parameters) as R[] }
      const { changes } = statement.run(parameters)
      return { rows: [], numAffectedRows: BigInt(changes) }
    })
}

function createHandle(raw: Sqlite.Database, query: Runner): Handle {
  let open = true
  const tx = createKysely((compiled) => {
    // A query that a unit forgot to await would otherwise run within the next unit.
    if (!open) throw new Error('a unit of work was used after its end')
    // SQLite may have given the transaction up; a statement now would commit by itself.
    if (!raw.inTransaction) throw new StorageError('the transaction was given up after an earlier failure: try again')
    return query(compiled)
  })
  return {
    tx,
    end: () => {
      open = false
    },
  }
}

const adapter = new SqliteAdapter()
const compiler = new SqliteQueryCompiler()
const driver: Driver = new DummyDriver()
const dialect: Dialect = {
  createAdapter: () => adapter,
  createDriver: () => driver,
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => compiler,
}

/** Kysely over a runner. Statements are synchronous, so there is no connection to wait for and no pool. */
function createKysely(query: Runner): Kysely<Schema> {
  const connection: DatabaseConnection = {
    executeQuery: async (compiled) => query(compiled),
    streamQuery: () => {
      throw new Error('rows are read in pages, not streamed')
    },
  }
  const executor = new DefaultQueryExecutor(compiler, adapter, {
    provideConnection: (consumer) => consumer(connection),
  })
  return new Kysely<Schema>({ config: { dialect }, driver, executor, dialect })
}

function guarded<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (reason) {
    throw storageFailure(reason, path)
  }
}

/** What to tell an operator, by the start of SQLite's or the system's error code. First match wins. */
const hints: readonly (readonly [code: string, says: (path: string) => string])[] = [
  ['SQLITE_FULL', (path) => `the disk that holds ${path} is full: free some space and try again`],
  ['ENOSPC', (path) => `the disk that holds ${path} is full: free some space and try again`],
  ['SQLITE_READONLY', (path) => `${path} cannot be written: give this user write access to the file and its folder`],
  ['SQLITE_PERM', (path) => `${path} cannot be written: give this user write access to the file and its folder`],
  [
    'SQLITE_CANTOPEN',
    (path) => `${path} cannot be opened: check that its folder exists and that this user may write to it`,
  ],
  ['EACCES', (path) => `${path} cannot be opened: give this user read and write access to the file and its folder`],
  ['EPERM', (path) => `${path} cannot be opened: give this user read and write access to the file and its folder`],
  ['EROFS', (path) => `${path} lies on a read-only file system: name another data directory`],
  ['ENOTDIR', (path) => `${path} cannot be opened: a part of its path is a file, not a folder`],
  ['EEXIST', (path) => `${path} cannot be opened: a part of its path is a file, not a folder`],
  ['SQLITE_NOTADB', (path) => damaged(path, 'it is not a database')],
  ['SQLITE_CORRUPT', (path) => damaged(path, 'its pages contradict each other')],
  ['SQLITE_BUSY', (path) => `${path} is locked by another program: close it and try again`],
  ['SQLITE_LOCKED', (path) => `${path} is locked by another program: close it and try again`],
  ['SQLITE_PROTOCOL', (path) => `${path} is locked by another program: close it and try again`],
  [
    'SQLITE_IOERR',
    (path) => `the disk that holds ${path} failed to read or write: check it (and its free space), then try again`,
  ],
]

/** The message for a file whose content cannot be trusted. */
export const damaged = (path: string, what: string): string =>
  `${path} is damaged (${what}): restore a backup of the data directory, or move the file away to start empty`

/** A {@link StorageError} with a hint for what the disk or the file did; anything else (a bug) comes back as it is. */
export function storageFailure(reason: unknown, path: string): unknown {
  const code = reason instanceof Error && 'code' in reason ? String(reason.code) : ''
  const hint = hints.find(([start]) => code.startsWith(start))
  return hint ? new StorageError(hint[1](path), { cause: reason }) : reason
}
