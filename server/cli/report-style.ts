import { Markup } from '../evaluation/markup.ts'

/** Style of a report: the reader's own light or dark, one column on a narrow screen, nothing told by colour alone. */
export const reportStyle = new Markup(`
:root { color-scheme: light dark; --ground: #fbfbf9; --ink: #1c2430; --soft: #5b6675; --line: #d9dde3; --card: #fff;
  --mark: #2f6fab; --range: #a9c8e6; --right: #2e7d4f; --wrong: #b3402a }
@media (prefers-color-scheme: dark) { :root { --ground: #14181f; --ink: #e6e9ee; --soft: #9aa6b5; --line: #333c48;
  --card: #1b212a; --mark: #6aa8e0; --range: #35557a; --right: #6fc493; --wrong: #ef8d76 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 68rem; margin: 0 auto; padding: 2rem 1rem 4rem }
h1 { margin: 0 0 1rem; font-size: 2rem } h2 { margin: 3rem 0 1rem; font-size: 1.3rem }
h3 { margin: 0; font-size: 1.05rem } h4 { margin: .5rem 0; font-size: .85rem; color: var(--soft) }
small { color: var(--soft); font-weight: 400; font-size: .85rem }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 0 } .facts dt { color: var(--soft); font-size: .85rem }
.facts dd { margin: 0 }
table { width: 100%; border-collapse: collapse } section { overflow-x: auto }
th, td { padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: middle }
th small { display: block } thead th { color: var(--soft); font-size: .85rem; font-weight: 500 }
.number { font-variant-numeric: tabular-nums; white-space: nowrap } .scale { width: 35%; min-width: 8rem }
.track { position: relative; display: block; height: .5rem; border-radius: .25rem; background: var(--line) }
.range { position: absolute; height: 100%; border-radius: .25rem; background: var(--range) }
.point { position: absolute; top: -.25rem; width: 3px; height: 1rem; margin-left: -1px; background: var(--mark) }
.better td:last-child { color: var(--right) } .worse td:last-child { color: var(--wrong) }
article { margin: 0 0 1.5rem; padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--card) }
article > p { margin: 0 }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 1.5rem; margin-top: 1rem }
.document { margin: 0 0 .75rem; padding-left: .75rem; border-left: 3px solid var(--line); overflow-wrap: anywhere }
.document.right { border-color: var(--right) } .document p { margin: 0; white-space: pre-line; font-size: .92rem }
`)
