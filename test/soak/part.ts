/** One process of a soak: started, asked, stopped in its tracks, killed and waited for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Answer } from './told.ts';

/** How long a process may take to start, or to answer; a loaded machine is slow. */
const patienceMs = 90_000;
/** A hub that was told to end and does not is ended. */
const endMs = 20_000;
/** What is remembered of what a process complained about. */
const complaintsMost = 20_000;

export type PartOptions = {
  readonly name: string;
  /** A module and its arguments. */
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly nodeOptions?: readonly string[];
};

export class Part implements AsyncDisposable {
  readonly name: string;
  readonly startedAt = performance.now();
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #ready = Promise.withResolvers<unknown>();
  #asked = 0;
  #complaints = '';

  constructor({ name, words, env = process.env, nodeOptions = [] }: PartOptions) {
    this.name = name;
    this.#child = spawn(process.execPath, [...nodeOptions, ...words], {
      env: { MALLOC_ARENA_MAX: '2', ...env } as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const { stdout, stderr } = this.#child;
    for (const stream of [stdout, stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#complaints = (this.#complaints + text).slice(-complaintsMost);
      });
    this.#gone = once(this.#child, 'exit');
    this.#ready.promise.catch(() => {});
    this.#child.on('message', (told: Answer | object) => this.#hear(told));
    this.#child.once('exit', (code, signal) => this.#end(`${name} ended (${signal ?? code})`));
  }

  #hear(told: Answer | object): void {
    if (!('number' in told)) return this.#ready.resolve(told);
    this.#waiting.get(told.number)?.(told);
    this.#waiting.delete(told.number);
  }

  #end(problem: string): void {
    this.#ready.reject(new Error(`${problem}: ${this.#complaints.slice(-2_000)}`));
    for (const [number, hear] of this.#waiting) hear({ number, problem });
    this.#waiting.clear();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get complaints(): string {
    return this.#complaints;
  }

  /** What it said when it was ready. Rejects when it ended before, or takes too long. */
  ready<Ready>(): Promise<Ready> {
    return inTime(this.#ready.promise as Promise<Ready>, `${this.name} does not get ready`);
  }

  /** Resolves once the process is gone, however it went. */
  async gone(): Promise<void> {
    await this.#gone;
  }

  async ask<Found>(deed: string, about: unknown = null): Promise<Found> {
    const number = this.#asked++;
    const heard = new Promise<Answer>((resolve) => {
      this.#waiting.set(number, resolve);
      if (this.#child.connected) this.#child.send({ number, deed, about });
      else this.#end(`${this.name} is gone`);
    });
    const answer = await inTime(heard, `${this.name} does not answer ${deed}`);
    if ('problem' in answer) throw new Error(`${this.name}, ${deed}: ${answer.problem}`);
    return answer.answer as Found;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The power is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#gone;
  }

  /** Told to end, as at an upgrade. */
  async end(): Promise<void> {
    const impatient = setTimeout(() => this.signal('SIGKILL'), endMs);
    this.signal('SIGTERM');
    await this.#gone;
    clearTimeout(impatient);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isAlive) return;
    await this.kill();
  }
}

async function inTime<Found>(found: Promise<Found>, problem: string): Promise<Found> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(problem)), patienceMs);
  try {
    return await Promise.race([found, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
