import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openDatabase } from '../../../gateway/adapters/readings/open-database.ts';
import {
  evidencePerMeterAndHourMax,
  QuarantineShelf,
} from '../../../gateway/adapters/readings/quarantine.ts';
import { hourMs } from '../../../gateway/core/slot.ts';
import { aFile, onDisk } from './given.ts';

const setting = suite('setting payloads aside');

const nonsense = Buffer.from('{}');

setting('keeps of a meter that talks nonsense only so many an hour', async () => {
  await using disk = await aFile();
  const database = openDatabase(disk.file, undefined, 'lost-in-power-cuts');
  const shelf = new QuarantineShelf(database.db);
  database.begin();
  for (let n = 0; n < 3 * evidencePerMeterAndHourMax; n++)
    shelf.keep(1, 10 * hourMs + n, 'malformed', nonsense, undefined);
  shelf.keep(2, 10 * hourMs, 'malformed', nonsense, undefined);
  shelf.keep(1, 11 * hourMs, 'malformed', nonsense, undefined);
  database.commit();
  const [rows] = onDisk<{ n: number }>(disk.file, 'SELECT count(*) AS n FROM quarantine');
  assert.is(rows?.n, evidencePerMeterAndHourMax + 2);
  database.close();
});

setting('lets the oldest of ten thousand go', async () => {
  await using disk = await aFile();
  const database = openDatabase(disk.file, undefined, 'lost-in-power-cuts');
  const shelf = new QuarantineShelf(database.db);
  database.begin();
  for (let n = 0; n < 10_100; n++) shelf.keep(n, 10 * hourMs, 'malformed', nonsense, undefined);
  shelf.trim();
  database.commit();
  const [rows] = onDisk<{ n: number; first: number }>(
    disk.file,
    'SELECT count(*) AS n, min(meter) AS first FROM quarantine',
  );
  assert.equal({ ...rows }, { n: 10_000, first: 100 });
  database.close();
});

setting.run();
