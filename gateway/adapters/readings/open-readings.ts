/** Where meters' payloads go and where readings are looked up: one writing thread, one file. */
import type { MeterId } from '../../core/ids.ts';
import type { Reading } from '../../core/reading.ts';
import type { EpochMs } from '../../core/units.ts';
import type { Quarantine, ReadingSink, ReadingStore } from '../../ports/readings.ts';
import { unpackReadings, unpackRollups } from './answers.ts';
import type { HubTime } from './doubt.ts';
import { type CommitWork, GroupCommit } from './group-commit.ts';
import { LatestReadings } from './latest-readings.ts';
import {
  duplicateVerdict,
  keptVerdict,
  quarantines,
  quarantineVerdict,
  type RetentionDays,
} from './messages.ts';
import type { Durability } from './open-database.ts';
import { RegistersAt } from './registers-at.ts';
import { type Committed, WritingThread } from './writing-thread.ts';

export type ReadingsOptions = {
  readonly file: string;
  /** How long payloads are collected for one commit. */
  readonly commitMs: number;
  /** Payloads that may wait for the disk; more are not taken until some are settled. */
  readonly pendingMax: number;
  /** Neighbourhood time, asked when a payload arrives. */
  readonly now: () => EpochMs;
  /** Something is wrong with us: nothing is settled any more, the process should end. */
  readonly onFatal: (error: Error) => void;
  /** The disk said no: a batch is tried again every second, sealing and deleting later. A code, for an alarm. */
  readonly onDiskRefused?: (code: string) => void;
  /** 32 bytes of Ed25519; a meter that has a key must sign. Asked at each `enter` and by `lookAtKeys`. */
  readonly publicKeyOf?: (meter: MeterId) => Uint8Array | undefined;
  readonly retentionDays?: Partial<RetentionDays>;
  /** Whether `now` can be believed: a clock that is years ahead must not have readings deleted as too old. */
  readonly mayForget?: () => boolean;
  /** Size at which the file counts as full; no limit by default. */
  readonly fileBytesMax?: number;
  readonly durability?: Durability;
};

export interface Readings extends ReadingSink, ReadingStore, AsyncDisposable {
  /** Commits at once; resolves when everything offered so far is settled, when the disk refuses, or at close. */
  flush(): Promise<void>;
  /** Asks for every meter's key anew. */
  lookAtKeys(): void;
  /** Time has passed: hours that are over are sealed, what is too old is deleted, bit by bit. */
  tick(): void;
  /**
   * The hub's own time changes its course, and is believed from now on or not. What was offered while it was not is
   * dated anew as soon as it is. Resolves, with how many readings moved, when that is on the disk.
   */
  turn(time: HubTime, isBelieved: boolean): Promise<number>;
  work(): CommitWork;
}

const retentionUsual: RetentionDays = { raw: 400, minute: 31, quarter: 1100 };
const tickMs = 1000;

/** Opens or creates the file. Rejects when it cannot be opened; closing commits what is pending. */
export async function openReadings(options: ReadingsOptions): Promise<Readings> {
  const { file, fileBytesMax, durability = 'on-disk', onFatal } = options;
  const retentionDays = { ...retentionUsual, ...options.retentionDays };
  const { thread, ready } = await WritingThread.start(
    { file, fileBytesMax, durability, retentionDays },
    {
      onDisk: (committed) => commits.committed(committed),
      refused: (code) => commits.refused(code),
      delayed: (code) => options.onDiskRefused?.(code),
      moved: (newest) => latest.replace(newest),
      fatal: (error) => {
        commits.end();
        onFatal(error);
      },
    },
  );
  const counts = new Counts(ready.stored);
  const listeners: ((newest: readonly Reading[]) => void)[] = [];
  const commits = new GroupCommit(thread, {
    ...{ commitMs: options.commitMs, pendingMax: options.pendingMax, now: options.now },
    publicKeyOf: options.publicKeyOf ?? (() => undefined),
    onDiskRefused: options.onDiskRefused ?? (() => {}),
    onCommitted: (committed) => {
      counts.add(committed);
      latest.take(committed.latest);
      if (committed.latest.length === 0 || listeners.length === 0) return;
      const newest = latest.readingsIn(committed.latest);
      for (const listener of listeners) listener(newest);
    },
  });
  const latest = new LatestReadings(commits.nameOf, ready.latest);
  await using opening = new AsyncDisposableStack();
  opening.defer(async () => {
    commits.end();
    await thread.close();
  });
  const registers = opening.use(new RegistersAt(file));
  const { mayForget = () => true, now } = options;
  const tick = (): void => thread.say({ kind: 'tick', now: now(), mayForget: mayForget() });
  const timer = setInterval(tick, tickMs);
  opening.defer(() => clearInterval(timer));
  // Listeners may still look things up while the last batch commits.
  opening.defer(() => commits.flush());
  const open = opening.move();

  return {
    enter: (meter, settled) => commits.enter(meter, settled),
    onSettled: (listener) => commits.onSettled(listener),
    flush: () => commits.flush(),
    lookAtKeys: () => commits.lookAtKeys(),
    tick,
    work: () => commits.work(),
    turn: (time, isBelieved) => {
      commits.handOver();
      return thread.turn(time, isBelieved);
    },
    registersAt: (slot) => registers.at(slot),
    latest: () => latest.all(),
    between: async (meter, from, to, limit) =>
      unpackReadings(await thread.ask({ name: 'between', meter, from, to, limit })),
    rollups: async (width, meter, from, to, limit) =>
      unpackRollups(await thread.ask({ name: 'rollups', width, meter, from, to, limit }), width),
    counts: () => counts.now(),
    onRecorded: (listener) => {
      listeners.push(listener);
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** What came of payloads since the start. */
class Counts {
  #stored: number;
  #settled = 0;
  readonly #byVerdict = new Float64Array(quarantines.length + 2);

  constructor(stored: number) {
    this.#stored = stored;
  }

  add({ verdicts, stored }: Committed): void {
    this.#stored = stored;
    this.#settled += verdicts.length;
    for (const verdict of verdicts) {
      if (verdict !== keptVerdict) this.#byVerdict[verdict] = this.#of(verdict) + 1;
    }
  }

  now(): ReturnType<ReadingStore['counts']> {
    const quarantined: Partial<Record<Quarantine, number>> = {};
    for (const reason of quarantines) {
      const times = this.#of(quarantineVerdict(reason));
      if (times > 0) quarantined[reason] = times;
    }
    return {
      stored: this.#stored,
      settled: this.#settled,
      duplicates: this.#of(duplicateVerdict),
      quarantined,
    };
  }

  #of(verdict: number): number {
    return this.#byVerdict[verdict] as number;
  }
}
