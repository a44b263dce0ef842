/** The checks beside the tests: types, lint with layers and lengths, and line coverage. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export type CheckOutcome = {
  readonly ok: boolean;
  /** A few words for the line of the check. */
  readonly figure: string;
  /** What to show when it failed. */
  readonly output: string;
};

/** Lines of gateway/ that some test must run, in percent. */
const leastLinesPercent = 60;

const coverageFolder = 'coverage';

/** Where the test files leave what ran, for `NODE_V8_COVERAGE`; emptied first. */
export function freshCoverageFolder(top: string): string {
  rmSync(join(top, coverageFolder), { recursive: true, force: true });
  return join(top, coverageFolder, 'raw');
}

/** Runs a tool from node_modules on this Node. */
async function tool(top: string, words: readonly string[]): Promise<CheckOutcome> {
  const child = spawn(process.execPath, words, { cwd: top, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  const [code] = await once(child, 'close');
  return { ok: code === 0, figure: '', output };
}

export const checkTypes = (top: string): Promise<CheckOutcome> =>
  tool(top, ['node_modules/typescript/bin/tsc', '--noEmit', '--pretty', 'false']);

export const checkLint = (top: string): Promise<CheckOutcome> =>
  tool(top, ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.']);

/** Files of types only have no line to run, so ports and events do not count. */
export async function checkCoverage(top: string): Promise<CheckOutcome> {
  const report = await tool(top, [
    'node_modules/c8/bin/c8.js',
    'report',
    '--all',
    '--merge-async',
    `--temp-directory=${coverageFolder}/raw`,
    `--reports-dir=${coverageFolder}`,
    '--reporter=text',
    '--reporter=json-summary',
    '--extension=.ts',
    '--src=gateway',
    '--include=gateway/**',
    '--exclude=gateway/ports/**',
    '--exclude=gateway/events/**',
  ]);
  if (!report.ok) return report;
  const summary = JSON.parse(
    readFileSync(join(top, coverageFolder, 'coverage-summary.json'), 'utf8'),
  );
  const percent: number = summary.total.lines.pct;
  return {
    ok: percent >= leastLinesPercent,
    figure: `${percent} % of lines, at least ${leastLinesPercent} %`,
    output: report.output,
  };
}
