/** A part that is kept running, as systemd keeps a unit: what ends by itself is started again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Part, type PartOptions } from './part.ts';

/** Machine ms before a part that ended by itself is started again. */
const restartMs = 500;
/** A part that was never ready and ended so often is broken, and not a victim of what is thrown at it. */
const firstTriesMost = 3;

export class Kept<Ready> implements AsyncDisposable {
  readonly #options: () => PartOptions;
  readonly #onReady: (ready: Ready) => void;
  /** From each start to where it was ready, ms; only starts that came to be ready. */
  readonly startMs: number[] = [];
  /** Why it ended though nobody told it to. */
  readonly endings: string[] = [];
  #wanted = false;
  #part: Part | undefined;
  #life: Promise<void> = Promise.resolve();

  /** `options` are asked anew for each start. */
  constructor(options: () => PartOptions, onReady: (ready: Ready) => void) {
    this.#options = options;
    this.#onReady = onReady;
  }

  get part(): Part | undefined {
    return this.#part;
  }

  /** Resolves when it is ready for the first time, however many starts that took; or when it is not wanted any more. */
  async start(): Promise<void> {
    if (this.#wanted) return;
    this.#wanted = true;
    const up = Promise.withResolvers<void>();
    this.#life = this.#live(up.resolve);
    this.#life.catch(() => {});
    await Promise.race([up.promise, this.#life]);
  }

  async #live(up: () => void): Promise<void> {
    while (this.#wanted) {
      const part = new Part(this.#options());
      this.#part = part;
      try {
        this.#onReady(await part.ready<Ready>());
        this.startMs.push(performance.now() - part.startedAt);
        up();
      } catch {
        // It ended before it was ready, or hangs: both are told below.
        part.signal('SIGKILL');
      }
      await part.gone();
      if (!this.#wanted) return;
      this.endings.push(part.complaints.slice(-1_000));
      if (this.startMs.length === 0 && this.endings.length >= firstTriesMost)
        throw new Error(`${part.name} does not start: ${this.endings.at(-1)}`);
      await sleep(restartMs);
    }
  }

  /** The power is gone. */
  async kill(): Promise<void> {
    this.#wanted = false;
    this.#part?.signal('SIGKILL');
    await this.#life;
  }

  /** Told to end. */
  async end(): Promise<void> {
    this.#wanted = false;
    if (this.#part?.isAlive === true) await this.#part.end();
    await this.#life;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill().catch(() => {});
  }
}
