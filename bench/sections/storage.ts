/** Months of readings in one file: its size, and how quickly it is opened and looked into. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as rest } from 'node:timers/promises';
import { aDiskBoard } from '../../gateway/adapters/readings/disk-board.ts';
import { openReadings, type Readings } from '../../gateway/adapters/readings/open-readings.ts';
import type { Spare } from '../../gateway/adapters/readings/payload-batch.ts';
import { ReadingsFile } from '../../gateway/adapters/readings/readings-file.ts';
import type { MeterId } from '../../gateway/core/ids.ts';
import { epochMs } from '../../gateway/core/units.ts';
import { keepBatch } from '../keep-batch.ts';
import { meterName } from '../load.ts';
import { firstMs, Neighbourhood, neighbours } from '../neighbourhood.ts';
import { atMost, type Section } from '../results.ts';
import { median, percentile } from '../spread.ts';

const dayMs = 86_400_000;
const perDay = 8640;
/** So few that the hub does not put sealing off, as it does in a rush. */
const perCommit = 1000;
const perHour = neighbours * 360;
const looks = 20;
const retentionDays = { raw: 400, minute: 31, quarter: 1100 };

export const storage: Section = async ({ quick, folder, say }) => {
  const wanted = quick ? 1_000_000 : 50_000_000;
  const file = join(folder, 'months.db');
  const nowMs = await fill(file, wanted, say);
  const bytes = bytesPerReading(file);
  const began = performance.now();
  await using readings = await openReadings({
    ...{ file, commitMs: 500, pendingMax: 1000, now: () => epochMs(nowMs) },
    onFatal: (error) => {
      throw error;
    },
  });
  const startMs = performance.now() - began;
  const times = await lookInto(readings, Math.floor((nowMs - firstMs) / dayMs) - 1);
  say(`${wanted} readings: opened in ${startMs.toFixed(0)} ms, ${bytes.raw.toFixed(1)} bytes each`);
  return {
    figures: {
      'readings in the file': readings.counts().stored,
      'raw bytes per sealed reading': bytes.raw,
      'bytes of the file per reading, roll-ups included': statSync(file).size / wanted,
      'opened in ms': startMs,
      "one meter's day, raw, ms": median(times.raw),
      "one meter's day, raw, slowest ms": percentile(times.raw, 1),
      "neighbourhood's day by quarter hours ms": median(times.quarters),
      "neighbourhood's day by quarter hours, slowest ms": percentile(times.quarters, 1),
      "neighbourhood's day by hours ms": median(times.hours),
    },
    bars: [
      atMost('raw bytes per sealed reading', bytes.raw, 'bytes', 17),
      atMost(`one meter's day, raw, of ${wanted} readings`, median(times.raw), 'ms', 20),
      atMost(
        `neighbourhood's day from roll-ups, of ${wanted} readings`,
        median(times.quarters),
        'ms',
        5,
      ),
      atMost(`start with ${wanted} readings`, startMs / 1000, 's', 2),
    ],
  };
};

/** Nobody waits for the disk here: it is the file that is measured. Answers the neighbourhood's time at the end. */
async function fill(name: string, wanted: number, say: (text: string) => void): Promise<number> {
  const neighbourhood = new Neighbourhood();
  const file = new ReadingsFile({
    ...{ file: name, fileBytesMax: undefined, durability: 'lost-in-power-cuts', retentionDays },
    board: aDiskBoard(),
  });
  let spare: Spare | undefined;
  try {
    while (neighbourhood.measured < wanted) {
      const count = Math.min(perCommit, wanted - neighbourhood.measured);
      spare = keepBatch(file, neighbourhood, count, 1, spare);
      if (neighbourhood.measured % perHour < perCommit) await rest();
      if (neighbourhood.measured % 10_000_000 === 0)
        say(`${neighbourhood.measured} readings are in the file`);
    }
  } finally {
    file.close();
  }
  return neighbourhood.nowMs;
}

/** Whole pages count, and so do hashes and keys. */
function bytesPerReading(file: string): { raw: number } {
  using db = new DatabaseSync(file, { readOnly: true });
  const pages = db.prepare("SELECT sum(pgsize) AS n FROM dbstat WHERE name = 'chunk'").get();
  const sealed = db.prepare('SELECT sum(readings) AS n FROM chunk').get();
  return { raw: Number(pages?.['n']) / Number(sealed?.['n']) };
}

async function lookInto(readings: Readings, days: number) {
  const times = { raw: [] as number[], quarters: [] as number[], hours: [] as number[] };
  const timed = async (into: number[], rows: number, look: () => Promise<readonly unknown[]>) => {
    const began = performance.now();
    const found = await look();
    into.push(performance.now() - began);
    if (found.length !== rows) throw new Error(`${found.length} rows instead of ${rows}`);
  };
  for (let k = 0; k < looks; k++) {
    const from = epochMs(firstMs + ((k * 7) % days) * dayMs);
    const to = epochMs(from + dayMs);
    const meter = meterName((k * 11) % neighbours) as MeterId;
    await timed(times.raw, perDay, () => readings.between(meter, from, to, 100_000));
    const all = (width: 'quarter' | 'hour') =>
      readings.rollups(width, undefined, from, to, 100_000);
    await timed(times.quarters, neighbours * 96, () => all('quarter'));
    await timed(times.hours, neighbours * 24, () => all('hour'));
  }
  return times;
}
