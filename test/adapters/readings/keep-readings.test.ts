import { DatabaseSync } from 'node:sqlite';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MeterId } from '../../../gateway/core/ids.ts';
import type { Reading } from '../../../gateway/core/reading.ts';
import { type EpochMs, epochMs, slotNumber } from '../../../gateway/core/units.ts';
import {
  aFile,
  aReading,
  corner,
  offer,
  offered,
  onDisk,
  opened,
  storedSequences,
  tenOClock,
  until,
} from './given.ts';

const keeping = suite('keeping readings');
const kept = { kept: true, duplicate: false };
const duplicate = { kept: true, duplicate: true };
const setAside = (reason: string) => ({ kept: false, reason });

keeping('settles a reading only when another program can read it from the disk', async () => {
  await using disk = await aFile();
  await using readings = await opened(disk.file);
  const seen = await new Promise((resolve) => {
    offer(readings, aReading(1), () => resolve(storedSequences(disk.file)));
  });
  assert.equal(seen, [1]);
});

keeping('tells what it kept after the commit, and remembers the latest', async () => {
  await using disk = await aFile();
  await using readings = await opened(disk.file);
  const told: Reading[] = [];
  readings.onRecorded((recorded) => told.push(...recorded));
  await offered(readings, aReading(2));
  await offered(readings, aReading(1));
  assert.equal(
    told.map(({ sequence }) => sequence),
    [2, 2],
    'the newest of the meter each time',
  );
  assert.equal(readings.latest().get(corner), {
    meter: corner,
    ...{ sequence: 2, boot: 4_120_478_593, at: tenOClock + 20_000, timeSource: 'meter' },
    ...{ importMwh: 200, exportMwh: 0, generationMwh: 0, powerMw: 36_000, voltageMv: 230_012 },
    flags: 0,
  });
});

keeping('sets aside what is no reading, with its bytes as evidence', async () => {
  await using disk = await aFile();
  await using readings = await opened(disk.file);
  const wrong = [
    '{"v":1,"s":1',
    '[]',
    '',
    aReading(1, { v: 2 }).toString(),
    aReading(1, { ei: undefined }).toString(),
    aReading(1, { s: 1.5 }).toString(),
    aReading(1, { s: '1' }).toString(),
    aReading(1, { ee: -1 }).toString(),
    aReading(1, { ei: 2 ** 53 }).toString(),
    aReading(1, { tq: 3 }).toString(),
  ];
  for (const text of wrong) {
    assert.equal(await offered(readings, Buffer.from(text)), setAside('malformed'), text);
  }
  const large = aReading(1, { note: 'x'.repeat(3000) });
  assert.equal(await offered(readings, large), setAside('too-large'));
  assert.equal(readings.counts().quarantined, { malformed: wrong.length, 'too-large': 1 });
  const rows = onDisk<{ reason: string; payload: Buffer }>(disk.file, 'SELECT * FROM quarantine');
  assert.is(Buffer.from(rows[0]?.payload ?? '').toString(), wrong[0]);
  assert.is(rows.at(-1)?.payload.length, 2048);
  assert.equal(storedSequences(disk.file), []);
});

keeping('needs only what the contract requires, and allows what it does not know', async () => {
  await using disk = await aFile();
  await using readings = await opened(disk.file);
  const t = tenOClock / 1000;
  const bare = JSON.stringify({ v: 1, s: 1, b: 2, t, ei: 3, ee: 4, sig: 'AA==', colour: 'blue' });
  assert.equal(await offered(readings, Buffer.from(bare)), kept);
  assert.is(readings.latest().get(corner)?.at, tenOClock);
});

keeping(
  'stores a resent reading once, and sets the same number with other bytes aside',
  async () => {
    await using disk = await aFile();
    await using readings = await opened(disk.file);
    assert.equal(await offered(readings, aReading(1)), kept);
    assert.equal(await offered(readings, aReading(1)), duplicate);
    assert.equal(
      await offered(readings, aReading(1, { p: 1 })),
      setAside('replayed-with-other-content'),
    );
    assert.equal(storedSequences(disk.file), [1]);
    assert.equal(readings.counts(), {
      ...{ stored: 1, settled: 3, duplicates: 1 },
      quarantined: { 'replayed-with-other-content': 1 },
    });
  },
);

keeping('tells a resend from a forgery within one commit too', async () => {
  await using disk = await aFile();
  await using readings = await opened(disk.file, { commitMs: 1000 });
  const verdicts = [aReading(1), aReading(1), aReading(1, { p: 1 })].map((payload) =>
    offered(readings, payload),
  );
  await readings.flush();
  assert.equal(await Promise.all(verdicts), [
    kept,
    duplicate,
    setAside('replayed-with-other-content'),
  ]);
});

