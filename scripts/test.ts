/**
 * Runs every check and every test, and ends with one line that says how many passed and failed.
 *
 * `scripts/test [PATTERN] [--install] [--require-all] [--coverage]`; `--suites DIR` runs only the test
 * files below DIR/test and no other check: it is how the runner is tested.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type CheckOutcome,
  checkCoverage,
  checkLint,
  checkTypes,
  freshCoverageFolder,
} from './checks.ts';
import { installLine, installMissing } from './debian-programs.ts';
import { leaksOf, transcriptsIn } from './leaks.ts';
import { type FileOutcome, killAll, runFiles, testFiles } from './test-files.ts';

const top = resolve(import.meta.dirname, '..');
const tally = { passed: 0, failed: 0, skipped: 0 };

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      install: { type: 'boolean', default: false },
      'require-all': { type: 'boolean', default: false },
      coverage: { type: 'boolean', default: false },
      suites: { type: 'string' },
    },
  });
  if (positionals.length > 1) throw new Error('one PATTERN at most');
  const partly = positionals.length > 0 || values.suites !== undefined;
  if (values.coverage && partly) throw new Error('--coverage is for all tests, without a PATTERN');
  return { ...values, pattern: new RegExp(positionals[0] ?? '') };
}

async function check(name: string, run: (top: string) => Promise<CheckOutcome>): Promise<void> {
  const start = performance.now();
  const { ok, figure, output } = await run(top);
  const words = [ok ? '✔' : '✘', name, figure, `${Math.round(performance.now() - start)} ms`];
  say(words.filter((word) => word !== '').join('  '));
  if (!ok) say(output);
  tally[ok ? 'passed' : 'failed'] += 1;
}

function tellFile({ file, passed, total, ms, complaints, output, skipped }: FileOutcome): void {
  if (skipped !== undefined) {
    say(`SKIPPED  ${file}  needs ${skipped}; get it with (as root): ${installLine}`);
    return;
  }
  say(`${complaints.length === 0 ? '✔' : '✘'}  ${file}  ${passed}/${total}  ${ms} ms`);
  for (const complaint of complaints) say(`   ✘ ${complaint}`);
  if (complaints.length > 0 && output !== '') say(output);
}

/** The tests see the environment of the caller; seeds are reduced unless the caller says otherwise. */
function environment(coverageFolder: string | undefined): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { JIRANI_TEST_SEEDS: 'reduced', ...process.env };
  if (env['JIRANI_TEST_SEEDS'] === 'reduced')
    say('seeds are reduced (JIRANI_TEST_SEEDS=reduced); scripts/crash runs them in full');
  // The cache of compiled modules hides from coverage which lines ran.
  const { NODE_COMPILE_CACHE: _, ...uncached } = env;
  return coverageFolder === undefined
    ? { ...env, NODE_COMPILE_CACHE: join(top, 'node_modules/.cache/compiled') }
    : { ...uncached, NODE_V8_COVERAGE: coverageFolder };
}

async function runTests(root: string, pattern: RegExp, env: NodeJS.ProcessEnv): Promise<void> {
  const files = testFiles(root, pattern);
  if (files.length === 0) {
    say(`✘ no test file matches ${pattern}`);
    tally.failed += 1;
  }
  const start = performance.now();
  const transcripts = mkdtempSync(join(tmpdir(), 'jirani-transcripts-'));
  const outcomes = await runFiles(
    files,
    root,
    { ...env, JIRANI_TRANSCRIPTS: transcripts },
    tellFile,
  );
  for (const { passed, total, complaints, skipped } of outcomes) {
    tally.passed += passed;
    if (skipped !== undefined) tally.skipped += 1;
    if (complaints.length > 0) tally.failed += Math.max(1, total - passed);
  }
  say(`${files.length} test files in ${Math.round((performance.now() - start) / 1_000)} s`);
  tellLeaks(outcomes, transcripts);
  for (const { file } of outcomes.filter(({ complaints }) => complaints.length > 0))
    say(`✘ ${file}`);
}

/** What any test, or any program that a test started, printed for all to read. */
function tellLeaks(outcomes: readonly FileOutcome[], transcripts: string): void {
  const said = outcomes.map(({ file, output }) => [file, output] as const);
  const leaks = leaksOf(new Map([...said, ...transcriptsIn(transcripts)]));
  rmSync(transcripts, { recursive: true, force: true });
  for (const leak of leaks) say(`✘ leaked by ${leak}`);
  tally.failed += leaks.length;
}

async function runAll(wanted: ReturnType<typeof readArguments>): Promise<void> {
  const trouble = wanted.install ? installMissing() : undefined;
  if (trouble !== undefined) {
    say(`✘ install: ${trouble}`);
    tally.failed += 1;
    return;
  }
  if (wanted.suites !== undefined) {
    await runTests(resolve(wanted.suites), wanted.pattern, environment(undefined));
    return;
  }
  await check('types', checkTypes);
  await check('lint, layers, lengths', checkLint);
  const coverageFolder = wanted.coverage ? freshCoverageFolder(top) : undefined;
  await runTests(top, wanted.pattern, environment(coverageFolder));
  if (wanted.coverage) await check('coverage', checkCoverage);
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  process.once(signal, () => {
    killAll();
    process.exit(code);
  });

async function main(): Promise<number> {
  let wanted: ReturnType<typeof readArguments>;
  try {
    wanted = readArguments();
  } catch (problem) {
    say(`scripts/test: ${problem instanceof Error ? problem.message : problem}`);
    say('0 passed, 1 failed');
    return 2;
  }
  try {
    await runAll(wanted);
  } catch (problem) {
    say(`✘ the runner itself: ${problem instanceof Error ? problem.stack : problem}`);
    tally.failed += 1;
  }
  const { passed, failed, skipped } = tally;
  say(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failed > 0 || (wanted['require-all'] && skipped > 0) ? 1 : 0;
}

process.exitCode = await main();
