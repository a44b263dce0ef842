import { DatabaseSync } from 'node:sqlite';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Readings } from '../../../gateway/adapters/readings/open-readings.ts';
import { storedReadings } from '../../../gateway/adapters/readings/stored-readings.ts';
import type { MeterId } from '../../../gateway/core/ids.ts';
import type { Rollup, RollupWidth } from '../../../gateway/core/rollup.ts';
import { dayMs, hourMs, minuteMs } from '../../../gateway/core/slot.ts';
import { epochMs } from '../../../gateway/core/units.ts';
import { aFile, aReading, corner, offered, onDisk, opened, tenOClock, until } from './given.ts';

const sealing = suite('sealing readings');

const kiosk = 'meter-kiosk' as MeterId;
const [always, never] = [epochMs(tenOClock - 400 * dayMs), epochMs(tenOClock + 400 * dayMs)];

/** Late enough that no reading of these tests is of the future. */
const noon = tenOClock + 2 * hourMs;

/** Readings whose clock stands where the test puts it. */
async function aHub(file: string, differs: Parameters<typeof opened>[1] = {}) {
  let now = epochMs(noon);
  const readings = await opened(file, { now: () => now, ...differs });
  return {
    readings,
    passTo: (ms: number) => {
      now = epochMs(ms);
      readings.tick();
    },
    [Symbol.asyncDispose]: () => readings[Symbol.asyncDispose](),
  };
}

const seals = (file: string): number =>
  onDisk<{ n: number }>(file, 'SELECT count(*) AS n FROM seal')[0]?.n ?? 0;
const ringRows = (file: string): number =>
  onDisk<{ n: number }>(file, 'SELECT count(*) AS n FROM ring')[0]?.n ?? 0;

async function take(readings: Readings, sequences: readonly number[], meter = corner) {
  await Promise.all(sequences.map((s) => offered(readings, aReading(s), meter)));
}
const from = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, n) => first + n);

sealing('shows the same readings before and after, to the hub and from outside', async () => {
  await using disk = await aFile();
  await using hub = await aHub(disk.file);
  await take(hub.readings, from(1, 300));
  await take(hub.readings, from(1, 40), kiosk);
  const seen = async () => [
    await hub.readings.between(corner, always, never, 1000),
    await hub.readings.between(kiosk, epochMs(tenOClock + 50_000), epochMs(tenOClock + 90_000), 9),
    await hub.readings.rollups('quarter', undefined, always, never, 1000),
    [...storedReadings(disk.file)].length,
    hub.readings.counts().stored,
  ];
  const before = await seen();
  hub.passTo(noon + hourMs);
  await until(() => seals(disk.file) === 1);
  assert.equal(await seen(), before);
  assert.is(onDisk(disk.file, 'SELECT * FROM fresh').length, 0, 'none is fresh any more');
});

sealing('writes the next hour over what is sealed, so that the ring does not grow', async () => {
  await using disk = await aFile();
  await using hub = await aHub(disk.file);
  for (let hour = 0; hour < 4; hour++) {
    hub.passTo(noon + hour * hourMs);
    await until(() => seals(disk.file) === hour);
    await take(hub.readings, from(hour * 360 + 1, 200));
  }
  // The hour that is open, and the one before, whose places are free only when it is sealed.
  assert.is(ringRows(disk.file), 200);
  assert.is((await hub.readings.between(corner, always, never, 1000)).length, 800);
});

/** What the readings of the test add up to, said without the code under test. */
function expected(sequences: readonly number[], widthMs: number): unknown[] {
  const buckets = new Map<number, number[]>();
  for (const s of sequences) {
    const start = Math.floor((tenOClock + s * 10_000) / widthMs) * widthMs;
    buckets.set(start, [...(buckets.get(start) ?? []), s]);
  }
  return [...buckets]
    .sort(([a], [b]) => a - b)
    .map(([start, all]) => [start, all.length, Math.min(...all) * 100, Math.max(...all) * 100]);
}
const told = (rollups: readonly Rollup[]): unknown[] =>
  rollups.map((r) => [r.start, r.count, r.firstImportMwh, r.lastImportMwh]);

sealing('rolls up what is sealed, what is fresh and what comes late as one', async () => {
  await using disk = await aFile();
  const widths = { minute: minuteMs, quarter: 15 * minuteMs, hour: hourMs, day: dayMs };
  const check = async ({ readings }: { readings: Readings }, sequences: readonly number[]) => {
    for (const [width, ms] of Object.entries(widths)) {
      const found = await readings.rollups(width as RollupWidth, corner, always, never, 5000);
      assert.equal(told(found), expected(sequences, ms), width);
    }
  };
  const early = [...from(1, 100), ...from(150, 300)];
  const late = [...from(120, 10), ...from(450, 20)];
  {
    await using hub = await aHub(disk.file);
    await take(hub.readings, early);
    hub.passTo(noon + 2 * hourMs);
    await until(() => seals(disk.file) === 1);
    await check(hub, early);
    await take(hub.readings, late);
    await check(hub, [...early, ...late]);
  }
  await using hub = await aHub(disk.file);
  await check(hub, [...early, ...late]);
  hub.passTo(noon + 4 * hourMs);
  await until(() => seals(disk.file) === 2);
  await check(hub, [...early, ...late]);
});

