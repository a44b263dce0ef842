import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aDiskBoard } from '../../../gateway/adapters/readings/disk-board.ts';
import { PayloadBatch } from '../../../gateway/adapters/readings/payload-batch.ts';
import { ReadingsFile } from '../../../gateway/adapters/readings/readings-file.ts';
import { storedReadings } from '../../../gateway/adapters/readings/stored-readings.ts';
import type { MeterId } from '../../../gateway/core/ids.ts';
import { dayMs, hourMs, minuteMs, slotAt, slotStart } from '../../../gateway/core/slot.ts';
import { type EpochMs, epochMs, slotNumber } from '../../../gateway/core/units.ts';
import { aFile, aReading, corner, offered, onDisk, opened, tenOClock, until } from './given.ts';

const doubting = suite('readings while nobody knows the time');

const kiosk = 'meter-kiosk' as MeterId;
const noClock = { t: 0, tq: 0 };
const boot = 'this-start';
const monthMs = 30 * dayMs;

/** A hub whose clock shows what the test says; `machineMs` is 0 at ten o'clock. */
async function aHub(file: string, wrongByMs = 0) {
  let [trueMs, wrongMs] = [Number(tenOClock), wrongByMs];
  const now = (): EpochMs => epochMs(trueMs + wrongMs);
  const readings = await opened(file, { now });
  return {
    readings,
    now,
    passTo: (ms: number) => {
      trueMs = ms;
    },
    beWrongBy: (ms: number) => {
      wrongMs = ms;
    },
    doubt: () => readings.turn({ boot, offsetMs: tenOClock + wrongMs }, false),
    know: () => {
      wrongMs = 0;
      return readings.turn({ boot, offsetMs: tenOClock }, true);
    },
    [Symbol.asyncDispose]: () => readings[Symbol.asyncDispose](),
  };
}
type Hub = Awaited<ReturnType<typeof aHub>>;

/** One reading a minute, dated by the hub alone. */
async function measure(hub: Hub, minutes: readonly number[], meter = corner, differs = {}) {
  for (const minute of minutes) {
    hub.passTo(tenOClock + minute * minuteMs);
    const said = { ...noClock, up: minute * 60, ...differs };
    await offered(hub.readings, aReading(minute, said), meter);
  }
}
const minutes = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, n) => first + n);
const times = (file: string, meter = corner): number[] =>
  [...storedReadings(file)]
    .filter((reading) => reading.meter === meter)
    .map(({ at }) => (at - tenOClock) / minuteMs);
const registers = (hub: Hub, at: number) =>
  hub.readings.registersAt(slotAt(epochMs(at))).map(({ meter, importMwh }) => [meter, importMwh]);

doubting('are kept, and dated anew when the time is known (operations 5)', async () => {
  for (const wrongByMs of [-monthMs, -10 * minuteMs, 20 * minuteMs, 365 * dayMs]) {
    await using disk = await aFile();
    await using hub = await aHub(disk.file, wrongByMs);
    await hub.doubt();
    await measure(hub, minutes(1, 40));
    assert.not.equal(times(disk.file), minutes(1, 40), 'dated by a clock that is wrong');
    assert.is(await hub.know(), 40);
    assert.equal(times(disk.file), minutes(1, 40));
    assert.is(hub.readings.latest().get(corner)?.at, tenOClock + 40 * minuteMs);
    // A slot begins at ten, at a quarter past and at half past.
    assert.equal(registers(hub, tenOClock + 15 * minuteMs), [[corner, 1_500]]);
    assert.equal(registers(hub, tenOClock + 30 * minuteMs), [[corner, 3_000]]);
    const boundaries = onDisk<{ slot: number }>(disk.file, 'SELECT slot FROM boundary');
    assert.ok(
      boundaries.every(({ slot }) => slotStart(slotNumber(slot)) <= tenOClock + 40 * minuteMs),
      'nothing of a time that was never reached stays behind',
    );
    await measure(hub, minutes(41, 50));
    assert.equal(times(disk.file), minutes(1, 50));
    assert.equal(registers(hub, tenOClock + 45 * minuteMs), [[corner, 4_500]]);
  }
});

doubting(
  'join what was measured before the power cut, and what a meter with a clock says',
  async () => {
    await using disk = await aFile();
    await using hub = await aHub(disk.file);
    await measure(hub, minutes(1, 10));
    await measure(hub, minutes(1, 10), kiosk);
    // Five minutes without power; the clock went back to the hour.
    hub.beWrongBy(-14 * minuteMs);
    hub.passTo(tenOClock + 15 * minuteMs);
    await hub.doubt();
    await measure(hub, minutes(16, 25));
    // The kiosk's clock runs: a hub that is behind takes it for a clock of the future.
    for (const minute of minutes(16, 25)) {
      hub.passTo(tenOClock + minute * minuteMs);
      const t = tenOClock / 1000 + minute * 60;
      await offered(hub.readings, aReading(minute, { t, tq: 2, up: minute * 60 }), kiosk);
    }
    assert.is(await hub.know(), 20);
    assert.equal(times(disk.file), [...minutes(1, 10), ...minutes(16, 25)]);
    assert.equal(times(disk.file, kiosk), [...minutes(1, 10), ...minutes(16, 25)]);
    assert.equal(registers(hub, tenOClock + 15 * minuteMs), [
      [corner, 1_500],
      [kiosk, 1_500],
    ]);
  },
);

