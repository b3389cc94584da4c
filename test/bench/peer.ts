import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import WebSocket from 'ws'
import { percentile } from '../../server/math/statistics.ts'
import { testEncoderDir } from '../support/models.ts'
import { clients, load, withServer } from './answers.ts'
import { buildPeerModel } from './peer-model.ts'
import type { Report } from './report.ts'

const warmUp = 200
const answers = 500
const rounds = 5
/** The pipeline loads sharp, whose native part is fetched from elsewhere; texts need none of it. */
const manifest = {
  private: true,
  type: 'module',
  overrides: { sharp: 'npm:empty-npm-package@1.0.0' },
  allowScripts: { 'hnswlib-node': true, 'onnxruntime-node': false },
}
const packages = ['@huggingface/transformers@4.3.1', 'hnswlib-node@3.0.0', 'express@5.3.0', 'ws@8.23.0']

/**
 * The usual Node stack on the same weights: transformers.js's pipeline on the main thread, hnswlib, express and ws. It only
 * embeds and finds the nearest passage; it has no heads, no keywords, no storage. Installed aside, as nothing else needs it.
 * Both are asked in turn, so that both see the same machine.
 */
export async function benchPeer(dataDir: string, report: Report): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'bursar-peer-'))
  try {
    await install(dir)
    const found = await withServer(dataDir, 2, async (server, texts) => {
      const peer = await startPeer(dir, texts)
      try {
        return await inTurn(
          (wanted) => load(server.url, texts, wanted),
          (wanted) => loadPeer(peer.url, texts, wanted),
        )
      } finally {
        peer.stop()
      }
    })
    report('peer', { stack: packages[0]!, clients, rounds, ...found, limit: 2 })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

type Loader = (wanted: number) => Promise<{ perSecond: number }>

/** Answers a second of both: the medians of all rounds, and of the ratio within a round. */
async function inTurn(ours: Loader, peers: Loader) {
  for (const loader of [ours, peers]) await loader(warmUp)
  const pairs: { ours: number; peer: number }[] = []
  for (let round = 0; round < rounds; round++)
    pairs.push({ ours: (await ours(answers)).perSecond, peer: (await peers(answers)).perSecond })
  const median = (of: (pair: { ours: number; peer: number }) => number) => percentile(pairs.map(of), 0.5)
  return {
    oursPerSecond: median(({ ours: one }) => one),
    peerPerSecond: median(({ peer }) => peer),
    ratio: median((pair) => pair.ours / pair.peer),
  }
}

async function install(dir: string): Promise<void> {
  writeFileSync(join(dir, 'package.json'), JSON.stringify(manifest))
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' }
  const args = ['install', '--no-save', '--omit=optional', '--loglevel=error', ...packages]
  execFileSync('npm', args, { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'], env })
  const model = join(dir, 'models', 'minilm', 'onnx')
  mkdirSync(model, { recursive: true })
  for (const file of ['tokenizer.json', 'tokenizer_config.json', 'config.json'])
    cpSync(join(testEncoderDir(), file), join(dir, 'models', 'minilm', file))
  writeFileSync(join(model, 'model.onnx'), await buildPeerModel())
  cpSync(join(import.meta.dirname, 'peer-server.mjs'), join(dir, 'server.mjs'))
}

async function startPeer(dir: string, passages: readonly string[]) {
  writeFileSync(join(dir, 'passages.json'), JSON.stringify(passages))
  const child = spawn(process.execPath, ['server.mjs'], { cwd: dir, stdio: ['ignore', 'pipe', 'inherit'] })
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('exit', (code) => reject(new Error(`the peer ended with ${code}`)))
  })
  return { url, stop: () => child.kill() }
}

async function loadPeer(url: string, texts: readonly string[], wanted: number) {
  let [next, done] = [0, 0]
  const begun = performance.now()
  await Promise.all(
    Array.from({ length: clients }, async () => {
      const socket = new WebSocket(url)
      await new Promise((resolve) => socket.once('open', resolve))
      while (next < wanted) {
        socket.send(JSON.stringify({ text: texts[next++ % texts.length] }))
        await new Promise((resolve) => socket.once('message', resolve))
        done++
      }
      socket.close()
    }),
  )
  return { perSecond: (1_000 * done) / (performance.now() - begun) }
}
