import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { realClock } from '../../../gateway/adapters/clock/real-clock.ts';
import { scaledClock } from '../../../gateway/adapters/clock/scaled-clock.ts';
import { steppedClock } from '../../../gateway/adapters/clock/stepped-clock.ts';
import { simulatedClock } from '../../../gateway/simulators/clock/scaled-clock.ts';

const telling = suite('telling the neighbourhood’s time');
const nine = Date.parse('2026-03-12T09:00:00+03:00');

telling('is believed only once it is synchronised, or when the keeper vouches for it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clock-'));
  const synchronizedPath = join(folder, 'synchronized');
  const clock = realClock({ synchronizedPath });
  assert.is(clock.trust(), 'untrusted');
  writeFileSync(synchronizedPath, '');
  assert.is(clock.trust(), 'trusted');
  rmSync(folder, { recursive: true });
  assert.is(clock.trust(), 'untrusted');
  assert.is(realClock({ trusted: true, synchronizedPath }).trust(), 'trusted');
  assert.ok(Math.abs(clock.now() - Date.now()) < 1_000);
});

telling('runs faster in a demo, and alike for hub and simulators', async () => {
  const time = {
    originMachineNs: process.hrtime.bigint(),
    originNeighbourhoodMs: nine,
    speed: 600,
  };
  const clock = scaledClock(time);
  const machineBefore = clock.elapsedMs();
  await pause(50);
  const passed = clock.now() - nine;
  assert.ok(passed >= 50 * 600 * 0.98, `${passed}`);
  assert.ok(Math.abs(simulatedClock(time).now() - clock.now()) < 600 * 20);
  const machinePassed = clock.elapsedMs() - machineBefore;
  assert.ok(machinePassed >= 49 && machinePassed < 5_000, 'machine time is not scaled');
  assert.throws(() => scaledClock({ ...time, speed: 0 }));
  assert.throws(() => scaledClock({ ...time, speed: Number.NaN }));
});

telling('stands still in a test until it is set, and never goes back', () => {
  const clock = steppedClock(nine);
  assert.is(clock.now(), nine);
  clock.advance(1_500);
  assert.is(clock.now(), nine + 1_500);
  assert.is(clock.elapsedMs(), 1_500);
  clock.set(nine + 9_000);
  assert.is(clock.elapsedMs(), 9_000);
  assert.throws(() => clock.set(nine));
});

telling.run();
