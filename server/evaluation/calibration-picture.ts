import type { ReliabilityBin, RiskPoint } from './calibration.ts'
import { type Markup, markup } from './markup.ts'

/** Side of either plot and the room around it, in SVG units. */
const [side, margin] = [320, 56]
const place = (value: number): string => (value * side).toFixed(1)
const height = (value: number): string => ((1 - value) * side).toFixed(1)

/**
 * Two plots side by side: confidence against accuracy (bars, with the gap to the diagonal), and the risk of the answers that
 * are given when only the surest are. Readable on light and dark ground; no script, no outside font.
 * @param ece 0 to 1. @param n number of predictions.
 */
export function calibrationPicture(
  bins: readonly ReliabilityBin[],
  risks: readonly RiskPoint[],
  { ece, n }: { readonly ece: number; readonly n: number },
): string {
  const width = 2 * (side + margin) + 2 * margin
  const first = plot(margin, 'Reliability', 'confidence', 'share right', [
    markup`<path class="ideal" d="M0 ${side}L${side} 0"/>`,
    ...bins.filter(({ count }) => count > 0).map(bar),
  ])
  const second = plot(side + 3 * margin, 'Risk and coverage', 'share answered', 'share wrong', [riskLine(risks)])
  return `${markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${side + 3 * margin}" role="img"
 aria-label="Calibration of ${n} predictions, ECE ${ece.toFixed(3)}">
<style>
 svg { font: 13px system-ui, sans-serif; background: #fff; color: #1c2430 }
 text { fill: currentColor } .frame { fill: none; stroke: currentColor; opacity: .4 }
 .ideal { stroke: currentColor; opacity: .5; stroke-dasharray: 4 4 } .bar { fill: #2f6fab }
 .gap { fill: #c8642d; opacity: .4 } .risk { fill: none; stroke: #c8642d; stroke-width: 2 }
 @media (prefers-color-scheme: dark) { svg { background: #14181f; color: #e6e9ee } .bar { fill: #6aa8e0 } }
</style>
<text x="${margin}" y="24">${n} predictions, ECE ${ece.toFixed(3)}</text>
${first}
${second}
</svg>`}\n`
}

function plot(x: number, title: string, along: string, up: string, content: readonly Markup[]): Markup {
  const ticks = [0, 0.5, 1].map(
    (at) => markup`<text x="${place(at)}" y="${side + 18}" text-anchor="middle">${at}</text>
<text x="-8" y="${Number(height(at)) + 4}" text-anchor="end">${at}</text>`,
  )
  return markup`<g transform="translate(${x} ${1.5 * margin})">
<text x="0" y="-14" font-weight="600">${title}</text>
<rect class="frame" width="${side}" height="${side}"/>
${ticks}
<text x="${side / 2}" y="${side + 38}" text-anchor="middle">${along}</text>
<text transform="translate(-36 ${side / 2}) rotate(-90)" text-anchor="middle">${up}</text>
${content}
</g>`
}

/** The share that was right, and beside it how far that is from the confidence. */
function bar({ low, high, count, confidence, accuracy }: ReliabilityBin): Markup {
  const [x, width] = [place(low), place(high - low)]
  const [top, bottom] = [Math.max(accuracy, confidence), Math.min(accuracy, confidence)]
  return markup`<g><title>${count} of confidence ${confidence.toFixed(3)}: ${accuracy.toFixed(3)} right</title>
<rect class="bar" x="${x}" y="${height(accuracy)}" width="${width}" height="${place(accuracy)}"/>
<rect class="gap" x="${x}" y="${height(top)}" width="${width}" height="${place(top - bottom)}"/></g>`
}

function riskLine(risks: readonly RiskPoint[]): Markup {
  const points = risks.map(({ coverage, risk }) => `${place(coverage)},${height(risk)}`)
  return markup`<polyline class="risk" points="${points.join(' ')}"/>`
}
