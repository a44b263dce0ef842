import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startTicker } from '../../../gateway/adapters/schedule/ticker.ts';

const ticking = suite('asking whether something is due');

async function ticks(speed: number, atLeast: number): Promise<number> {
  let count = 0;
  const ticker = startTicker(speed, () => {
    count += 1;
  });
  for (const end = performance.now() + 8_000; count < atLeast && performance.now() < end; )
    await pause(10);
  ticker[Symbol.dispose]();
  return count;
}

ticking('asks many times a second where time runs faster, and not after the end', async () => {
  const started = performance.now();
  assert.ok((await ticks(60, 5)) >= 5);
  assert.ok(performance.now() - started >= 200, 'but no faster than is sensible');
  let late = 0;
  const ticker = startTicker(60, () => {
    late += 1;
  });
  ticker[Symbol.dispose]();
  await pause(150);
  assert.is(late, 0);
});

ticking('asks every second on a hub in the field, and lets the process end', async () => {
  assert.ok((await ticks(1, 2)) >= 2);
});

ticking.run();
