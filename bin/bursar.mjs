#!/usr/bin/env node
// Builds dist/ when sources are present and newer, then runs the command line from it.
import { buildIfStale } from './build.mjs'

await buildIfStale()
await import('../dist/server/bursar.js')
