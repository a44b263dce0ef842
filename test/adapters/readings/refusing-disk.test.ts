import { DatabaseSync } from 'node:sqlite';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aFile, aReading, offer, opened, storedSequences, until } from './given.ts';

const refusing = suite('a disk that refuses readings');

refusing(
  'settles nothing while the disk is full, and everything when there is room again',
  async () => {
    await using disk = await aFile();
    let refused = '';
    const onDiskRefused = (code: string) => {
      refused = code;
    };
    await using readings = await opened(disk.file, { fileBytesMax: 200 * 1024, onDiskRefused });
    let settled = 0;
    let offeredInAll = 0;
    while (refused === '' && offeredInAll < 20_000) {
      const before = settled;
      for (let n = 0; n < 200; n++) offer(readings, aReading(++offeredInAll), () => settled++);
      await until(() => settled === before + 200 || refused !== '');
    }
    assert.is(refused, 'SQLITE_FULL');
    assert.is(settled, offeredInAll - 200);
    assert.is(storedSequences(disk.file).length, settled);
    const keeper = new DatabaseSync(disk.file);
    keeper.exec('PRAGMA foreign_keys = OFF; DELETE FROM ring WHERE place < 500');
    keeper.close();
    await until(() => settled === offeredInAll);
    assert.is(storedSequences(disk.file).length, offeredInAll - 499);
  },
);

refusing('writes nothing that came later before what the disk refused', async () => {
  await using disk = await aFile();
  let refusals = 0;
  await using readings = await opened(disk.file, { commitMs: 0, onDiskRefused: () => refusals++ });
  const keeper = new DatabaseSync(disk.file);
  keeper.exec('BEGIN IMMEDIATE');
  const settled: number[] = [];
  const note = (s: number) => () => {
    settled.push(s);
    assert.ok(storedSequences(disk.file).includes(s), `${s} is acknowledged and not on the disk`);
  };
  for (let s = 1; s <= 3; s++) offer(readings, aReading(s), note(s));
  await until(() => refusals > 0);
  // Two thousand more do not wait for the interval, and may be under way while the first are tried again.
  for (let s = 4; s <= 2_500; s++) offer(readings, aReading(s), s > 2_400 ? note(s) : () => {});
  await readings.flush();
  assert.equal(settled, [], 'flush does not wait for a disk that refuses');
  keeper.exec('ROLLBACK');
  keeper.close();
  await until(() => settled.includes(2_500));
  assert.is(storedSequences(disk.file).length, 2_500);
  assert.equal(settled.slice(0, 3), [1, 2, 3]);
});

refusing('closes in good time while the disk refuses', async () => {
  await using disk = await aFile();
  let refusals = 0;
  const readings = await opened(disk.file, { onDiskRefused: () => refusals++ });
  const keeper = new DatabaseSync(disk.file);
  keeper.exec('BEGIN IMMEDIATE');
  let settled = false;
  offer(readings, aReading(1), () => {
    settled = true;
  });
  await readings[Symbol.asyncDispose]();
  keeper.exec('ROLLBACK');
  keeper.close();
  assert.ok(refusals > 0);
  assert.not.ok(settled);
  assert.equal(storedSequences(disk.file), []);
});

refusing.run();
