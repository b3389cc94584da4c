import { createRegistry } from '../../../server/models/registry.ts'

// Makes two versions live in turn until it is killed; each one that is promised is told on standard output.

const registry = createRegistry(process.argv[2]!)
for (let i = 0; ; i++) {
  const version = 1 + (i % 2)
  await registry.promote('intent', version, { by: 'local:somebody', reason: `turn ${i} ${'x'.repeat(200)}` })
  process.stdout.write(`${version}\n`)
}