doubting('are offered before the turn and committed after it, and move all the same', async () => {
  await using disk = await aFile();
  await using hub = await aHub(disk.file, -monthMs);
  await hub.doubt();
  const under = minutes(1, 30).map((minute) => {
    hub.passTo(tenOClock + minute * minuteMs);
    return offered(hub.readings, aReading(minute, { ...noClock, up: minute * 60 }));
  });
  const known = hub.know();
  const after = offered(hub.readings, aReading(31, { ...noClock, up: 1_800 }));
  await Promise.all([...under, after]);
  assert.is(await known, 30);
  assert.equal(times(disk.file), [...minutes(1, 30), 30]);
});

doubting('of this start move after the hub was killed; of an earlier start they stay', async () => {
  await using disk = await aFile();
  {
    await using hub = await aHub(disk.file, -monthMs);
    await hub.doubt();
    await measure(hub, minutes(1, 5));
  }
  {
    await using hub = await aHub(disk.file, -monthMs);
    await hub.doubt();
    await measure(hub, minutes(6, 9));
    assert.is(await hub.know(), 9);
    assert.equal(times(disk.file), minutes(1, 9));
    hub.beWrongBy(-monthMs);
    await hub.doubt();
    await measure(hub, minutes(10, 12));
  }
  await using hub = await aHub(disk.file);
  assert.is(await hub.readings.turn({ boot: 'the-next', offsetMs: tenOClock }, true), 0);
  assert.equal(times(disk.file).slice(0, 9), minutes(1, 9));
  assert.ok(
    times(disk.file)
      .slice(9)
      .every((minute) => minute < 0),
  );
});

doubting('are not sealed before they are dated', async () => {
  await using disk = await aFile();
  await using hub = await aHub(disk.file);
  await measure(hub, minutes(1, 3));
  hub.beWrongBy(10 * hourMs);
  await hub.doubt();
  await measure(hub, minutes(4, 6));
  const seals = () => onDisk(disk.file, 'SELECT id FROM seal').length;
  hub.passTo(tenOClock + 5 * hourMs);
  for (let tick = 0; tick < 3; tick++) hub.readings.tick();
  await hub.readings.rollups('hour', corner, epochMs(0), epochMs(1), 1);
  assert.is(seals(), 0);
  assert.is(await hub.know(), 0, 'the meter ran on, and was dated by its own start');
  hub.readings.tick();
  await until(() => seals() === 2);
  assert.equal(times(disk.file), minutes(1, 6));
});

doubting('move by nothing where the time was right all along', async () => {
  await using disk = await aFile();
  await using hub = await aHub(disk.file);
  await hub.doubt();
  await measure(hub, minutes(1, 20));
  assert.is(await hub.know(), 0);
  assert.equal(times(disk.file), minutes(1, 20));
});

/** The writer alone, step by step: what a seal under way meets when the time becomes known between two of its steps. */
doubting('that are just being sealed get one date, not two', async () => {
  await using disk = await aFile();
  const wrong = tenOClock - monthMs;
  const file = new ReadingsFile({
    ...{ file: disk.file, fileBytesMax: undefined, durability: 'on-disk', board: aDiskBoard() },
    retentionDays: { raw: 400, minute: 400, quarter: 400 },
  });
  file.turn({ boot, offsetMs: wrong }, false);
  const payloads = new PayloadBatch();
  // More seals than are held back: one in each hour.
  for (let hour = 0; hour < 34; hour++) {
    const up = hour * 3_600;
    const said = aReading(hour + 1, { ...noClock, up });
    file.passTo(wrong + hour * hourMs, false);
    payloads.add(0, said, 0, said.length, wrong + hour * hourMs);
    const introductions = hour === 0 ? [{ number: 0, meter: corner, publicKey: undefined }] : [];
    const number = hour + 1;
    const batch = { kind: 'batch', number, introductions, ...payloads.take(undefined) } as const;
    assert.is(file.forgedIn(batch), undefined, 'nobody signs');
    file.write(batch, undefined);
  }
  const chunks = () =>
    onDisk<{ n: number }>(disk.file, 'SELECT count(*) AS n FROM chunk')[0]?.n ?? 0;
  while (chunks() === 0) assert.is(file.step(), true);
  const sealed = onDisk<{ n: number }>(disk.file, 'SELECT count(*) AS n FROM seal')[0]?.n;
  assert.is(sealed, 0, 'the seal is under way');
  assert.equal(file.turn({ boot, offsetMs: tenOClock }, true), { moved: 34 });
  while (file.step() === true);
  file.close();
  assert.equal(
    times(disk.file).map((minute) => minute / 60),
    Array.from({ length: 34 }, (_, hour) => hour),
  );
});

doubting.run();
