import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, defineConfig, type InlineConfig, type Plugin } from 'vite'

const demo = 'client/demo'

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

/** The demo page beside the widget; a second build, as a script in this form holds one entry. */
const demoPage = (): Plugin => {
  let outDir = ''
  return {
    name: 'demo-page',
    apply: 'build',
    configResolved: (config) => {
      outDir = config.build.outDir
    },
    async closeBundle() {
      await build({ ...script(`${demo}/demo.ts`, 'demo', outDir), logLevel: 'error' })
      for (const file of ['index.html', 'demo.css']) await copyFile(join(demo, file), join(outDir, file))
    },
  }
}

const widget = script('client/widget/index.ts', 'widget', 'dist/client')

export default defineConfig({
  publicDir: false,
  build: { ...widget.build, emptyOutDir: true },
  plugins: [demoPage()],
})