sealing('knows meters as before after a restart between two seals', async () => {
  await using disk = await aFile();
  {
    await using hub = await aHub(disk.file);
    await take(hub.readings, from(1, 50));
    hub.passTo(noon + hourMs);
    await until(() => seals(disk.file) === 1);
    await take(hub.readings, from(60, 5));
    await offered(hub.readings, aReading(65, { ei: 1 }));
  }
  await using hub = await aHub(disk.file);
  assert.equal(await offered(hub.readings, aReading(7)), { kept: true, duplicate: true });
  assert.equal(
    await offered(hub.readings, aReading(65)),
    { kept: true, duplicate: true },
    'used up',
  );
  assert.equal(await offered(hub.readings, aReading(55)), { kept: true, duplicate: false });
  const fallen = await offered(hub.readings, aReading(66, { ei: 6300 }));
  assert.equal(fallen, { kept: false, reason: 'falling-register' });
  assert.is(hub.readings.latest().get(corner)?.sequence, 64);
});

sealing('starts again after a power cut in the middle of a seal', async () => {
  await using disk = await aFile();
  {
    await using hub = await aHub(disk.file);
    await take(hub.readings, from(1, 50));
  }
  const keeper = new DatabaseSync(disk.file);
  keeper.exec("INSERT INTO meter VALUES (77, 'meter-gone')");
  keeper.exec("INSERT INTO chunk VALUES (1, 77, 50, 0, 9e15, 0, 9e15, x'00', x'00')");
  keeper.close();
  await using hub = await aHub(disk.file);
  assert.is((await hub.readings.between(corner, always, never, 1000)).length, 50);
  hub.passTo(noon + hourMs);
  await until(() => seals(disk.file) === 1);
  assert.is((await hub.readings.between(corner, always, never, 1000)).length, 50);
  assert.equal(onDisk<{ n: number }>(disk.file, 'SELECT meter FROM chunk').length, 1);
});

sealing('says so when the card has changed a chunk, and goes on', async () => {
  await using disk = await aFile();
  await using hub = await aHub(disk.file);
  await take(hub.readings, from(1, 50));
  hub.passTo(noon + hourMs);
  await until(() => seals(disk.file) === 1);
  const keeper = new DatabaseSync(disk.file, { timeout: 5000 });
  keeper.exec('UPDATE chunk SET hash = zeroblob(16)');
  keeper.close();
  const looked = await hub.readings.between(corner, always, never, 1000).catch((error) => error);
  assert.match(looked.message, /changed on the disk/);
  assert.equal(await offered(hub.readings, aReading(51)), { kept: true, duplicate: false });
});

sealing('forgets what is older than its retention, coarse roll-ups last', async () => {
  await using disk = await aFile();
  await using hub = await aHub(disk.file, {
    retentionDays: { raw: 2, minute: 1, quarter: 3 },
  });
  await take(hub.readings, from(1, 50));
  const left = async (): Promise<number[]> => {
    const count = async (width: RollupWidth): Promise<number> =>
      (await hub.readings.rollups(width, corner, always, never, 1000)).length;
    const raw = (await hub.readings.between(corner, always, never, 1000)).length;
    return [raw, await count('minute'), await count('quarter'), await count('day')];
  };
  hub.passTo(noon + hourMs);
  await until(() => seals(disk.file) === 1);
  assert.equal(await left(), [50, 9, 1, 1]);
  for (const [days, rest] of [
    [1.5, [50, 0, 1, 1]],
    [2.5, [0, 0, 1, 1]],
    [4, [0, 0, 0, 1]],
  ] as const) {
    hub.passTo(noon + days * dayMs);
    await settled(left, rest);
  }
  assert.is(hub.readings.counts().stored, 50, 'were kept once, and are still counted');
});

sealing('forgets nothing while the time cannot be believed', async () => {
  await using disk = await aFile();
  await using hub = await aHub(disk.file, {
    retentionDays: { raw: 2, minute: 1, quarter: 3 },
    mayForget: () => false,
  });
  await take(hub.readings, from(1, 50));
  hub.passTo(noon + 5000 * dayMs);
  await until(() => seals(disk.file) === 1);
  hub.passTo(noon + 5001 * dayMs);
  await take(hub.readings, from(51, 1));
  assert.is((await hub.readings.between(corner, always, never, 1000)).length, 51);
});

async function settled(look: () => Promise<number[]>, wanted: readonly number[]): Promise<void> {
  const deadline = performance.now() + 10_000;
  let seen = await look();
  while (String(seen) !== String(wanted) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    seen = await look();
  }
  assert.equal(seen, wanted);
}

sealing('takes over what an older gateway kept', async () => {
  await using disk = await aFile();
  const old = new DatabaseSync(disk.file);
  old.exec(await firstSchema());
  old.exec(`INSERT INTO meter VALUES (1, '${corner}')`);
  for (const s of from(1, 90)) {
    const at = tenOClock + s * 10_000;
    old
      .prepare(
        'INSERT INTO hot VALUES (?, 1, ?, 4120478593, ?, 1, ?, 0, 0, 36000, 230012, 157, 50012, ?, 0, 5)',
      )
      .run(s, s, at, s * 100, s * 10);
  }
  old.exec('PRAGMA user_version = 1');
  old.close();
  await using hub = await aHub(disk.file);
  assert.is(hub.readings.counts().stored, 90);
  assert.equal(await offered(hub.readings, aReading(90)), { kept: true, duplicate: true });
  assert.equal(await offered(hub.readings, aReading(91)), { kept: true, duplicate: false });
  const [first] = await hub.readings.between(corner, always, never, 1);
  assert.equal(first, {
    ...{ meter: corner, sequence: 1, boot: 4_120_478_593, at: tenOClock + 10_000 },
    ...{ timeSource: 'meter', importMwh: 100, exportMwh: 0, generationMwh: 0, powerMw: 36_000 },
    ...{ voltageMv: 230_012, flags: 0 },
  });
});

async function firstSchema(): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  const folder = '../../../gateway/adapters/readings/migrations/';
  return readFile(new URL(`${folder}0001-readings.sql`, import.meta.url), 'utf8');
}

sealing.run();
