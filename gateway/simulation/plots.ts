/** Plots as SVG text, with nothing from outside. */
import { escaped } from './escaped.ts';

export type Series = {
  readonly name: string;
  readonly colour: string;
  readonly values: readonly number[];
};

const [width, height] = [640, 240];
const pad = { left: 56, right: 12, top: 28, bottom: 28 };
const inner = { width: width - pad.left - pad.right, height: height - pad.top - pad.bottom };
const gridLines = 4;

const fixed = (value: number): string => value.toFixed(1);

/** Groups of bars; one group per label. */
export function barPlot(
  title: string,
  unit: string,
  labels: readonly string[],
  series: readonly Series[],
): string {
  const most = niceMost(series.flatMap(({ values }) => values));
  const group = inner.width / Math.max(1, labels.length);
  const bar = (group * 0.8) / Math.max(1, series.length);
  const bars = series.flatMap(({ colour, values, name }, at) =>
    values.map((value, index) => {
      const tall = (Math.max(0, value) / most) * inner.height;
      const x = pad.left + index * group + group * 0.1 + at * bar;
      const y = pad.top + inner.height - tall;
      return `<rect x="${fixed(x)}" y="${fixed(y)}" width="${fixed(bar)}" height="${fixed(tall)}" fill="${colour}"><title>${escaped(`${labels[index]}: ${name} ${value}`)}</title></rect>`;
    }),
  );
  return frame(title, unit, most, labels, series, bars.join(''));
}

/** One line per series; the first label stands at the left edge and the last at the right. */
export function linePlot(
  title: string,
  unit: string,
  labels: readonly string[],
  series: readonly Series[],
): string {
  const most = niceMost(series.flatMap(({ values }) => values));
  const lines = series.map(({ colour, values }) => {
    const points = values.map((value, at) => {
      const x = pad.left + (inner.width * (at + 0.5)) / Math.max(1, values.length);
      return `${fixed(x)},${fixed(pad.top + inner.height * (1 - value / most))}`;
    });
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`;
  });
  return frame(title, unit, most, labels, series, lines.join(''));
}

function frame(
  title: string,
  unit: string,
  most: number,
  labels: readonly string[],
  series: readonly Series[],
  drawn: string,
): string {
  const grid = Array.from({ length: gridLines + 1 }, (_, at) => {
    const y = fixed(pad.top + (inner.height * at) / gridLines);
    const value = (most * (gridLines - at)) / gridLines;
    return `<line x1="${pad.left}" x2="${width - pad.right}" y1="${y}" y2="${y}" class="grid"/><text x="${pad.left - 6}" y="${y}" class="scale">${shortly(value)}</text>`;
  });
  const step = Math.max(1, Math.ceil(labels.length / 12));
  const under = labels.map((label, at) => {
    if (at % step !== 0) return '';
    const x = fixed(pad.left + (inner.width * (at + 0.5)) / labels.length);
    return `<text x="${x}" y="${height - 10}" class="label">${escaped(label)}</text>`;
  });
  const legend = series.map(
    ({ name, colour }, at) =>
      `<rect x="${pad.left + at * 150}" y="6" width="10" height="10" fill="${colour}"/><text x="${pad.left + at * 150 + 14}" y="15" class="legend">${escaped(name)}</text>`,
  );
  return `<figure><figcaption>${escaped(title)} (${escaped(unit)})</figcaption><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">${grid.join('')}${drawn}${under.join('')}${legend.join('')}</svg></figure>`;
}

/** The next round number that all fit under. */
function niceMost(values: readonly number[]): number {
  const most = Math.max(0, ...values);
  if (most === 0) return 1;
  const size = 10 ** Math.floor(Math.log10(most));
  return Math.ceil(most / size) * size;
}

const shortly = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : String(Number(value.toFixed(2)));
