import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** Rank of every room (house rule: import your own folder and lower ranks only). Order within a line does not matter. */
const ranks: Readonly<Record<string, number>> = {
  'server/errors.ts': 0,
  'server/config.ts': 1,
  'server/logger.ts': 1,
  'server/text': 1,
  'server/math': 1,
  'server/onnx': 2,
  'server/privacy': 2,
  'server/protocol': 2,
  'server/embedding': 3,
  'server/evaluation': 3,
  'server/storage': 3,
  'server/access': 4,
  'server/cases': 4,
  'server/conform': 4,
  'server/credit': 5,
  'server/invest': 4,
  'server/models': 4,
  'server/answers': 5,
  'server/retrieval': 5,
  'server/engine': 6,
  'server/ingestion': 7,
  'server/recommend': 7,
  'server/chat': 8,
  'server/desk': 9,
  'server/receipts': 9,
  'server/operations': 10,
  'server/gateway': 11,
  'server/main.ts': 12,
  'server/cli': 13,
}
/** What a client may take from the server: types, and the numbers of the wire contract. */
const sharedWithClients = 'server/protocol/limits.ts'
const maxFileLines = 300
const maxFunctionLines = 40

const walk = (dir: string): string[] =>
  readdirSync(dir).flatMap((name) => {
    const path = join(dir, name)
    return statSync(path).isDirectory() ? walk(path) : path.endsWith('.ts') && !path.endsWith('.d.ts') ? [path] : []
  })
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const filesIn = (dir: string): string[] => walk(join(root, dir)).map((path) => relative(root, path))
const serverFiles = filesIn('server')
const clientFiles = filesIn('client')
const sources = [...serverFiles, ...clientFiles]

const room = (file: string): string => (ranks[file] === undefined ? file.split('/').slice(0, 2).join('/') : file)
const parse = (file: string): ts.SourceFile => ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true)

interface Import {
  readonly to: string
  readonly typeOnly: boolean
}
/** Relative imports and re-exports of a file, dynamic ones included, as paths from the root. */
function importsOf(file: string): Import[] {
  const found: Import[] = []
  const add = (specifier: ts.Expression | undefined, typeOnly: boolean) => {
    if (!specifier || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) return
    found.push({ to: relative(root, resolve(root, dirname(file), specifier.text)), typeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false)
    ts.forEachChild(node, visit)
  }
  visit(parse(file))
  return found
}

describe('the house', () => {
  it.each(serverFiles)('%s stands in a room with a rank', (file) => {
    expect(ranks[room(file)], room(file)).toBeTypeOf('number')
  })

  it.each(serverFiles)('%s imports only its own room and lower ranks', (file) => {
    const here = ranks[room(file)] ?? -1
    const wrong = importsOf(file).filter(({ to }) => room(to) !== room(file) && (ranks[room(to)] ?? 99) >= here)
    expect(wrong).toEqual([])
  })

  it.each(clientFiles)('%s takes only types and limits from the server', (file) => {
    const wrong = importsOf(file).filter(
      ({ to, typeOnly }) => to.startsWith('server/') && !typeOnly && to !== sharedWithClients,
    )
    expect(wrong).toEqual([])
  })

  it('has no import cycle', () => {
    const graph = new Map(sources.map((file) => [file, importsOf(file).map(({ to }) => to)]))
    const done = new Set<string>()
    const cycle = (file: string, path: readonly string[]): readonly string[] | undefined => {
      if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
      if (done.has(file)) return undefined
      for (const to of graph.get(file) ?? []) {
        const found = cycle(to, [...path, file])
        if (found) return found
      }
      done.add(file)
      return undefined
    }
    expect(sources.map((file) => cycle(file, [])).find(Boolean)).toBeUndefined()
  })
})

describe('the size of things', () => {
  it.each(sources)(`%s has at most ${maxFileLines} lines`, (file) => {
    expect(read(file).trimEnd().split('\n').length).toBeLessThanOrEqual(maxFileLines)
  })

  it.each(sources)(`%s has functions of at most ${maxFunctionLines} lines and no default export`, (file) => {
    const source = parse(file)
    const long: string[] = []
    const lineAt = (position: number) => source.getLineAndCharacterOfPosition(position).line
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionLike(node) && 'body' in node && node.body) {
        const lines = lineAt(node.end) - lineAt(node.getStart(source)) + 1
        // A factory that returns an object of methods is measured by its methods: they are functions themselves.
        if (lines > maxFunctionLines && !isFactory(node)) long.push(`${lineAt(node.pos) + 1}: ${lines} lines`)
      }
      if (ts.isExportAssignment(node)) long.push('default export')
      ts.forEachChild(node, visit)
    }
    visit(source)
    expect(long).toEqual([])
  })
})

/** `create…` functions close over their parts; what counts is the length of the functions within. */
function isFactory(node: ts.Node): boolean {
  return ts.isFunctionDeclaration(node) && /^(create|start|open|load|compose)[A-Z]?/.test(node.name?.text ?? '')
}
