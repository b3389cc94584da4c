import type { Comparison, Moved } from '../evaluation/compare-runs.ts'
import { type Markup, markup } from '../evaluation/markup.ts'
import { type RetrievalFigures, type RetrievalMetric, retrievalMetrics } from '../evaluation/retrieval-metrics.ts'
import type { ExplainedDocument, Explanation } from './explain-query.ts'
import { reportStyle } from './report-style.ts'

/** What a report shows. Everything in it may come from a stranger's file. */
export interface Report {
  /** What was measured: names of files, mode. */
  readonly facts: readonly (readonly [name: string, value: string])[]
  readonly n: number
  readonly figures: readonly ReportedFigure[]
  readonly misspelt?: RetrievalFigures
  readonly comparison?: Comparison
  /** The queries that scored least, worst first. */
  readonly worst: readonly Explanation[]
  /** Texts of the queries by id. */
  readonly queries: ReadonlyMap<string, string>
}
export interface ReportedFigure {
  readonly metric: RetrievalMetric
  readonly value: number
  readonly interval: readonly [number, number]
}

const names: Readonly<Record<RetrievalMetric, string>> = {
  'ndcg@10': 'quality of the first ten, the earlier the better',
  'mrr@10': 'one over the place of the first right document',
  'hit@1': 'right at once',
  'hit@5': 'right among the first five',
  'hit@10': 'right among the first ten',
  'recall@10': 'share of the right documents among the first ten',
}
/** Longest text of a document in the report, in characters. */
const excerpt = 400
const share = (value: number): string => value.toFixed(3)
const percent = (value: number): string => `${(100 * value).toFixed(1)}%`

/** One HTML page without script or outside parts. */
export function reportPage(report: Report): string {
  const { facts, n, figures, misspelt, comparison, worst, queries } = report
  const about = facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)
  return `${markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Retrieval, ${n} queries</title>
<style>${reportStyle}</style>
</head>
<body>
<main>
<h1>Retrieval</h1>
<dl class="facts">${about}</dl>
${scores(figures)}
${misspelt ? misspelling(figures, misspelt) : ''}
${comparison ? compared(comparison, queries) : ''}
<section>
<h2>Queries that scored least</h2>
${worst.map(card)}
</section>
</main>
</body>
</html>`}\n`
}

function scores(figures: readonly ReportedFigure[]): Markup {
  const rows = figures.map(
    ({ metric, value, interval: [low, high] }) => markup`<tr>
<th scope="row">${metric}<small>${names[metric]}</small></th>
<td class="number">${share(value)}</td>
<td class="number">${share(low)} – ${share(high)}</td>
<td class="scale"><span class="track"><span class="range" style="left:${percent(low)};width:${percent(high - low)}"></span><span class="point" style="left:${percent(value)}"></span></span></td>
</tr>`,
  )
  return markup`<section>
<h2>Scores</h2>
<table><thead><tr><th scope="col">figure</th><th scope="col">mean</th><th scope="col">95 % interval</th><th scope="col">0 to 1</th></tr></thead>
<tbody>${rows}</tbody></table>
</section>`
}

function misspelling(figures: readonly ReportedFigure[], misspelt: RetrievalFigures): Markup {
  const rows = figures.map(
    ({ metric, value }) => markup`<tr><th scope="row">${metric}</th><td class="number">${share(value)}</td>
<td class="number">${share(misspelt[metric])}</td><td class="number">${signed(misspelt[metric] - value)}</td></tr>`,
  )
  return markup`<section>
<h2>The same queries, misspelt</h2>
<table><thead><tr><th scope="col">figure</th><th scope="col">as written</th><th scope="col">misspelt</th><th scope="col">change</th></tr></thead>
<tbody>${rows}</tbody></table>
</section>`
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`

function compared({ n, changes, lost, won }: Comparison, queries: ReadonlyMap<string, string>): Markup {
  const rows = changes.map(({ metric, before, after, interval: [low, high] }) => {
    const sure = low > 0 ? 'better' : high < 0 ? 'worse' : 'within chance'
    return markup`<tr class="${low > 0 ? 'better' : high < 0 ? 'worse' : ''}"><th scope="row">${metric}</th>
<td class="number">${share(before)}</td><td class="number">${share(after)}</td>
<td class="number">${signed(after - before)}</td><td class="number">${signed(low)} to ${signed(high)}</td><td>${sure}</td></tr>`
  })
  const list = (title: string, moved: readonly Moved[]): Markup => {
    const items = moved.map(
      ({ id, before, after }) =>
        markup`<li><bdi>${queries.get(id) ?? ''}</bdi> <small>${id}, nDCG ${share(before)} → ${share(after)}</small></li>`,
    )
    return markup`<div><h3>${title}</h3>${items.length === 0 ? markup`<p>none</p>` : markup`<ul>${items}</ul>`}</div>`
  }
  return markup`<section>
<h2>Beside the previous run</h2>
<p>${n} queries that both runs scored.</p>
<table><thead><tr><th scope="col">figure</th><th scope="col">before</th><th scope="col">now</th><th scope="col">change</th><th scope="col">95 % interval of the change</th><th scope="col"></th></tr></thead>
<tbody>${rows}</tbody></table>
<div class="sides">${list('Lost most', lost)}${list('Won most', won)}</div>
</section>`
}

function card({ id, text, figures, expected, found }: Explanation): Markup {
  const shown = retrievalMetrics.slice(0, 2).map((metric) => `${metric} ${share(figures?.[metric] ?? 0)}`)
  return markup`<article>
<h3><bdi>${text}</bdi></h3>
<p><small>${id} · ${shown.join(' · ')}</small></p>
<div class="sides"><div><h4>Expected</h4>${expected.map(document)}</div><div><h4>Found first</h4>${found.map(document)}</div></div>
</article>`
}

function document({ doc, rank, relevance, score, dense, keyword, title, text }: ExplainedDocument): Markup {
  const place = rank === undefined ? 'not found' : `place ${rank}`
  const scored =
    score === undefined
      ? ''
      : `, score ${share(score)} (cosine ${share(dense ?? 0)}, BM25 ${(keyword ?? 0).toFixed(1)})`
  const characters = [...text]
  const cut = characters.length > excerpt ? `${characters.slice(0, excerpt).join('')} …` : text
  return markup`<div class="document ${relevance > 0 ? 'right' : ''}">
<p class="place">${relevance > 0 ? '✓ ' : ''}${doc} <small>${place}${scored}</small></p>
${title === '' ? '' : markup`<p><strong><bdi>${title}</bdi></strong></p>`}
<p><bdi>${cut}</bdi></p>
</div>`
}
