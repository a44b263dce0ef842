/** Finds the test files and runs each in a process group of its own, which is gone when the file is over. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installLine, isKnown, isPresent } from './debian-programs.ts';
import { isOver, judge, type Verdict } from './uvu-report.ts';

export type FileOutcome = Verdict & {
  readonly file: string;
  readonly ms: number;
  /** Everything the file wrote, in the order in which it arrived. */
  readonly output: string;
  /** What is missing here, when the file was not run at all. */
  readonly skipped: string | undefined;
};

const filesAtOnce = 2;
const fileTimeoutMs = 150_000;
/** The part of its timeout in which a file must end once its tests are over. */
const lingerPart = 1 / 15;
/** How long an escaped grandchild may hold the pipe. */
const pipeMs = 1_000;
const outputMax = 4 * 1024 * 1024;

const groups = new Set<number>();

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}

/** Ends every test file that still runs; for when the runner itself is told to stop. */
export function killAll(): void {
  for (const leader of groups) killGroup(leader);
}

/** Test files below `root`, as paths from there; `pattern` is looked for anywhere in the path. */
export const testFiles = (root: string, pattern: RegExp): string[] =>
  globSync('test/**/*.test.ts', { cwd: root })
    .filter((file) => pattern.test(file))
    .sort();

/**
 * What the first lines of a file ask for: `// needs: chromium`, `// timeout: 300s`. `// uncounted: WHY` leaves it out of
 * coverage, which makes every program that it starts compile anew.
 */
function wishesOf(source: string) {
  const header = /^(?:\/\/.*\n)*/.exec(source)?.[0] ?? '';
  const seconds = /^\/\/ timeout: (\d+)s$/m.exec(header)?.[1];
  return {
    needs:
      /^\/\/ needs: (.+)$/m
        .exec(header)?.[1]
        ?.trim()
        .split(/[\s,]+/) ?? [],
    timeoutMs: seconds === undefined ? fileTimeoutMs : Number(seconds) * 1_000,
    isUncounted: /^\/\/ uncounted: ./m.test(header),
  };
}

/** Runs one file to its end, or kills it and all that it started. */
async function runToItsEnd(file: string, root: string, env: NodeJS.ProcessEnv, timeoutMs: number) {
  const child = spawn(process.execPath, [file], {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const leader = child.pid;
  if (leader === undefined) throw new Error(`${process.execPath} does not start`);
  groups.add(leader);
  const closed = once(child, 'close');

  let stdout = '';
  let output = '';
  let stopped: string | undefined;
  let lingering: NodeJS.Timeout | undefined;
  const stop = (why: string) => {
    stopped = why;
    killGroup(leader);
  };
  const timer = setTimeout(stop, timeoutMs, `did not end within ${timeoutMs / 1_000} s`);
  const keep = (chunk: string) => {
    output += chunk;
    if (output.length > outputMax) stop(`wrote more than ${outputMax} characters`);
  };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    keep(chunk);
    if (!isOver(stdout)) return;
    const why = 'its tests were over but it did not end: a server, timer or child is still open';
    lingering ??= setTimeout(stop, timeoutMs * lingerPart, why);
  });
  child.stderr.setEncoding('utf8').on('data', keep);

  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearTimeout(timer);
  clearTimeout(lingering);
  killGroup(leader);
  await Promise.race([closed, sleep(pipeMs, undefined, { ref: false })]);
  child.stdout.destroy();
  child.stderr.destroy();
  groups.delete(leader);
  return { stdout, output, code, signal, stopped };
}

/** The name stands empty: where it is missing Node gives every child its own. */
const uncounted = (root: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compiled'),
  ...env,
  NODE_V8_COVERAGE: '',
});

async function runFile(file: string, root: string, env: NodeJS.ProcessEnv): Promise<FileOutcome> {
  const source = readFileSync(join(root, file), 'utf8');
  const { needs, timeoutMs, isUncounted } = wishesOf(source);
  const notRun = { file, ms: 0, total: 0, passed: 0, output: '', skipped: undefined };
  const unknown = needs.filter((program) => !isKnown(program));
  if (unknown.length > 0)
    return { ...notRun, complaints: [`needs ${unknown}, which \`${installLine}\` does not know`] };
  const missing = needs.filter((program) => !isPresent(program));
  if (missing.length > 0) return { ...notRun, complaints: [], skipped: missing.join(' and ') };

  const start = performance.now();
  const own = isUncounted ? uncounted(root, env) : env;
  const ending = await runToItsEnd(file, root, own, timeoutMs);
  const ms = Math.round(performance.now() - start);
  return { file, ms, output: ending.output, skipped: undefined, ...judge(source, ending) };
}

/** Runs the files, a few at once, and tells each outcome as it is known. */
export async function runFiles(
  files: readonly string[],
  root: string,
  env: NodeJS.ProcessEnv,
  tell: (outcome: FileOutcome) => void,
): Promise<FileOutcome[]> {
  const outcomes: FileOutcome[] = [];
  const waiting = files.values();
  const work = async () => {
    for (const file of waiting) {
      const outcome = await runFile(file, root, env);
      outcomes.push(outcome);
      tell(outcome);
    }
  };
  await Promise.all(Array.from({ length: filesAtOnce }, work));
  return outcomes;
}