keeping(
  'sets falling registers and impossible jumps aside without blocking the meter',
  async () => {
    await using disk = await aFile();
    await using readings = await opened(disk.file);
    await offered(readings, aReading(1));
    await offered(readings, aReading(9));
    assert.equal(await offered(readings, aReading(10, { ei: 899 })), setAside('falling-register'));
    assert.equal(await offered(readings, aReading(11, { ei: 1e8 })), setAside('impossible-jump'));
    assert.equal(await offered(readings, aReading(5, { ei: 901 })), setAside('falling-register'));
    assert.equal(await offered(readings, aReading(4)), kept, 'late, and between its neighbours');
    assert.equal(await offered(readings, aReading(12)), kept);
    assert.equal(await offered(readings, aReading(10, { ei: 899 })), duplicate);
    assert.equal(storedSequences(disk.file), [1, 9, 4, 12]);
  },
);

keeping(
  'writes registers where slots begin, and leaves them when a late reading knows better',
  async () => {
    await using disk = await aFile();
    await using readings = await opened(disk.file);
    await offered(readings, aReading(80));
    await offered(readings, aReading(100));
    const slot = slotNumber(2_000_001);
    const atSlot = { meter: corner, slot, importMwh: 9000, exportMwh: 0, generationMwh: 0 };
    assert.equal(readings.registersAt(slot), [atSlot]);
    await offered(readings, aReading(90, { ei: 8001 }));
    assert.equal(readings.registersAt(slot), [atSlot]);
    await offered(readings, aReading(461));
    assert.equal(readings.registersAt(slotNumber(2_000_002)), []);
  },
);

keeping('finds the readings of one meter by time, oldest first and not too many', async () => {
  await using disk = await aFile();
  await using readings = await opened(disk.file);
  const kiosk = 'meter-kiosk' as MeterId;
  for (const s of [1, 2, 5, 3]) offer(readings, aReading(s));
  offer(readings, aReading(4), () => {}, kiosk);
  await readings.flush();
  const found = async (fromS: number, toS: number, limit: number) => {
    const [from, to] = [fromS, toS].map((s) => epochMs(tenOClock + s * 10_000)) as [
      EpochMs,
      EpochMs,
    ];
    return (await readings.between(corner, from, to, limit)).map(({ sequence }) => sequence);
  };
  assert.equal(await found(0, 9, 100), [1, 2, 3, 5]);
  assert.equal(await found(2, 5, 100), [2, 3]);
  assert.equal(await found(0, 9, 2), [1, 2]);
  const [first] = await readings.between(kiosk, tenOClock, epochMs(tenOClock + 3_600_000), 1);
  assert.equal(first, readings.latest().get(kiosk));
});

keeping('knows everything again after a restart', async () => {
  await using disk = await aFile();
  const first = await opened(disk.file, { commitMs: 10_000 });
  const sequences = [...Array(50).keys(), 60, 61];
  const verdicts = sequences.map((s) => offered(first, aReading(s)));
  await first[Symbol.asyncDispose]();
  assert.equal(await Promise.all(verdicts), Array(52).fill(kept), 'closing commits');

  await using again = await opened(disk.file);
  assert.equal(again.latest(), first.latest());
  const resent = await Promise.all(sequences.map((s) => offered(again, aReading(s))));
  assert.equal(resent, Array(52).fill(duplicate));
  assert.equal(
    await offered(again, aReading(7, { p: 1 })),
    setAside('replayed-with-other-content'),
  );
  assert.equal(await offered(again, aReading(55)), kept, 'late, and new');
  assert.is(again.counts().stored, 53);
  assert.is(new Set(storedSequences(disk.file)).size, 53);
});

keeping('settles nothing and says so when something is wrong with the hub itself', async () => {
  await using disk = await aFile();
  let fatal = '';
  const readings = await opened(disk.file, {
    onFatal: (error) => {
      fatal = error.message;
    },
  });
  const keeper = new DatabaseSync(disk.file);
  keeper.exec('DROP TABLE boundary; DROP VIEW fresh; DROP TABLE ring');
  keeper.close();
  let settled = false;
  offer(readings, aReading(1), () => {
    settled = true;
  });
  await until(() => fatal !== '');
  await readings.flush();
  await readings[Symbol.asyncDispose]();
  assert.match(fatal, /no such table/);
  assert.not.ok(settled);
});

keeping('does not take what exceeds the queue instead of growing, and takes it later', async () => {
  await using disk = await aFile();
  await using readings = await opened(disk.file, { pendingMax: 3, commitMs: 50 });
  await offered(readings, aReading(0));
  let settled = 0;
  const taken = [1, 2, 3, 4, 5].map((s) => offer(readings, aReading(s), () => settled++));
  assert.equal(taken, [true, true, true, false, false]);
  await readings.flush();
  assert.is(settled, 3);
  assert.equal(await offered(readings, aReading(5)), kept);
});

keeping('refuses a file that a newer gateway wrote', async () => {
  await using disk = await aFile();
  await (await opened(disk.file))[Symbol.asyncDispose]();
  const keeper = new DatabaseSync(disk.file);
  keeper.exec('PRAGMA user_version = 99');
  keeper.close();
  const error = await opened(disk.file).catch((reason: Error) => reason);
  assert.match(error instanceof Error ? error.message : '', /newer gateway/);
});

keeping.run();
