/** The event loop's end of the thread that owns readings.db. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Packed } from './answers.ts';
import type { FromWriter, Question, ToWriter, WriterOptions } from './messages.ts';

export type Ready = Extract<FromWriter, { kind: 'ready' }>;
type Asked = { readonly resolve: (answer: Packed) => void; readonly reject: (why: Error) => void };

/** Questions that may wait; more are answered with an error at once. */
const questionsMax = 200;

export class WritingThread {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #asked = new Map<number, Asked>();
  readonly #hear: (message: FromWriter) => void;
  readonly #onFatal: (error: Error) => void;
  #questions = 0;
  #ended = false;

  /** Starts the thread; rejects when the file cannot be opened. */
  static async start(
    options: WriterOptions,
    hear: (message: FromWriter) => void,
    onFatal: (error: Error) => void,
  ): Promise<{ thread: WritingThread; ready: Ready }> {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: options });
    const [ready] = (await once(worker, 'message')) as [Ready];
    return { thread: new WritingThread(worker, hear, onFatal), ready };
  }

  private constructor(
    worker: Worker,
    hear: (message: FromWriter) => void,
    onFatal: (error: Error) => void,
  ) {
    this.#worker = worker;
    this.#hear = hear;
    this.#onFatal = onFatal;
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.on('message', (message: FromWriter) => this.#take(message));
    worker.on('error', (error: Error) => this.#fail(error));
    worker.once('exit', () => this.#fail(new Error('the writer of readings ended by itself')));
  }

  say(message: ToWriter, given: ArrayBuffer[] = []): void {
    if (!this.#ended) this.#worker.postMessage(message, given);
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

  async close(): Promise<void> {
    this.say({ kind: 'close' });
    this.#end();
    await this.#exited;
  }

  #take(message: FromWriter): void {
    if (message.kind !== 'answer' && message.kind !== 'no-answer') {
      if (!this.#ended) this.#hear(message);
      return;
    }
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    if (message.kind === 'answer') asked?.resolve(message.answer);
    else asked?.reject(new Error(message.why));
  }

  #fail(error: Error): void {
    if (this.#ended) return;
    this.#end();
    this.#onFatal(error);
  }

  #end(): void {
    this.#ended = true;
    for (const { reject } of this.#asked.values()) reject(new Error('the hub is closing'));
    this.#asked.clear();
  }
}
