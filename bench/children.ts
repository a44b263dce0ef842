/** Processes that are measured: each is started, asked, weighed and ended here. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { undoAtTheEnd } from './leaving.ts';

/** Linux counts processor time in hundredths of a second, whatever the kernel's own tick (proc(5)). */
const ticksPerSecond = 100;
/** How long a child may take to start or to answer. */
const patienceMs = 120_000;

export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** What a Node child said when it was ready; empty for another program. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** The answer of a Node child; rejects when it ends instead. */
  ask(question: string): Promise<Readonly<Record<string, unknown>>>;
}

export type ChildOptions = {
  readonly words?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly nodeOptions?: readonly string[];
};

/** Starts a module of ours in a process of its own and waits until it says that it is ready. */
export async function startNode(module: URL, options: ChildOptions = {}): Promise<Child> {
  const process_ = fork(module, options.words ?? [], {
    env: { ...process.env, ...options.env },
    execArgv: [...(options.nodeOptions ?? [])],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const child = keep(process_);
  try {
    const ready = await hear(process_, child.complaints);
    return { ...child, ready, ask: (question) => ask(process_, child.complaints, question) };
  } catch (problem) {
    await child[Symbol.asyncDispose]();
    throw problem;
  }
}

/** Starts a program; `isReady` is asked again and again until it says yes. */
export async function startProgram(
  program: string,
  words: readonly string[],
  isReady: () => Promise<boolean>,
  env: NodeJS.ProcessEnv = {},
  folder?: string,
): Promise<Child> {
  const process_ = spawn(program, words, {
    ...(folder === undefined ? {} : { cwd: folder }),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  process_.on('error', () => {});
  const child = keep(process_);
  const deadline = performance.now() + patienceMs;
  while (!(await isReady())) {
    if (child.pid === 0 || process_.exitCode !== null || performance.now() > deadline) {
      await child[Symbol.asyncDispose]();
      throw new Error(`${program} does not start: ${child.complaints()}`);
    }
    await sleep(20);
  }
  const cannotAnswer = () => Promise.reject(new Error(`${program} does not answer questions`));
  return { ...child, ready: {}, ask: cannotAnswer };
}

function keep(process_: ChildProcess) {
  let complaints = '';
  process_.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-2000);
  });
  const gone = process_.pid === undefined ? Promise.resolve([]) : once(process_, 'exit');
  const killing = undoAtTheEnd(() => void process_.kill('SIGKILL'));
  return {
    pid: process_.pid ?? 0,
    complaints: () => complaints,
    async [Symbol.asyncDispose]() {
      killing[Symbol.dispose]();
      await gone;
    },
  };
}

async function ask(process_: ChildProcess, complaints: () => string, question: string) {
  const answer = hear(process_, complaints);
  process_.send(question);
  return answer;
}

function hear(process_: ChildProcess, complaints: () => string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      process_.off('message', take);
      reject(new Error(`${process_.spawnargs[1]} ${why}: ${complaints()}`));
    };
    const ended = () => fail('ended');
    const timer = setTimeout(fail, patienceMs, 'does not answer');
    const take = (message: unknown) => {
      clearTimeout(timer);
      process_.off('exit', ended);
      resolve(message as Record<string, unknown>);
    };
    process_.once('message', take);
    process_.once('exit', ended);
  });
}

/** Processor seconds that the processes have used so far, user and system. */
export const cpuSecondsOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    // The name of the program may hold blanks; what follows its bracket does not (proc(5)).
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }, 0);

/** Memory that the processes hold now, and the most that they ever held, in 10^6 bytes. */
export function memoryMbOf(pids: readonly number[]): { now: number; most: number } {
  const sum = { now: 0, most: 0 };
  for (const pid of pids) {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    sum.now += (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024) / 1e6;
    sum.most += (Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024) / 1e6;
  }
  return sum;
}
