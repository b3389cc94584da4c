import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, defineConfig, type InlineConfig, type Plugin } from 'vite'

const demo = 'client/demo'
const desk = 'client/console'

/** One self-contained classic script: a bank's page needs a single tag, and a strict policy has nothing inline to forbid. */
const script = (entry: string, name: string, outDir: string): InlineConfig => ({
  configFile: false,
  publicDir: false,
  build: {
    outDir,
    emptyOutDir: false,
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'], // nothing here needs lowering, and each rewritten rule costs bytes
    lib: { entry, formats: ['iife'], name, fileName: () => `${name}.js` },
  },
})

/** The pages beside the widget; builds of their own, as a script in this form holds one entry. */
const pages = (): Plugin => {
  let outDir = ''
  return {
    name: 'pages',
    apply: 'build',
    configResolved: (config) => {
      outDir = config.build.outDir
    },
    async closeBundle() {
      await build({ ...script(`${demo}/demo.ts`, 'demo', outDir), logLevel: 'error' })
      for (const file of ['index.html', 'demo.css']) await copyFile(join(demo, file), join(outDir, file))
      await build({ ...script(`${desk}/main.ts`, 'console', outDir), logLevel: 'error' })
      for (const file of ['console.html', 'console.css']) await copyFile(join(desk, file), join(outDir, file))
    },
  }
}

const widget = script('client/widget/index.ts', 'widget', 'dist/client')

export default defineConfig({
  publicDir: false,
  build: { ...widget.build, emptyOutDir: true },
  plugins: [pages()],
})
