/** What the bench writes down: a page and a picture. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drawRates } from '../../bench/plot.ts';
import { writeReport } from '../../bench/report.ts';
import type { TableLine } from '../../bench/results.ts';

const report = suite('the report of a bench');

const rate = { median: 50_000, least: 40_000, most: 60_000 };
const aLine = (differs: Partial<TableLine> = {}): TableLine => ({
  scenario: '500 meters',
  competitor: 'Jirani',
  puback: 'is on the disk',
  figures: { rowsPerSecond: rate },
  ...differs,
});

report('draws a bar for whoever has a rate, and none for whoever lost the right to it', () => {
  const forgetful = { competitor: 'Forgetful & Sons', figures: {}, refused: 'rows are missing' };
  const half = {
    competitor: 'Half <as fast>',
    figures: { ackedPerSecond: { ...rate, median: 25_000 } },
  };
  const picture = drawRates([aLine(), aLine(half), aLine(forgetful)], 'Jirani');
  const widths = [...picture.matchAll(/<rect .*?width="([\d.]+)"/g)].map(([, width]) =>
    Number(width),
  );
  assert.is(widths.length, 2);
  assert.ok(Math.abs((widths[0] ?? 0) / (widths[1] ?? 1) - 2) < 0.01);
  assert.match(picture, /Half &lt;as fast>.*\(stores nothing\)/);
  assert.not.match(picture, /Forgetful/);
  assert.match(picture, /prefers-color-scheme: dark/);
});

report('tells machine, bars, figures, and what could not be measured', () => {
  const top = mkdtempSync(join(tmpdir(), 'jirani-report-'));
  try {
    mkdirSync(join(top, 'docs'));
    const machine = {
      ...{ cpu: 'a small computer', cores: 2, memoryMb: 1000, system: 'Linux', node: 'v24' },
      ...{ sqlite: '3.53', diskFlushMs: 4.2 },
    };
    const bars = [{ name: 'start', value: 3, unit: 's', bar: 2, ok: false }];
    const files = writeReport(
      top,
      { name: 'ingest', machine, bars, absent: ['a neighbour: it is not installed\nmore'] },
      new Map([
        ['storage', { figures: { 'opened in ms': 3000 }, bars }],
        ['throughput', { figures: {}, bars: [], lines: [aLine()] }],
      ]),
    );
    assert.equal(files, ['docs/performance.md', 'docs/performance-ingest.svg']);
    const page = readFileSync(join(top, 'docs/performance.md'), 'utf8');
    assert.match(page, /a small computer, 2 cores/);
    assert.match(page, /\| ✘ \| start \| 3 \| s \| 2 \|/);
    assert.match(page, /\| opened in ms \| 3,000 \|/);
    assert.match(page, /50,000 \(40,000 to 60,000\)/);
    assert.match(page, /Not measured: a neighbour: it is not installed\.\n/);
    assert.match(readFileSync(join(top, 'docs/performance-ingest.svg'), 'utf8'), /<svg/);
  } finally {
    rmSync(top, { recursive: true });
  }
});

report.run();
