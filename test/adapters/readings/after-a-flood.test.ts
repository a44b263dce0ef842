import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aDiskBoard } from '../../../gateway/adapters/readings/disk-board.ts';
import { PayloadBatch } from '../../../gateway/adapters/readings/payload-batch.ts';
import { ReadingsFile } from '../../../gateway/adapters/readings/readings-file.ts';
import { storedReadings } from '../../../gateway/adapters/readings/stored-readings.ts';
import type { MeterId } from '../../../gateway/core/ids.ts';
import { hourMs } from '../../../gateway/core/slot.ts';
import { epochMs } from '../../../gateway/core/units.ts';
import { aFile, aReading, corner, onDisk, tenOClock } from './given.ts';

const afterwards = suite('after a flood of readings');

const perBatch = 2_000;
const now = epochMs(tenOClock + 1_000 * hourMs);

/** One meter's readings, batch by batch, as the event loop hands them over. */
function flood(file: ReadingsFile, first: number, count: number): void {
  const batch = new PayloadBatch();
  for (let from = first; from < first + count; from += perBatch) {
    for (let s = from; s < from + perBatch; s++) {
      const payload = aReading(s, { t: tenOClock / 1000 + s, ei: s });
      batch.add(0, payload, 0, payload.length, now);
    }
    const introductions = from === 0 ? [{ number: 0, meter: corner, publicKey: undefined }] : [];
    const message = {
      kind: 'batch' as const,
      number: from,
      introductions,
      ...batch.take(undefined),
    };
    void file.forgedIn(message);
    const outcome = file.write(message, undefined);
    if (!('verdicts' in outcome)) throw new Error(outcome.refused);
    assert.is(
      outcome.verdicts.findIndex((verdict) => verdict !== 0),
      -1,
    );
  }
}

const number = (file: string, sql: string): number =>
  Number(Object.values(onDisk<Record<string, number>>(file, sql)[0] ?? {})[0]);

afterwards(
  'readings come before sealing, and then all is sealed and space given back',
  async () => {
    await using disk = await aFile();
    const file = new ReadingsFile({
      ...{ file: disk.file, fileBytesMax: undefined, durability: 'on-disk', board: aDiskBoard() },
      retentionDays: { raw: 400, minute: 31, quarter: 1100 },
    });
    flood(file, 0, 200_000);
    assert.is(number(disk.file, 'SELECT count(*) FROM ring'), 200_000);
    file.passTo(now);
    assert.ok(file.step(), 'lays out the log');
    assert.is(number(disk.file, 'SELECT count(*) FROM seal'), 0);
    // An hour and two quiet ticks later.
    for (let tick = 0; tick < 40; tick++) {
      file.passTo(epochMs(now + hourMs + tick * 1000));
      while (file.step());
    }
    assert.is(number(disk.file, 'SELECT sum(readings) FROM seal'), 200_000);
    assert.is(number(disk.file, 'SELECT count(*) FROM fresh'), 0);
    assert.ok(number(disk.file, 'SELECT count(*) FROM ring') <= 65_536);
    const [pages, free] = [
      number(disk.file, 'PRAGMA page_count'),
      number(disk.file, 'PRAGMA freelist_count'),
    ];
    assert.ok(free < 2_000 || free <= pages / 4, `${free} of ${pages} pages are free`);
    flood(file, 200_000, 2_000);
    file.close();
    let [stored, last] = [0, -1];
    for (const { sequence } of storedReadings(disk.file)) {
      stored += 1;
      last = Math.max(last, sequence);
    }
    assert.equal([stored, last], [202_000, 201_999]);
  },
);

afterwards('forgetting never takes what a seal that is under way has written', async () => {
  await using disk = await aFile();
  const file = new ReadingsFile({
    ...{ file: disk.file, fileBytesMax: undefined, durability: 'on-disk', board: aDiskBoard() },
    retentionDays: { raw: 2, minute: 1, quarter: 3 },
  });
  const houses = Array.from({ length: 30 }, (_, n) => `meter-${n}` as MeterId);
  const send = (number: number, from: number, count: number): void => {
    const batch = new PayloadBatch();
    for (let s = from; s < from + count; s++)
      for (const house of houses.keys()) {
        const payload = aReading(s);
        batch.add(house, payload, 0, payload.length, now);
      }
    const introductions = houses.map((meter, n) => ({ number: n, meter, publicKey: undefined }));
    const message = { kind: 'batch', number, introductions, ...batch.take(undefined) } as const;
    void file.forgedIn(message);
    file.write(message, undefined);
  };
  // All of it is older than what is kept, and the first seal of this hub.
  for (let part = 0; part < 12; part++) send(part, part * 30, 30);
  file.passTo(epochMs(now + hourMs));
  file.passTo(epochMs(now + hourMs + 1000));
  for (let step = 0; step < 5; step++) file.step();
  assert.ok(number(disk.file, 'SELECT count(*) FROM chunk') > 0, 'in the middle of it');
  // Readings pour in, so that sealing rests.
  send(99, 400, 700);
  for (let step = 0; step < 5; step++) file.step();
  for (let tick = 2; tick < 6; tick++) {
    file.passTo(epochMs(now + hourMs + tick * 1000), tick > 4);
    while (tick < 5 && file.step());
  }
  assert.is(number(disk.file, 'SELECT sum(readings) FROM chunk'), 30 * 360);
  file.close();
});

afterwards.run();
