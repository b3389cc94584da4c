import { sidecarOf } from './formats/index.ts'

const sidecarLike = /\.ya?ml(?:\.txt)?$/i

/**
 * Faults of the sidecars of one folder. A sidecar may limit who reads a file and when, so one whose name is not quite its
 * file's must not be passed over, and the files that it may be meant for must not be taken as if they had none.
 * @param names all files of the folder. @param isRead whether a reader takes a file, by its name.
 * @returns reasons by name: of the sidecars, and of the files that are held back.
 */
export function sidecarFaults(names: readonly string[], isRead: (name: string) => boolean): Map<string, string> {
  const there = new Set(names)
  const files = names.filter(isRead)
  const faults = new Map<string, string>()
  for (const name of names.filter((name) => sidecarLike.test(name) && !isOwned(name, there))) {
    const stem = name.replace(sidecarLike, '').toLowerCase()
    const named = files.filter((file) => stem.startsWith(file.toLowerCase()))
    const without = files.filter((file) => !there.has(sidecarOf(file)))
    const meant = [...named, ...without.filter((file) => withoutExtension(file) === stem)]
    if (meant.length === 0 && isRead(stem)) {
      const extension = stem.slice(stem.lastIndexOf('.'))
      meant.push(...without.filter((file) => file.toLowerCase().endsWith(extension)))
    } else if (meant.length === 0) continue // YAML of some other use
    faults.set(name, `is the sidecar of no file here; a sidecar is named as its file with .yaml behind`)
    for (const file of meant)
      faults.set(file, `is held back: ${name} may be its sidecar; rename that to ${sidecarOf(file)}, or take it away`)
  }
  return faults
}

/** Whether the file that a sidecar names is there; a sidecar has none itself. */
export function isOwned(name: string, there: ReadonlySet<string>): boolean {
  const owner = name.slice(0, -sidecarOf('').length)
  return name === sidecarOf(owner) && there.has(owner) && !sidecarLike.test(owner)
}

function withoutExtension(file: string): string {
  return file.slice(0, file.lastIndexOf('.')).toLowerCase()
}
