/**
 * Judges what one uvu file reported.
 *
 * uvu 0.5.6 exits 0 when `before` or `after.each` throws, when a test throws something that is not an
 * Error, when a suite forgets `.run()`, and with `.only`. So its exit code is only one of the witnesses.
 */
import { stripVTControlCharacters } from 'node:util';

/** How the process of a test file ended; `stopped` when it had to be killed. */
export type Ending = {
  readonly stdout: string;
  readonly code: number | null;
  readonly signal: string | null;
  readonly stopped: string | undefined;
};

export type Verdict = {
  readonly total: number;
  readonly passed: number;
  /** Empty when the file is green. */
  readonly complaints: readonly string[];
};

const lastSummary =
  /\n {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)\n {2}Duration: (?![\s\S]*\n {2}Total: )/;
const suiteWritten = /^\s*(?:const|let) \w+ = suite(?:<.*>)?\(/gm;
const suiteReported = / {2}\(\d+ \/ \d+\)$/gm;
const focusedOrSkipped = /^\s*\w+\.(?:only|skip)\(/m;

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** True when uvu has printed its summary, so that only open handles keep the file alive. */
export const isOver = (stdout: string): boolean =>
  / Duration: +[\d.]+ms\n\s*$/.test(stdout.slice(-200));

/** Compares what the file says it holds, what uvu said about it, and how the process ended. */
export function judge(source: string, { stdout, code, signal, stopped }: Ending): Verdict {
  const report = stripVTControlCharacters(stdout);
  const [, total = 0, passed = 0, skipped = 0] = lastSummary.exec(report)?.map(Number) ?? [];
  const written = count(source, suiteWritten);
  const reported = count(report, suiteReported);

  const wrong: readonly (readonly [boolean, string])[] = [
    [stopped !== undefined, stopped ?? ''],
    [!lastSummary.test(report), 'uvu gave no summary: a run() is missing, or it exited early'],
    [lastSummary.test(report) && total === 0, 'no test ran'],
    [
      passed < total,
      `${total - passed} of ${total} tests did not pass (uvu hides what a hook throws)`,
    ],
    [skipped > 0 || focusedOrSkipped.test(source), '.only and .skip hide tests'],
    [
      written !== reported,
      `${written} suites written as \`const name = suite(…)\`, ${reported} reported: is a run() missing?`,
    ],
    [stopped === undefined && code !== 0, `ended with ${code ?? signal}`],
  ];
  return { total, passed, complaints: wrong.filter(([is]) => is).map(([, text]) => text) };
}
