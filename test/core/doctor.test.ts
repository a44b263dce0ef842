import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Finding,
  isWell,
  judgeBackup,
  judgeCertificate,
  judgeDisk,
  judgeMemory,
  judgeMode,
  judgeQueue,
  judgeScheme,
  judgeWear,
} from '../../gateway/core/doctor.ts';
import { dayMs, hourMs } from '../../gateway/core/slot.ts';

const judging = suite('what the doctor makes of figures');
const [mb, gb] = [2 ** 20, 2 ** 30];
const verdicts = (...all: Finding[]) => all.map(({ verdict }) => verdict);

judging('a disk, memory, a backup and a certificate are judged at their edges', () => {
  const disk = [gb, gb - 1, 256 * mb, 256 * mb - 1].map((free) => judgeDisk(free, 32 * gb));
  assert.equal(verdicts(...disk), ['ok', 'warn', 'warn', 'fail']);
  const memory = [128 * mb, 128 * mb - 1, 48 * mb - 1].map((free) => judgeMemory(free, 90 * mb));
  assert.equal(verdicts(...memory), ['ok', 'warn', 'fail']);
  const now = 1_800_000_000_000;
  const ages = [0, 36 * hourMs, 36 * hourMs + 1, 7 * dayMs + 1];
  assert.equal(verdicts(...ages.map((age) => judgeBackup(now - age, now))), [
    'ok',
    'ok',
    'warn',
    'fail',
  ]);
  assert.is(judgeBackup(undefined, now).verdict, 'fail');
  const left = [30 * dayMs, 30 * dayMs - 1, 7 * dayMs - 1, -dayMs];
  const certificates = left.map((ms) => judgeCertificate('c', now + ms, now));
  assert.equal(verdicts(...certificates), ['ok', 'warn', 'fail', 'fail']);
});

judging('the wear of the card is told by cause', () => {
  const hub = { name: 'the hub', bytes: 100 * mb, upMs: 12 * hourMs };
  const quiet = judgeWear({ deviceBytes: gb, machineUpMs: dayMs, causes: [hub] });
  assert.is(quiet.verdict, 'ok');
  assert.is(quiet.evidence, '1024 MB a day: the hub 200 MB, everything else 824 MB');
  const loud = judgeWear({ deviceBytes: 11 * gb, machineUpMs: dayMs, causes: [hub] });
  assert.is(loud.verdict, 'warn');
  assert.match(loud.todo, /iotop/);
  const fresh = judgeWear({ deviceBytes: 11 * gb, machineUpMs: 60_000, causes: [hub] });
  assert.is(fresh.verdict, 'ok');
  assert.match(fresh.evidence, /not known/);
});

judging('a queue may wait, but not for ever', () => {
  const now = 10 * dayMs;
  const queue = { name: 'payouts', waiting: 3 } as const;
  assert.is(judgeQueue({ ...queue, oldestAt: now - dayMs }, now).verdict, 'ok');
  const old = judgeQueue({ ...queue, oldestAt: now - dayMs - 1 }, now);
  assert.equal([old.verdict, old.evidence], ['warn', '3 wait, the oldest for 24 hours']);
  assert.is(judgeQueue({ ...queue, waiting: 0, oldestAt: undefined }, now).verdict, 'ok');
});

judging('a production hub without a chosen SCHEME is never well', () => {
  const without = { scheme: undefined };
  const real = judgeScheme({ environment: 'production', ...without });
  assert.is(real.verdict, 'fail');
  assert.match(real.todo, /SCHEME=mini-grid, credit or certificate/);
  assert.not.ok(isWell([real]));
  assert.is(judgeScheme({ environment: 'sandbox', ...without }).verdict, 'ok');
  assert.is(judgeScheme({ environment: 'production', scheme: 'credit' }).verdict, 'ok');
});

judging(
  'a key that others may read is found, and every finding that is not well says what to do',
  () => {
    assert.is(judgeMode('hub-key', 0o100600).verdict, 'ok');
    for (const mode of [0o640, 0o604, 0o660]) {
      const found = judgeMode('hub-key', mode);
      assert.equal([found.verdict, found.todo], ['fail', 'chmod go-rwx hub-key']);
    }
    assert.not.ok(isWell([judgeDisk(gb - 1, gb)]));
  },
);

judging.run();
