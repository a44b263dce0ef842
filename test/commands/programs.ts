/** Starts the real command line as its user does, in an environment of our own, and leaves nothing running. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeDown } from '../support/transcript.ts';

const cli = join(import.meta.dirname, '../../gateway/cli.ts');
const outputMax = 4 * 1024 * 1024;
const patienceMs = 60_000;
const lookEveryMs = 50;

export type Environment = Readonly<Record<string, string>>;
export type Ended = {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** A folder that goes with the test. */
export function aFolder() {
  const path = mkdtempSync(join(tmpdir(), 'jirani-commands-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

const anyPort: Environment = {
  HTTP_PORT: '0',
  CALLBACK_PORT: '0',
  MQTT_PORT: '0',
  MQTTS_PORT: '0',
};
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'NODE_COMPILE_CACHE', 'NODE_V8_COVERAGE'];

/** Nothing of the developer's own configuration reaches the program. */
function environment(more: Environment): Record<string, string> {
  const kept = passedOn.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(kept), ...anyPort, ...more };
}

export type Program = AsyncDisposable & {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** What it said that looks so; waits for it, and throws with all that it said when it ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<Ended>;
  /** To this process alone, as `kill` does. */
  signal(name: NodeJS.Signals): void;
};

export type Place = {
  /** Where the command runs; somewhere without a `.env` otherwise. */
  readonly cwd?: string;
  /** In a process group of its own, as a terminal starts it, so that Ctrl-C can be sent to all of it. */
  readonly inTerminal?: boolean;
};

/** To a program in its own group and to all that it started, as Ctrl-C in a terminal does. */
export const ctrlC = ({ pid }: Program): void => void process.kill(-pid, 'SIGINT');

/** Starts `hub WORDS…`; disposing kills it and waits for the end of all that it started. */
export function begin(
  words: readonly string[],
  env: Environment = {},
  { cwd = tmpdir(), inTerminal = false }: Place = {},
): Program {
  const child = spawn(process.execPath, [cli, ...words], {
    cwd,
    env: environment(env),
    detached: inTerminal,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the command line does not start');
  // Telling its account is what the simulator alone is for.
  const note = words[0] === 'mpesa' ? () => {} : writeDown;
  const [stdout, stderr] = [collect(child.stdout, note), collect(child.stderr, note)];
  const ended = endOf(child, stdout, stderr);
  const says = async (pattern: RegExp): Promise<RegExpExecArray> => {
    const look = () => pattern.exec(`${stderr()}\n${stdout()}`) ?? undefined;
    const first = await Promise.race([ended, until(String(pattern), async () => look())]);
    const found = 'index' in first ? first : look();
    if (found === undefined) throw new Error(`never said ${pattern}: ${stderr()}${stdout()}`);
    return found;
  };
  return {
    pid,
    stdout,
    stderr,
    says,
    ended,
    signal: (name) => void child.kill(name),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function collect(stream: NodeJS.ReadableStream, note: (text: string) => void): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    if (text.length < outputMax) text += chunk;
    note(chunk);
  });
  return () => text;
}

async function endOf(
  child: ChildProcess,
  stdout: () => string,
  stderr: () => string,
): Promise<Ended> {
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, stdout: stdout(), stderr: stderr() };
}

/** Runs a command to its end. */
export async function run(
  words: readonly string[],
  env: Environment = {},
  place: Place = {},
): Promise<Ended> {
  await using program = begin(words, env, place);
  return await program.ended;
}

/** Looks until there is something; throws when it takes too long. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  mostMs = patienceMs,
): Promise<T> {
  const began = performance.now();
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() - began > mostMs) throw new Error(`waited in vain: ${what}`);
    await sleep(lookEveryMs);
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie answers too, but does nothing any more.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Milliseconds until none of the processes is left. */
export async function goneAfterMs(pids: readonly number[]): Promise<number> {
  const began = performance.now();
  await until('all processes end', async () => !pids.some(isRunning));
  return performance.now() - began;
}
