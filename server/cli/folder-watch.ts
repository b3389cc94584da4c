import { type FSWatcher, watch } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { InputError, messageOf } from '../errors.ts'

/** What changes in some folders. */
export interface FolderWatch {
  /**
   * The files that were changed, added or removed since the last call, as soon as there are some and nothing has changed for a
   * moment; undefined once the watch is closed. One call at a time. @throws {InputError} if a folder is gone or cannot be
   * watched.
   */
  next(): Promise<readonly string[] | undefined>
  close(): void
}

/** Programs write a file in several steps; so long must nothing have changed, */
const quietMs = 200
/** unless something changes all the time: then what is there after so long is taken. */
const longestMs = 2_000

/**
 * Watch folders and all below them, but nothing hidden. What has changed is found by looking (inode, size and times): events
 * of the system only say when. @param folders absolute paths. @throws {InputError} as {@link FolderWatch.next}
 */
export async function openFolderWatch(folders: readonly string[]): Promise<FolderWatch> {
  const stop = new AbortController()
  const watchers = new Map<string, FSWatcher>()
  let [isChanged, lastEvent] = [false, 0]
  let wake: () => void = () => undefined

  function heard(): void {
    isChanged = true
    lastEvent = performance.now()
    wake()
  }

  /** Files below a folder with what tells their states apart. Each folder is watched before it is read, so nothing is missed. */
  async function look(folder: string, isRoot: boolean, files: Map<string, string>, seen: Set<string>): Promise<void> {
    try {
      const key = `${(await stat(folder)).ino}:${folder}`
      seen.add(key)
      if (!watchers.has(key)) watchers.set(key, watch(folder, heard).on('error', heard))
      for (const entry of await readdir(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name)
        if (entry.name.startsWith('.')) continue
        if (entry.isDirectory()) await look(path, false, files, seen)
        else files.set(path, await stateOf(path))
      }
    } catch (cause) {
      if (isRoot || !isMissing(cause))
        throw new InputError({ file: folder }, `cannot be watched (${messageOf(cause)})`, { cause })
    }
  }

  async function lookAround(): Promise<Map<string, string>> {
    const [files, seen] = [new Map<string, string>(), new Set<string>()]
    for (const folder of folders) await look(folder, true, files, seen)
    for (const [key, watcher] of watchers) {
      if (seen.has(key)) continue
      watcher.close()
      watchers.delete(key)
    }
    return files
  }

  async function untilQuiet(): Promise<void> {
    const latest = performance.now() + longestMs
    for (;;) {
      const wait = Math.min(lastEvent + quietMs, latest) - performance.now()
      if (wait <= 0 || stop.signal.aborted) return
      await sleep(wait, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  }

  function close(): void {
    stop.abort()
    for (const watcher of watchers.values()) watcher.close()
    wake()
  }

  let before = await lookAround().catch((reason: unknown) => {
    close()
    throw reason
  })
  return {
    async next() {
      while (!stop.signal.aborted) {
        if (!isChanged)
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        await untilQuiet()
        if (stop.signal.aborted) break
        isChanged = false
        const now = await lookAround()
        const changed = [...new Set([...before.keys(), ...now.keys()])].filter(
          (path) => before.get(path) !== now.get(path),
        )
        before = now
        if (changed.length > 0) return changed.sort()
      }
      return undefined
    },
    close,
  }
}

/** Empty for a file that has gone in between. */
async function stateOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  return found ? `${found.ino}:${found.size}:${found.mtimeMs}:${found.ctimeMs}` : ''
}

const isMissing = (reason: unknown): boolean => reason instanceof Error && 'code' in reason && reason.code === 'ENOENT'
