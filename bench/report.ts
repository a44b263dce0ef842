/** Turns what was measured into docs/performance.md and its picture. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ours } from './competitors.ts';
import type { Machine } from './machine.ts';
import { drawRates } from './plot.ts';
import { type Bar, rounded, type SectionResult, type TableLine } from './results.ts';
import type { Spread } from './spread.ts';

export type BenchDocument = {
  readonly name: string;
  readonly machine: Machine;
  readonly bars: readonly Bar[];
  readonly absent: readonly string[];
};

/** Answers the names of the files that it wrote below `top`. */
export function writeReport(
  top: string,
  document: BenchDocument,
  results: ReadonlyMap<string, SectionResult>,
): string[] {
  const lines = [...results.values()].flatMap((result) => result.lines ?? []);
  const files = { text: 'docs/performance.md', picture: `docs/performance-${document.name}.svg` };
  writeFileSync(join(top, files.picture), drawRates(lines, ours.name));
  writeFileSync(join(top, files.text), reportOf(document, results, lines));
  return [files.text, files.picture];
}

const reportOf = (
  { name, machine, bars, absent }: BenchDocument,
  results: ReadonlyMap<string, SectionResult>,
  lines: readonly TableLine[],
): string => `# Performance

How many readings the hub takes, what that costs, and how it was measured. \`scripts/bench ${name} --report\` writes
this page; \`scripts/bench ${name} --quick\` looks at the same in less than a minute.

Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryMb} MB, ${machine.system}, Node ${machine.node},
SQLite ${machine.sqlite}; 4 KiB reach the disk in ${machine.diskFlushMs} ms (median).

Parts that were run: ${[...results.keys()].join(', ')}; \`--only PART\` runs some of them.

## Bars

${table(
  ['', 'bar', 'measured', 'unit', 'asked for'],
  bars.map(({ name: bar, value, unit, bar: asked, ok }) => [
    ok ? '✔' : '✘',
    bar,
    numeral(value),
    unit,
    numeral(asked),
  ]),
)}

## Readings per second

![Readings per second](performance-${name}.svg)

${howItIsMeasured}

${[...new Set(lines.map(({ scenario }) => scenario))]
  .map(
    (scenario) => `### ${scenario}\n\n${inTable(lines.filter((one) => one.scenario === scenario))}`,
  )
  .join('\n\n')}

## Everything else

${[...results]
  .filter(([, { lines: rates }]) => rates === undefined)
  .map(([part, { figures }]) => `### ${part}\n\n${inPlainTable(figures)}`)
  .join('\n\n')}

${absent.length === 0 ? 'Everything could be measured.' : `Not measured: ${absent.map(oneLine).join('; ')}.`}
`;

const howItIsMeasured = `Every competitor is a process of its own on the same machine as the meters, which share its cores. Rounds are
interleaved (A, B, C, A, B, C); figures are medians, in brackets the least and the most. Meters speak MQTT 3.1.1 with
a user name and a password and publish the contract's JSON, about 160 bytes, at QoS 1. \`bench/loadgen\` keeps every
PUBACK, and afterwards each is looked up among the rows on the disk: a competitor whose rows are not exactly the
acknowledged readings gets no rate. A warm-up before each round counts for nothing else.

The hub checks password, topic, form, time, registers and duplicates of every reading, and answers after the reading
is on the disk. Sealing waits while readings pour in, so that rounds this short hold little of it. "Best" Mosquitto
has no limit of what is in flight or queued, no persistence and no log. The mqtt.js pipelines store into the hub's own
table; their rate ends with the last row. SQLite runs with a write-ahead log and waits for the disk at each commit:
the mqtt.js pipelines and SQLite alone with synchronous=FULL, the hub with fdatasync on the log. Only Node-RED's node
sets nothing, which means a rollback journal and FULL.`;

const columns: readonly (readonly [name: string, figure: keyof TableLine['figures']])[] = [
  ['rows/s on disk', 'rowsPerSecond'],
  ['acked/s', 'ackedPerSecond'],
  ['acked, missing', 'ackedButMissing'],
  ['p50 ms', 'p50Ms'],
  ['p99 ms', 'p99Ms'],
  ['CPU µs per reading', 'cpuUsPerReading'],
  ['RSS MB', 'rssMb'],
];

/** Figures of one scenario; a competitor without a right to its rate has the reason in its place. */
export const inTable = (lines: readonly TableLine[]): string =>
  table(
    ['', 'its PUBACK says', ...columns.map(([name]) => name)],
    lines.map(({ competitor, puback, figures, refused }) => [
      competitor,
      puback,
      ...columns.map(([, figure]) => {
        if (figure === 'rowsPerSecond' && refused !== undefined) return `no rate: ${refused}`;
        return spreadText(figures[figure]);
      }),
    ]),
  );

const inPlainTable = (figures: Readonly<Record<string, number>>): string =>
  table(
    ['figure', ''],
    Object.entries(figures).map(([name, value]) => [name, numeral(value)]),
  );

const numeral = (value: number): string =>
  (Math.abs(value) >= 1000 ? Math.round(value) : rounded(value)).toLocaleString('en', {
    maximumFractionDigits: 3,
  });

const spreadText = (spread: Spread | undefined): string => {
  if (spread === undefined) return '';
  const { median, least, most } = spread;
  return least === most
    ? numeral(median)
    : `${numeral(median)} (${numeral(least)} to ${numeral(most)})`;
};

const oneLine = (text: string): string => (text.split('\n')[0] ?? '').trim();

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
