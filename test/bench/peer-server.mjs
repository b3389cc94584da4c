// The usual Node stack, as its tutorials put it together: one process, the pipeline on the main thread.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { env, pipeline } from '@huggingface/transformers'
import express from 'express'
import hnswlib from 'hnswlib-node'
import { WebSocketServer } from 'ws'

env.allowRemoteModels = false
env.localModelPath = './models/'
const embed = await pipeline('feature-extraction', 'minilm', { dtype: 'fp32' })
const vectorOf = async (text) => Array.from((await embed(text, { pooling: 'mean', normalize: true })).data)

const passages = JSON.parse(readFileSync('passages.json', 'utf8'))
const index = new hnswlib.HierarchicalNSW('cosine', 384)
index.initIndex(passages.length)
for (const [id, text] of passages.entries()) index.addPoint(await vectorOf(text), id)

const app = express()
app.get('/healthz', (_, response) => response.send('ok'))
const server = createServer(app)
new WebSocketServer({ server }).on('connection', (socket) => {
  socket.on('message', async (data) => {
    const { text } = JSON.parse(data.toString())
    const { neighbors } = index.searchKnn(await vectorOf(text), 5)
    socket.send(JSON.stringify({ text: passages[neighbors[0]], neighbors }))
  })
})
server.listen(0, '127.0.0.1', () => console.log(`ws://127.0.0.1:${server.address().port}`))
