/** Collects payloads on the event loop, hands whole batches to the writing thread, answers after its commit. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { MeterId } from '../../core/ids.ts';
import type { EpochMs } from '../../core/units.ts';
import type { Verdict } from '../../ports/readings.ts';
import { type FromWriter, type ToWriter, verdicts, type WriterOptions } from './messages.ts';
import { PayloadBatch } from './payload-batch.ts';

/** A batch of this many payloads does not wait for the commit interval. */
const batchMax = 2000;
/** The commit interval while a meter sends a backlog: it waits for each PUBACK before the next reading. */
const backlogCommitMs = 20;

export type Ready = Extract<FromWriter, { kind: 'ready' }>;
export type Committed = Extract<FromWriter, { kind: 'committed' }>;
type Settled = (verdict: Verdict) => void;

export type GroupCommitOptions = WriterOptions & {
  readonly commitMs: number;
  readonly pendingMax: number;
  readonly onCommitted: (committed: Committed) => void;
  readonly onDiskRefused: (code: string) => void;
  readonly onFatal: (error: Error) => void;
};

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #batch = new PayloadBatch();
  #spare: ArrayBuffer | undefined;
  #waiting: Settled[] = [];
  #underWay: Settled[] = [];
  #timer: NodeJS.Timeout | undefined;
  #lastCommitMs = Number.NEGATIVE_INFINITY;
  #intervalMs: number;
  #flushed: PromiseWithResolvers<void> | undefined;
  #diskRefuses = false;
  #closing = false;
  #ended = false;

  /** Starts the thread; rejects when the file cannot be opened. */
  static async start(options: GroupCommitOptions): Promise<{ commits: GroupCommit; ready: Ready }> {
    const { file, fileBytesMax } = options;
    const workerData: WriterOptions = { file, fileBytesMax };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
    const [ready] = (await once(worker, 'message')) as [Ready];
    return { commits: new GroupCommit(worker, options), ready };
  }

  constructor(worker: Worker, options: GroupCommitOptions) {
    this.#worker = worker;
    this.#options = options;
    this.#intervalMs = options.commitMs;
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.on('message', (message: FromWriter) => this.#hear(message));
    worker.on('error', (error: Error) => this.#fail(error));
    worker.once('exit', () => this.#fail(new Error('the writer of readings ended by itself')));
  }

  /** Beyond `pendingMax` the payload is dropped and never settled: its meter still has it. */
  offer(meter: MeterId, payload: Uint8Array, receivedAt: EpochMs, settled: Settled): void {
    const pending = this.#waiting.length + this.#underWay.length;
    if (this.#ended || pending >= this.#options.pendingMax) return;
    this.#batch.add(meter, payload, receivedAt);
    this.#waiting.push(settled);
    this.#schedule();
  }

  /** Resolves when nothing is pending any more, or at close. */
  flush(): Promise<void> {
    if (this.#ended || this.#waiting.length + this.#underWay.length === 0) return Promise.resolve();
    this.#flushed ??= Promise.withResolvers<void>();
    this.#schedule();
    return this.#flushed.promise;
  }

  /** Commits what is pending, unless the disk refuses: then the meters keep their readings. */
  async drain(): Promise<void> {
    this.#closing = true;
    if (!this.#diskRefuses) await this.flush();
  }

  /** Ends the thread; what is still pending is never settled. */
  async close(): Promise<void> {
    this.#end();
    this.#worker.postMessage({ kind: 'close' } satisfies ToWriter);
    await this.#exited;
  }

  #schedule(): void {
    if (this.#ended || this.#underWay.length > 0 || this.#waiting.length === 0) return;
    if (this.#flushed || this.#waiting.length >= batchMax) {
      this.#send();
      return;
    }
    const waitMs = this.#lastCommitMs + this.#intervalMs - performance.now();
    this.#timer ??= setTimeout(() => this.#send(), Math.max(0, waitMs));
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#underWay = this.#waiting;
    this.#waiting = [];
    const { buffer, used } = this.#batch.take(this.#spare);
    this.#spare = undefined;
    this.#lastCommitMs = performance.now();
    this.#worker.postMessage({ kind: 'batch', buffer, used } satisfies ToWriter, [buffer]);
  }

  #hear(message: FromWriter): void {
    if (this.#ended || message.kind === 'ready') return;
    this.#diskRefuses = message.kind === 'refused';
    if (message.kind === 'refused') {
      this.#options.onDiskRefused(message.code);
      if (this.#closing) this.#resolveFlush();
      return;
    }
    const settled = this.#underWay;
    this.#underWay = [];
    this.#spare = message.buffer;
    const { commitMs } = this.#options;
    this.#intervalMs = message.backlog ? Math.min(commitMs, backlogCommitMs) : commitMs;
    this.#options.onCommitted(message);
    for (const [index, settle] of settled.entries()) {
      const verdict = verdicts[message.verdicts[index] ?? -1];
      if (verdict === undefined) throw new Error('the writer answered for fewer payloads');
      settle(verdict);
    }
    if (this.#waiting.length === 0) this.#resolveFlush();
    else this.#schedule();
  }

  #fail(error: Error): void {
    if (this.#ended) return;
    this.#end();
    this.#options.onFatal(error);
  }

  #end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#resolveFlush();
  }

  #resolveFlush(): void {
    this.#flushed?.resolve();
    this.#flushed = undefined;
  }
}
