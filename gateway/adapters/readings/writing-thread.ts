/** The event loop's end of the two threads behind readings.db: one writes, the other waits for the disk. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Reading } from '../../core/reading.ts';
import type { Packed } from './answers.ts';
import { aDiskBoard, sayClosing } from './disk-board.ts';
import type { HubTime } from './doubt.ts';
import type { FromDisk, FromWriter, Question, ToWriter, WriterOptions } from './messages.ts';

export type Ready = Extract<FromWriter, { kind: 'ready' }>;
export type Committed = Extract<FromWriter, { kind: 'committed' }>;
type Turned = Extract<FromWriter, { kind: 'turned' }>;
export type ThreadOptions = Omit<WriterOptions, 'board'>;

export type Hears = {
  /** Committed and on the disk, in the order of the batches. */
  readonly onDisk: (committed: Committed) => void;
  /** The disk said no to readings; the thread tries again by itself. */
  readonly refused: (code: string) => void;
  /** The disk said no to something that can wait. */
  readonly delayed: (code: string) => void;
  /** Readings were dated anew: the newest of each meter. */
  readonly moved: (latest: readonly Reading[]) => void;
  readonly fatal: (error: Error) => void;
};

type Asked = { readonly resolve: (answer: Packed) => void; readonly reject: (why: Error) => void };

/** Questions that may wait; more are answered with an error at once. */
const questionsMax = 200;
/** Garbage is collected early rather than memory taken: the hub has little. */
const heapOfWriter = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 192 };
const heapOfWaiter = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 24 };

const exitOf = (worker: Worker): Promise<void> =>
  new Promise((resolve) => worker.once('exit', () => resolve()));

export class WritingThread {
  readonly #writer: Worker;
  readonly #closeWaiter: () => void;
  readonly #waiterExited: Promise<void>;
  readonly #exited: Promise<unknown>;
  readonly #asked = new Map<number, Asked>();
  readonly #hears: Hears;
  /** Who waits for the answers to turns, in order. */
  readonly #turning: ((moved: number) => void)[] = [];
  /** Committed, and not yet known to be on the disk. */
  readonly #held: (Committed | Turned)[] = [];
  #onDiskUpTo = 0;
  #questions = 0;
  #ended = false;

  /** Starts both threads; rejects when the file cannot be opened. */
  static async start(
    options: ThreadOptions,
    hears: Hears,
  ): Promise<{ thread: WritingThread; ready: Ready }> {
    const board = aDiskBoard();
    const writer = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: { ...options, board } satisfies WriterOptions,
      resourceLimits: heapOfWriter,
    });
    const [ready] = (await once(writer, 'message')) as [Ready];
    const waiter = new Worker(new URL('./disk-thread.ts', import.meta.url), {
      workerData: { file: options.file, durability: options.durability, board },
      resourceLimits: heapOfWaiter,
    });
    await once(waiter, 'message').catch((error: unknown) => {
      writer.postMessage({ kind: 'close' } satisfies ToWriter);
      throw error;
    });
    const thread = new WritingThread(writer, waiter, () => sayClosing(board), hears);
    return { thread, ready };
  }

  private constructor(writer: Worker, waiter: Worker, closeWaiter: () => void, hears: Hears) {
    this.#writer = writer;
    this.#closeWaiter = closeWaiter;
    this.#hears = hears;
    this.#waiterExited = exitOf(waiter);
    this.#exited = Promise.all([exitOf(writer), this.#waiterExited]);
    writer.on('message', (message: FromWriter) => this.#takeFromWriter(message));
    waiter.on('message', (message: FromDisk) => this.#takeFromDisk(message));
    for (const worker of [writer, waiter]) {
      worker.on('error', (error: Error) => this.#fail(error));
      worker.once('exit', () => this.#fail(new Error('a thread of readings ended by itself')));
    }
  }

  say(message: ToWriter, given: ArrayBuffer[] = []): void {
    if (!this.#ended) this.#writer.postMessage(message, given);
  }

  /** Rejects when too many wait, when the file does not answer, and at the end. */
  ask(question: Question): Promise<Packed> {
    if (this.#ended || this.#asked.size >= questionsMax) {
      return Promise.reject(new Error('readings cannot be looked up now'));
    }
    const id = ++this.#questions;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.say({ kind: 'question', id, question });
    });
  }

  /** Resolves with how many readings were dated anew; at the end with 0. */
  turn(time: HubTime, isBelieved: boolean): Promise<number> {
    if (this.#ended) return Promise.resolve(0);
    return new Promise((resolve) => {
      this.#turning.push(resolve);
      this.say({ kind: 'turn', time, isBelieved });
    });
  }

  /** The disk thread first: the writer's end removes the log. */
  async close(): Promise<void> {
    this.#end();
    this.#closeWaiter();
    await this.#waiterExited;
    this.#writer.postMessage({ kind: 'close' } satisfies ToWriter);
    await this.#exited;
  }

  #takeFromDisk(message: FromDisk): void {
    if (this.#ended) return;
    if (message.kind === 'failed') {
      this.say({ kind: 'mend' });
      this.#hears.refused(message.code);
      return;
    }
    this.#onDiskUpTo = message.number;
    this.#passOn();
  }

  #takeFromWriter(message: FromWriter): void {
    switch (message.kind) {
      case 'committed':
      case 'turned':
        this.#held.push(message);
        this.#passOn();
        break;
      case 'refused':
        if (!this.#ended) this.#hears.refused(message.code);
        break;
      case 'delayed':
        if (!this.#ended) this.#hears.delayed(message.code);
        break;
      case 'answer':
        this.#asked.get(message.id)?.resolve(message.answer);
        this.#asked.delete(message.id);
        break;
      case 'no-answer':
        this.#asked.get(message.id)?.reject(new Error(message.why));
        this.#asked.delete(message.id);
        break;
      case 'ready':
        break;
    }
  }

  /** In the order in which they were written: what a turn replaces came before it. */
  #passOn(): void {
    while (!this.#ended) {
      const [first] = this.#held;
      if (first === undefined) return;
      if (first.kind === 'committed' && first.number > this.#onDiskUpTo) return;
      this.#held.shift();
      if (first.kind === 'committed') this.#hears.onDisk(first);
      else this.#sayTurned(first);
    }
  }

  #sayTurned({ moved, latest }: Turned): void {
    if (moved > 0) this.#hears.moved(latest);
    this.#turning.shift()?.(moved);
  }

  #fail(error: Error): void {
    if (this.#ended) return;
    this.#end();
    this.#closeWaiter();
    this.#hears.fatal(error);
  }

  #end(): void {
    this.#ended = true;
    for (const { reject } of this.#asked.values()) reject(new Error('the hub is closing'));
    this.#asked.clear();
    for (const resolve of this.#turning.splice(0)) resolve(0);
  }
}
