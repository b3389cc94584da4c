import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import WebSocket from 'ws'
import { percentile } from '../../server/math/statistics.ts'
import { testEncoderDir } from '../support/models.ts'
import { buildPeerModel } from './peer-model.ts'
import { benchQuestions } from './questions.ts'
import type { Report } from './report.ts'

const clients = 64
const answers = 1_000
const packages = ['@huggingface/transformers@4.3.1', 'hnswlib-node@3.0.0', 'express@5.3.0', 'ws@8.23.0']

/**
 * The usual Node stack on the same weights: transformers.js's pipeline on the main thread, hnswlib, express and ws. It only
 * embeds and finds the nearest passage; it has no heads, no keywords, no storage. Installed aside, as nothing else needs it.
 */
export async function benchPeer(ours: number, report: Report): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'bursar-peer-'))
  try {
    writeFileSync(
      join(dir, 'package.json'),
      '{"private":true,"type":"module","allowScripts":{"hnswlib-node":true,"onnxruntime-node":false}}',
    )
    const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' }
    execFileSync('npm', ['install', '--no-save', '--omit=optional', ...packages], { cwd: dir, stdio: 'ignore', env })
    const model = join(dir, 'models', 'minilm', 'onnx')
    mkdirSync(model, { recursive: true })
    for (const file of ['tokenizer.json', 'tokenizer_config.json', 'config.json'])
      cpSync(join(testEncoderDir(), file), join(dir, 'models', 'minilm', file))
    writeFileSync(join(model, 'model.onnx'), await buildPeerModel())
    cpSync(join(import.meta.dirname, 'peer-server.mjs'), join(dir, 'server.mjs'))
    const texts = benchQuestions()
    writeFileSync(join(dir, 'passages.json'), JSON.stringify(texts))
    const child = spawn(process.execPath, ['server.mjs'], { cwd: dir, stdio: ['ignore', 'pipe', 'inherit'] })
    const url = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve)
      child.once('exit', (code) => reject(new Error(`the peer ended with ${code}`)))
    })
    await load(url, texts, 200)
    const { perSecond, p50Ms } = await load(url, texts, answers)
    child.kill()
    report('peer', {
      stack: packages[0]!,
      clients,
      answersPerSecond: perSecond,
      p50Ms,
      oursPerSecond: ours,
      ratio: ours / perSecond,
      limit: 2,
    })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function load(url: string, texts: readonly string[], wanted: number) {
  const ms: number[] = []
  let next = 0
  const begun = performance.now()
  await Promise.all(
    Array.from({ length: clients }, async () => {
      const socket = new WebSocket(url)
      await new Promise((resolve) => socket.once('open', resolve))
      while (next < wanted) {
        const asked = performance.now()
        socket.send(JSON.stringify({ text: texts[next++ % texts.length] }))
        await new Promise((resolve) => socket.once('message', resolve))
        ms.push(performance.now() - asked)
      }
      socket.close()
    }),
  )
  return { perSecond: (1_000 * ms.length) / (performance.now() - begun), p50Ms: percentile(ms, 0.5) }
}
