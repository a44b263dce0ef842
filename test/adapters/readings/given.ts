/** A neighbourhood's meters and disk, as the tests of readings need them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  openReadings,
  type Readings,
  type ReadingsOptions,
} from '../../../gateway/adapters/readings/open-readings.ts';
import { storedReadings } from '../../../gateway/adapters/readings/stored-readings.ts';
import type { MeterId } from '../../../gateway/core/ids.ts';
import { type EpochMs, epochMs } from '../../../gateway/core/units.ts';
import type { ReadingSink, Verdict } from '../../../gateway/ports/readings.ts';

export const corner = 'meter-corner' as MeterId;
export const tenOClock: EpochMs = epochMs(2_000_000 * 900_000);

/** The corner house measures every 10 s and imports 100 mWh between two readings. */
export function aReading(s: number, differs: Record<string, unknown> = {}): Buffer {
  const t = tenOClock / 1000 + s * 10;
  const usual = { v: 1, s, b: 4_120_478_593, t, tq: 2, up: s * 10, p: 36_000, u: 230_012 };
  return Buffer.from(
    JSON.stringify({ ...usual, i: 157, f: 50_012, ei: s * 100, ee: 0, eg: 0, fl: 0, ...differs }),
  );
}

export async function aFile() {
  const folder = await mkdtemp(join(tmpdir(), 'jirani-readings-'));
  return {
    file: join(folder, 'readings.db'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export const opened = (file: string, differs: Partial<ReadingsOptions> = {}): Promise<Readings> =>
  openReadings({
    file,
    commitMs: 5,
    pendingMax: 20_000,
    now: () => epochMs(tenOClock + 4 * 3_600_000),
    onFatal: (error) => {
      throw error;
    },
    ...differs,
  });

/** Whether the sink took it; `settled` hears what became of it. */
export const offer = (
  sink: ReadingSink,
  payload: Uint8Array,
  settled: (verdict: Verdict) => void = () => {},
  meter: MeterId = corner,
): boolean =>
  sink.enter(meter, (_ticket, verdict) => settled(verdict)).offer(payload, 0, payload.length, 1);

export const offered = (
  sink: ReadingSink,
  payload: Uint8Array,
  meter: MeterId = corner,
): Promise<Verdict> =>
  new Promise((resolve, reject) => {
    if (!offer(sink, payload, resolve, meter)) reject(new Error('the sink is full'));
  });

/**
 * What another connection finds in the file. By the same library: two copies of SQLite in one process break
 * each other's locks (sqlite.org/howtocorrupt.html, section 2.2.1).
 */
export function onDisk<Row>(file: string, sql: string): Row[] {
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = db.prepare(sql).all() as Row[];
  db.close();
  return rows;
}
export const storedSequences = (file: string): number[] =>
  [...storedReadings(file)].map(({ sequence }) => sequence);

export const readingTopic = (meter: string): string => `jirani/v1/meters/${meter}/reading`;

/** Resolves as soon as the condition holds; the runner's patience is ten seconds. */
export async function until(condition: () => boolean, patienceMs = 10_000): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it never came true');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
