/** Collects payloads on the event loop, hands whole batches to the writing thread, answers after its commit. */
import type { MeterId } from '../../core/ids.ts';
import type { ReadingEntry, Settled, Verdict } from '../../ports/readings.ts';
import { type Introduction, verdicts } from './messages.ts';
import { PayloadBatch, type Spare } from './payload-batch.ts';
import type { Committed, WritingThread } from './writing-thread.ts';

/** A batch of this many payloads does not wait for the commit interval. */
const batchMax = 2000;
/** The commit interval while a meter sends a backlog: it waits for each PUBACK before the next reading. */
const backlogCommitMs = 20;
/** Without an interval the thread gets its work in pieces of so many, while more is still arriving. */
const eagerBatch = 200;
/** Batches that the thread has at once: it writes some while the disk takes those before. */
const batchesUnderWayMax = 4;
/** A buffer that a flood made larger than this is not kept for the next batch. */
const spareBytesMax = 4 * 2 ** 20;

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
type Sent = Waiting & { readonly number: number; readonly sentMs: number };

/** What the commits have had to do since the start. */
export type CommitWork = {
  /** Payloads that wait for the disk. */
  readonly pending: number;
  /** Offers that were not taken because too much waited. */
  readonly turnedAway: number;
  readonly commits: number;
  /** From the moment a batch is handed over until it is on the disk. */
  readonly commitSeconds: number;
  /** The longest since somebody looked. */
  readonly worstSeconds: number;
  /** Times that the disk said no. */
  readonly refusals: number;
};
/** Somebody who waits until so many payloads in all are settled. */
type Flush = { readonly offered: number; readonly resolve: () => void };

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
  readonly #underWay: Sent[] = [];
  #sent = 0;
  #offered = 0;
  #settled = 0;
  #flushes: Flush[] = [];
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #lastCommitMs = Number.NEGATIVE_INFINITY;
  #intervalMs: number;
  #diskRefuses = false;
  #turnedAway = 0;
  #commits = 0;
  #commitMs = 0;
  #worstMs = 0;
  #refusals = 0;
  #ended = false;

  constructor(thread: WritingThread, options: GroupCommitOptions) {
    this.#thread = thread;
    this.#options = options;
    this.#intervalMs = options.commitMs;
  }

  nameOf = (number: number): MeterId => this.#names[number] as MeterId;

  enter(meter: MeterId, settled: Settled): ReadingEntry {
    return new Entry(this, this.#introduce(meter), settled);
  }

  /** Keys may be others than before: what is sent to the disk from now on is judged by them. */
  lookAtKeys(): void {
    for (const meter of this.#numbers.keys()) this.#introduce(meter);
  }

  #introduce(meter: MeterId): number {
    const known = this.#numbers.get(meter);
    const publicKey = this.#options.publicKeyOf(meter);
    const key = publicKey === undefined ? '' : Buffer.from(publicKey).toString('hex');
    if (known !== undefined && this.#keys.get(meter) === key) return known;
    const number = known ?? this.#numbers.size;
    this.#numbers.set(meter, number);
    this.#names[number] = meter;
    this.#keys.set(meter, key);
    this.#introductions.push({ number, meter, publicKey });
    return number;
  }

  onSettled(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** False when as many wait as may, and at the end. */
  offer(entry: Entry, bytes: Uint8Array, from: number, to: number, ticket: number): boolean {
    if (this.#offered - this.#settled >= this.#options.pendingMax || this.#ended) {
      this.#turnedAway += 1;
      return false;
    }
    this.#batch.add(entry.number, bytes, from, to, this.#options.now());
    this.#waiting.entries.push(entry);
    this.#waiting.tickets.push(ticket);
    this.#offered += 1;
    this.#schedule();
    return true;
  }

  /** Resolves when everything offered so far is settled, when the disk refuses, or at the end. */
  flush(): Promise<void> {
    if (this.#ended || this.#diskRefuses || this.#offered === this.#settled)
      return Promise.resolve();
    return new Promise((resolve) => {
      this.#flushes.push({ offered: this.#offered, resolve });
      this.#schedule();
    });
  }

  work(): CommitWork {
    const worstSeconds = this.#worstMs / 1_000;
    this.#worstMs = 0;
    return {
      ...{ pending: this.#offered - this.#settled, turnedAway: this.#turnedAway },
      ...{ commits: this.#commits, commitSeconds: this.#commitMs / 1_000, worstSeconds },
      refusals: this.#refusals,
    };
  }

  /** What was offered so far goes to the writing thread before anything else that is said to it. */
  handOver(): void {
    if (!this.#ended) this.#send();
  }

  /** What is still pending is never settled. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#resolveFlushes(this.#offered);
  }

  /** The disk said no; the thread tries again by itself. */
  refused(code: string): void {
    this.#diskRefuses = true;
    this.#refusals += 1;
    this.#resolveFlushes(this.#offered);
    this.#options.onDiskRefused(code);
  }

  committed(message: Committed): void {
    if (this.#ended) return;
    const sent = this.#underWay.shift();
    const told = message.verdicts.length;
    if (sent === undefined || sent.number !== message.number || sent.entries.length !== told)
      throw new Error('the writer answered for another batch');
    this.#diskRefuses = false;
    this.#commits += 1;
    const tookMs = performance.now() - sent.sentMs;
    this.#commitMs += tookMs;
    this.#worstMs = Math.max(this.#worstMs, tookMs);
    if (message.bytes.byteLength <= spareBytesMax) {
      this.#spares.push({ bytes: message.bytes, index: message.index });
    }
    const { commitMs } = this.#options;
    this.#intervalMs = message.backlog ? Math.min(commitMs, backlogCommitMs) : commitMs;
    this.#options.onCommitted(message);
    this.#settled += told;
    for (let k = 0; k < told; k++) {
      const verdict = verdicts[message.verdicts[k] as number] as Verdict;
      sent.entries[k]?.settled(sent.tickets[k] as number, verdict);
    }
    for (const listener of this.#listeners) listener();
    this.#resolveFlushes(this.#settled);
    this.#schedule();
  }

  #schedule(): void {
    const count = this.#batch.count;
    if (this.#ended || count === 0 || this.#underWay.length >= batchesUnderWayMax) return;
    const enough = this.#intervalMs === 0 ? eagerBatch : batchMax;
    if (this.#flushes.length > 0 || count >= enough) {
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
    const number = ++this.#sent;
    this.#lastCommitMs = performance.now();
    this.#underWay.push({ number, sentMs: this.#lastCommitMs, ...this.#waiting });
    this.#waiting = nobody();
    const introductions = this.#introductions;
    this.#introductions = [];
    const taken = this.#batch.take(this.#spares.pop());
    const batch = { kind: 'batch', number, introductions, ...taken } as const;
    this.#thread.say(batch, [taken.bytes, taken.index.buffer]);
  };

  #resolveFlushes(settled: number): void {
    const done = this.#flushes.filter(({ offered }) => offered <= settled);
    this.#flushes = this.#flushes.filter(({ offered }) => offered > settled);
    for (const { resolve } of done) resolve();
  }
}
