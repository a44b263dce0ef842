/** Where meters' payloads go and where readings are looked up: one writing thread, one file. */
import type { MeterId } from '../../core/ids.ts';
import type { Reading } from '../../core/reading.ts';
import type { EpochMs } from '../../core/units.ts';
import type { ReadingSink, ReadingStore } from '../../ports/readings.ts';
import { type Committed, GroupCommit } from './group-commit.ts';
import { ReadingRows } from './reading-rows.ts';

export type ReadingsOptions = {
  readonly file: string;
  /** How long payloads are collected for one commit. */
  readonly commitMs: number;
  /** Payloads that may wait for the disk; more are dropped unsettled. */
  readonly pendingMax: number;
  /** Neighbourhood time, asked when a payload arrives. */
  readonly now: () => EpochMs;
  /** Something is wrong with us: nothing is settled any more, the process should end. */
  readonly onFatal: (error: Error) => void;
  /** The disk said no; the batch is tried again every second. The SQLite code, for an alarm. */
  readonly onDiskRefused?: (code: string) => void;
  /** Size at which the file counts as full; no limit by default. */
  readonly fileBytesMax?: number;
};

export interface Readings extends ReadingSink, ReadingStore, AsyncDisposable {
  /** Commits at once; resolves when everything offered so far is settled, or at close. */
  flush(): Promise<void>;
}

/** Opens or creates the file. Rejects when it cannot be opened; closing commits what is pending. */
export async function openReadings(options: ReadingsOptions): Promise<Readings> {
  const latest = new Map<MeterId, Reading>();
  const listeners: ((readings: readonly Reading[]) => void)[] = [];
  const onCommitted = (committed: Committed): void => {
    counts = committed.counts;
    for (const reading of committed.kept) keepLatest(latest, reading);
    if (committed.kept.length === 0) return;
    for (const listener of listeners) listener(committed.kept);
  };
  const { commits, ready } = await GroupCommit.start({
    ...options,
    fileBytesMax: options.fileBytesMax,
    onCommitted,
    onDiskRefused: options.onDiskRefused ?? (() => {}),
  });
  let { counts } = ready;
  for (const reading of ready.latest) keepLatest(latest, reading);
  await using opening = new AsyncDisposableStack();
  opening.defer(() => commits.close());
  const rows = opening.use(new ReadingRows(options.file));
  // Listeners may still look things up while the last batch commits.
  opening.defer(() => commits.drain());
  const open = opening.move();

  return {
    offer: (meter, payload, settled) => commits.offer(meter, payload, options.now(), settled),
    flush: () => commits.flush(),
    registersAt: (slot) => rows.registersAt(slot),
    latest: () => latest,
    between: (meter, from, to, limit) => rows.between(meter, from, to, limit),
    counts: () => counts,
    onRecorded: (listener) => {
      listeners.push(listener);
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** A backlog does not stand before the live reading. */
function keepLatest(latest: Map<MeterId, Reading>, reading: Reading): void {
  const known = latest.get(reading.meter);
  if (known === undefined || known.sequence < reading.sequence) latest.set(reading.meter, reading);
}
