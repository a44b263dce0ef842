import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { backupName, backupsToForget, readBackupName } from '../../gateway/core/backup-plan.ts';
import { dayMs, hourMs } from '../../gateway/core/slot.ts';
import { epochMs } from '../../gateway/core/units.ts';

const keeping = suite('which backups stay');

/** A Wednesday, half past two in the night in Nairobi. */
const night = Date.parse('2026-11-25T02:30:00+03:00');
const name = (days: number, hours = 0) =>
  backupName(epochMs(night - days * dayMs + hours * hourMs));

keeping('a name tells its second, and other files are never ours', () => {
  assert.is(name(0), 'jirani-2026-11-24T233000Z.backup');
  assert.is(readBackupName(name(0))?.at, night);
  for (const other of ['jirani.backup', 'books.db', `${name(0)}.part`, `old-${name(0)}`, '../x'])
    assert.is(readBackupName(other), undefined);
});

keeping('seven days and four weeks stay of a hundred nights', () => {
  const nights = Array.from({ length: 100 }, (_, days) => name(days));
  const gone = backupsToForget([...nights, 'a letter.txt']);
  const kept = nights.filter((one) => !gone.includes(one));
  // Last Wednesday to this one, and the Sundays before.
  assert.equal(
    kept,
    [0, 1, 2, 3, 4, 5, 6, 10, 17].map((days) => name(days)),
  );
  assert.not.ok(gone.includes('a letter.txt'));
});

keeping('of several on one day the newest stays', () => {
  assert.equal(backupsToForget([name(0), name(0, 3), name(0, 1)]), [name(0), name(0, 1)]);
});

keeping('a hub that was away for a year loses none of what it had', () => {
  const before = [400, 401, 402].map((days) => name(days));
  assert.equal(backupsToForget([name(0), ...before]), []);
});

keeping('nothing goes where nothing is', () => {
  assert.equal(backupsToForget([]), []);
  assert.equal(backupsToForget([name(5)]), []);
});

keeping.run();
