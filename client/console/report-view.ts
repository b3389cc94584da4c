import { html, nothing, type TemplateResult } from 'lit'
import type { ConversationReport } from '../../server/protocol/reports.ts'
import { reportTable } from './past.ts'
import type { Scene } from './scene.ts'

/** Figures of some days, for those who lead. */
export function reportView(scene: Scene): TemplateResult {
  const { state, desk, words } = scene
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (!(event.target instanceof HTMLFormElement)) return
    const given = new FormData(event.target)
    void desk.report(String(given.get('from')), String(given.get('until')))
  }
  const { from, until } = state.reportDays
  return html`<main class="page" aria-label=${words.pages.report}>
    <form class="search" @submit=${submit}>
      <label>${words.firstDay}<input type="date" name="from" required .value=${from} /></label>
      <label>${words.lastDay}<input type="date" name="until" required .value=${until} /></label>
      <button class="main">${words.show}</button>
      <a class="button" href=${reportTable(location.origin, from, until)} download>${words.asTable}</a>
    </form>
    ${state.report ? figuresView(state.report, scene) : nothing}
  </main>`
}

function figuresView(report: ConversationReport, { words, lang }: Scene): TemplateResult {
  const share = (value: number | null): string =>
    value === null ? '–' : value.toLocaleString(lang, { style: 'percent', maximumFractionDigits: 1 })
  const time = (ms: number | null): string =>
    ms === null ? '–' : ms < 60_000 ? `${Math.round(ms / 1_000)} s` : words.minutes(Math.round(ms / 60_000))
  const figures: readonly (readonly [string, string])[] = [
    [words.figures.conversations, report.conversations.toLocaleString(lang)],
    [words.figures.messages, report.messages.toLocaleString(lang)],
    [words.figures.contained, share(report.contained)],
    [words.figures.answered, share(report.answered)],
    [words.figures.handedOver, report.handedOver.toLocaleString(lang)],
    [words.figures.helpful, `${share(report.helpful)} (${report.ratings})`],
    [words.figures.wait, `${time(report.waitMs.median)} · ${time(report.waitMs.p90)}`],
    [words.figures.firstReply, `${time(report.firstReplyMs.median)} · ${time(report.firstReplyMs.p90)}`],
    [words.figures.resolution, `${time(report.resolutionMs.median)} · ${time(report.resolutionMs.p90)}`],
  ]
  return html`<dl class="figures">${figures.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    <div class="charts">
      ${barsView(
        words.figures.reasons,
        report.reasons.map(({ reason, count }) => [words.reasons[reason] ?? reason, count]),
        lang,
      )}
      ${barsView(
        words.figures.intents,
        report.intents.map(({ intent, count }) => [intent.replaceAll('_', ' '), count]),
        lang,
      )}
    </div>`
}

/** Counts as bars; the numbers stand beside them, so that nobody has to see the bars. */
function barsView(title: string, rows: readonly (readonly [string, number])[], lang: string): TemplateResult {
  const most = Math.max(1, ...rows.map(([, count]) => count))
  return html`<section class="bars">
    <h2>${title}</h2>
    ${rows.length === 0 ? html`<p class="hint">–</p>` : nothing}
    <dl>
      ${rows.map(
        ([name, count]) => html`<div>
          <dt>${name}</dt>
          <dd><progress max=${most} value=${count} aria-hidden="true"></progress> ${count.toLocaleString(lang)}</dd>
        </div>`,
      )}
    </dl>
  </section>`
}
