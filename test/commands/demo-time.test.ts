import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openReadings } from '../../gateway/adapters/readings/open-readings.ts';
import { bootAt, originFor, readPlan } from '../../gateway/commands/demo-plan.ts';
import { prepareDemo } from '../../gateway/commands/demo-prepare.ts';
import { startOfDemo } from '../../gateway/commands/demo-time.ts';
import type { MeterId } from '../../gateway/core/ids.ts';
import { epochMs } from '../../gateway/core/units.ts';
import { aFolder } from './programs.ts';

const time = suite('when the clock of a demo begins');

time('at nine in the morning, and the next time after its last reading', async () => {
  using folder = aFolder();
  const originMs = originFor(Date.parse('2026-06-15T12:34:56+03:00'));
  await prepareDemo(folder.path, { seed: 1, households: 9, originMs });
  const plan = readPlan(folder.path);
  if (plan === undefined) throw new Error('there is no plan');
  const first = startOfDemo(folder.path, plan);
  assert.is(first, Date.parse('2026-06-15T09:00:00+03:00'));

  const t = first / 1000 + 7;
  const readings = await openReadings({
    file: join(folder.path, 'readings.db'),
    ...{ commitMs: 0, pendingMax: 10, now: () => epochMs(t * 1000), onFatal: () => {} },
  });
  const big = 1e9;
  const reading = { v: 1, s: big, b: bootAt(plan, first), t, tq: 2, ei: big, ee: 0, eg: 0 };
  const payload = Buffer.from(JSON.stringify(reading));
  readings.enter('m-h05-grid' as MeterId, () => {}).offer(payload, 0, payload.length, 0);
  await readings.flush();
  await readings[Symbol.asyncDispose]();
  const second = startOfDemo(folder.path, plan);
  assert.is(second, (t + 1) * 1000);
  assert.ok(bootAt(plan, second) > bootAt(plan, first), 'each life of the meters has its number');
});

time.run();
