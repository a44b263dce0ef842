/** Collects payloads on the event loop, hands whole batches to the writing thread, answers after its commit. */
import type { MeterId } from '../../core/ids.ts';
import type { ReadingEntry, Settled } from '../../ports/readings.ts';
import { type FromWriter, type Introduction, verdicts } from './messages.ts';
import { PayloadBatch, type Spare } from './payload-batch.ts';
import type { WritingThread } from './writing-thread.ts';

/** A batch of this many payloads does not wait for the commit interval. */
const batchMax = 2000;
/** The commit interval while a meter sends a backlog: it waits for each PUBACK before the next reading. */
const backlogCommitMs = 20;
/** Batches that the thread has at once, so that it need not wait for the event loop between two. */
const batchesUnderWayMax = 2;

/** A buffer that a flood made larger than this is not kept for the next batch. */
const spareBytesMax = 4 * 2 ** 20;

export type Committed = Extract<FromWriter, { kind: 'committed' }>;

export type GroupCommitOptions = {
  readonly commitMs: number;
  readonly pendingMax: number;
  readonly now: () => number;
  readonly publicKeyOf: (meter: MeterId) => Uint8Array | undefined;
  readonly onCommitted: (committed: Committed) => void;
  readonly onDiskRefused: (code: string) => void;
};

/** Who waits for which payload, in the order of the batch. */
type Waiting = { readonly entries: Entry[]; readonly tickets: number[] };
const nobody = (): Waiting => ({ entries: [], tickets: [] });

class Entry implements ReadingEntry {
  readonly number: number;
  readonly settled: Settled;
  readonly #commits: GroupCommit;

  constructor(commits: GroupCommit, number: number, settled: Settled) {
    this.#commits = commits;
    this.number = number;
    this.settled = settled;
  }

  offer(bytes: Uint8Array, from: number, to: number, ticket: number): boolean {
    return this.#commits.offer(this, bytes, from, to, ticket);
  }
}

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #thread: WritingThread;
  readonly #batch = new PayloadBatch();
  readonly #listeners: (() => void)[] = [];
  readonly #numbers = new Map<MeterId, number>();
  readonly #names: MeterId[] = [];
  readonly #keys = new Map<MeterId, string>();
  #introductions: Introduction[] = [];
  #spares: Spare[] = [];
  #waiting = nobody();
  readonly #underWay: Waiting[] = [];
  #pending = 0;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #lastCommitMs = Number.NEGATIVE_INFINITY;
  #intervalMs: number;
  #flushed: PromiseWithResolvers<void> | undefined;
  #diskRefuses = false;
  #closing = false;
  #ended = false;

  constructor(thread: WritingThread, options: GroupCommitOptions) {
    this.#thread = thread;
    this.#options = options;
    this.#intervalMs = options.commitMs;
  }

  nameOf = (number: number): MeterId => this.#names[number] as MeterId;

  enter(meter: MeterId, settled: Settled): ReadingEntry {
    let number = this.#numbers.get(meter);
    const publicKey = this.#options.publicKeyOf(meter);
    const key = publicKey === undefined ? '' : Buffer.from(publicKey).toString('hex');
    if (number === undefined || this.#keys.get(meter) !== key) {
      number ??= this.#numbers.size;
      this.#numbers.set(meter, number);
      this.#names[number] = meter;
      this.#keys.set(meter, key);
      this.#introductions.push({ number, meter, publicKey });
    }
    return new Entry(this, number, settled);
  }

  onSettled(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** False when as many wait as may, and at the end. */
  offer(entry: Entry, bytes: Uint8Array, from: number, to: number, ticket: number): boolean {
    if (this.#pending >= this.#options.pendingMax || this.#ended) return false;
    this.#batch.add(entry.number, bytes, from, to, this.#options.now());
    this.#waiting.entries.push(entry);
    this.#waiting.tickets.push(ticket);
    this.#pending += 1;
    this.#schedule();
    return true;
  }

  /** Resolves when nothing is pending any more, or at close. */
  flush(): Promise<void> {
    if (this.#ended || this.#pending === 0) return Promise.resolve();
    this.#flushed ??= Promise.withResolvers<void>();
    this.#schedule();
    return this.#flushed.promise;
  }

  /** Commits what is pending, unless the disk refuses: then the meters keep their readings. */
  async drain(): Promise<void> {
    this.#closing = true;
    if (!this.#diskRefuses) await this.flush();
  }

  /** What is still pending is never settled. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#resolveFlush();
  }

  /** The disk said no; the thread tries again by itself. */
  refused(code: string): void {
    this.#diskRefuses = true;
    this.#options.onDiskRefused(code);
    if (this.#closing) this.#resolveFlush();
  }

  committed(message: Committed): void {
    const settled = this.#underWay.shift();
    if (this.#ended || settled === undefined) return;
    this.#diskRefuses = false;
    if (message.bytes.byteLength <= spareBytesMax) {
      this.#spares.push({ bytes: message.bytes, index: message.index });
    }
    const { commitMs } = this.#options;
    this.#intervalMs = message.backlog ? Math.min(commitMs, backlogCommitMs) : commitMs;
    this.#options.onCommitted(message);
    this.#pending -= settled.entries.length;
    for (let k = 0; k < settled.entries.length; k++) {
      const verdict = verdicts[message.verdicts[k] ?? -1];
      if (verdict === undefined) throw new Error('the writer answered for fewer payloads');
      settled.entries[k]?.settled(settled.tickets[k] as number, verdict);
    }
    for (const listener of this.#listeners) listener();
    if (this.#pending === 0) this.#resolveFlush();
    else this.#schedule();
  }

  #schedule(): void {
    const count = this.#batch.count;
    if (this.#ended || count === 0 || this.#underWay.length >= batchesUnderWayMax) return;
    // A second batch goes out only when it is worth a commit of its own.
    if (this.#underWay.length > 0 && count < batchMax && !this.#flushed) return;
    if (this.#flushed || count >= batchMax) {
      this.#send();
      return;
    }
    const waitMs = this.#lastCommitMs + this.#intervalMs - performance.now();
    if (waitMs > 0) this.#timer ??= setTimeout(this.#send, waitMs);
    else this.#immediate ??= setImmediate(this.#send);
  }

  #send = (): void => {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
    if (this.#batch.count === 0) return;
    this.#underWay.push(this.#waiting);
    this.#waiting = nobody();
    this.#lastCommitMs = performance.now();
    const introductions = this.#introductions;
    this.#introductions = [];
    const taken = this.#batch.take(this.#spares.pop());
    this.#thread.say({ kind: 'batch', introductions, ...taken }, [taken.bytes, taken.index.buffer]);
  };

  #resolveFlush(): void {
    this.#flushed?.resolve();
    this.#flushed = undefined;
  }
}
