/** A picture of rates: one bar per competitor, a thin line from its slowest to its quickest round. */
import type { TableLine } from './results.ts';

const widthPx = 900;
const labelPx = 370;
const barPx = 16;
const rowPx = 26;
const headPx = 40;
const edgePx = 14;
const figurePx = 120;
/** Where the length of bars is told apart best. */
const scalePx = widthPx - labelPx - figurePx - 2 * edgePx;

/** Colours that stand out on white and on black alike; words follow the reader's scheme. */
const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .head { font-weight: 600; font-size: 14px; }
  .ours { fill: #2f81f7; } .other { fill: #8b949e; } .spread { stroke: #1f2328; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .spread { stroke: #e6edf3; } }
`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const px = (value: number): string => value.toFixed(1);

/** An SVG document. Lines without a rate have no bar: the table says why. */
export function drawRates(lines: readonly TableLine[], oursIs: string): string {
  const scenarios = [...new Set(lines.map(({ scenario }) => scenario))];
  const parts: string[] = [];
  let y = edgePx;
  for (const scenario of scenarios) {
    const rated = lines.filter((line) => line.scenario === scenario && rateOf(line) !== undefined);
    if (rated.length === 0) continue;
    parts.push(textAt(edgePx, y + 18, 'head', `${scenario}: readings per second`));
    y += headPx - 10;
    const most = Math.max(...rated.map((line) => rateOf(line)?.most ?? 0));
    for (const line of rated.toSorted((a, b) => middleOf(b) - middleOf(a))) {
      parts.push(row(line, y, most, line.competitor === oursIs));
      y += rowPx;
    }
    y += headPx / 2;
  }
  const size = `width="${widthPx}" height="${y}" viewBox="0 0 ${widthPx} ${y}"`;
  const title = 'Readings per second, medians of interleaved rounds';
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${title}">
<title>${title}</title>
<style>${style}</style>
${parts.join('\n')}
</svg>
`;
}

const rateOf = ({ figures }: TableLine) => figures.rowsPerSecond ?? figures.ackedPerSecond;
const middleOf = (line: TableLine): number => rateOf(line)?.median ?? 0;

const textAt = (x: number, y: number, kind: string, text: string): string =>
  `<text x="${px(x)}" y="${px(y)}" class="${kind}">${escaped(text)}</text>`;

function row(line: TableLine, y: number, mostOfAll: number, isOurs: boolean): string {
  const { median, least, most } = rateOf(line) ?? { median: 0, least: 0, most: 0 };
  const at = (value: number): number => edgePx + labelPx + (value / mostOfAll) * scalePx;
  const middle = y + barPx / 2;
  const stores = line.figures.rowsPerSecond === undefined ? ' (stores nothing)' : '';
  const told = Math.round(median).toLocaleString('en');
  return [
    textAt(edgePx, middle + 4.5, 'label', line.competitor + stores),
    `<rect x="${px(at(0))}" y="${y}" width="${px(at(median) - at(0))}" height="${barPx}" rx="2" class="${isOurs ? 'ours' : 'other'}"/>`,
    `<line x1="${px(at(least))}" x2="${px(at(most))}" y1="${middle}" y2="${middle}" class="spread"/>`,
    textAt(at(most) + 8, middle + 4.5, 'figure', told),
  ].join('\n');
}
