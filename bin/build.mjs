#!/usr/bin/env node
// Builds dist/ (server and client) from the sources of a checkout. An installation that ships only dist/ builds nothing.
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stamp = join(root, 'dist', '.built')
const sources = ['server', 'client', 'package.json', 'vite.config.ts', 'vite.server.config.ts', 'bin/build.mjs']

const newest = (path) => {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

const run = (label, args) => {
  const done = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'production' }, // else libraries bring what helps their developers
  })
  if (done.status === 0) return
  process.stderr.write(`bursar: building the ${label} failed\n${done.stdout}${done.stderr}`)
  process.exit(1)
}

function build() {
  process.stderr.write('bursar: building dist/ …\n')
  const begun = new Date()
  const fresh = join(root, `dist.${process.pid}.tmp`)
  mkdirSync(fresh, { recursive: true })
  for (const [label, config] of [
    ['server', 'vite.server.config.ts'],
    ['client', 'vite.config.ts'],
  ]) {
    const to = ['--config', config, '--logLevel', 'error', '--outDir', join(fresh, label)]
    run(label, ['node_modules/vite/bin/vite.js', 'build', ...to])
  }
  compressFiles(join(fresh, 'client'))
  writeFileSync(join(fresh, '.built'), '')
  // The time of the start: what was edited meanwhile is newer and built next time.
  utimesSync(join(fresh, '.built'), begun, begun)
  // Swapped whole: a build that failed or was stopped leaves the old dist/ as it was.
  const old = join(root, `dist.${process.pid}.old`)
  if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), old)
  renameSync(fresh, join(root, 'dist'))
  rmSync(old, { recursive: true, force: true })
}

/** Each file once more as brotli and gzip, for the server to send as it is. */
function compressFiles(dir) {
  for (const name of readdirSync(dir)) {
    const bytes = readFileSync(join(dir, name))
    writeFileSync(join(dir, `${name}.br`), brotliCompressSync(bytes))
    writeFileSync(join(dir, `${name}.gz`), gzipSync(bytes, { level: 9 }))
  }
}

export async function buildIfStale() {
  const here = sources.map((path) => join(root, path)).filter((path) => existsSync(path))
  if (!existsSync(join(root, 'server'))) return
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= Math.max(...here.map(newest))) return
  if (!existsSync(join(root, 'node_modules', 'vite'))) {
    if (existsSync(stamp)) return // dist/ runs without the tools that build it
    process.stderr.write('bursar: nothing is built yet and the build tools are not installed: run npm ci first\n')
    process.exit(1)
  }
  build()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build()
