import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const maxGzipBytes = 20_000

describe('the built client', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bursar-client-'))
  const read = (name: string): string => readFileSync(join(dir, name), 'utf8')
  beforeAll(() => {
    const vite = join(root, 'node_modules/vite/bin/vite.js')
    const built = spawnSync(
      process.execPath,
      [vite, 'build', '--logLevel', 'error', '--outDir', dir, '--emptyOutDir'],
      {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, NODE_ENV: 'production' },
      },
    )
    expect(built.status, built.stderr).toBe(0)
  })
  afterAll(() => rmSync(dir, { recursive: true }))

  it('is made of these files and no others', () => {
    expect(readdirSync(dir).sort()).toEqual([
      ...['console.css', 'console.html', 'console.js'],
      ...['demo.css', 'demo.js', 'index.html', 'widget.js'],
    ])
  })

  it(`has a widget of at most ${maxGzipBytes} bytes, compressed`, () => {
    expect(gzipSync(read('widget.js'), { level: 9 }).byteLength).toBeLessThanOrEqual(maxGzipBytes)
  })

  it('names no other place: no source maps, no fonts, no images from elsewhere', () => {
    const svgName = 'http://www.w3.org/2000/svg' // a name that is never fetched
    for (const name of readdirSync(dir)) {
      const text = read(name).replaceAll(svgName, '')
      expect(text.match(/https?:\/\/|\/\/[\w-]+\.\w|sourceMappingURL|@import/gi), name).toBeNull()
    }
  })

  it('has nothing inline that a strict policy forbids', () => {
    const page = read('index.html')
    expect(page).not.toMatch(/\son\w+=|\sstyle=|<style|javascript:/i)
    for (const [, attributes, content] of page.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)) {
      expect([attributes, content]).toEqual([expect.stringMatching(/^ src="\/\w+\.js"$/), ''])
    }
    expect(read('widget.js')).not.toMatch(/\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write/)
  })

  it('says on the demo page that it is a demonstration', () => {
    expect(read('index.html')).toMatch(/<strong>Demonstration\.<\/strong> Northmoor Bank does not exist/)
  })
})

it('is built with brotli and gzip beside each file', () => {
  const dir = join(root, 'dist/client') // made by the global set-up
  const read = (name: string): Buffer => readFileSync(join(dir, name))
  const names = readdirSync(dir).filter((name) => !/\.(br|gz)$/.test(name))
  expect(names).toContain('widget.js')
  for (const name of names) {
    expect(brotliDecompressSync(read(`${name}.br`)).equals(read(name))).toBe(true)
    expect(gunzipSync(read(`${name}.gz`)).equals(read(name))).toBe(true)
  }
})
