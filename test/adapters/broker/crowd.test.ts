import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connectionsWithin, filesKeptFree } from '../../../gateway/core/open-files.ts';
import { aBroker, aWillingSink, connected, until } from './given.ts';

const crowd = suite('a crowd before the local broker');

const isFull = process.env['JIRANI_TEST_SEEDS'] === 'full';
const meters = isFull ? 10_000 : 1_000;
/** Turned away while the crowd is inside. */
const late = 3;
/** A connection that says nothing costs so much memory of ours, at most. */
const bytesPerMeterMost = 150_000;

const program = fileURLToPath(new URL('./crowd-program.ts', import.meta.url));
const collected = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().rss;
};

crowd(
  `many meters are held and heard once each, and who comes beyond the limit is turned away${isFull ? '' : ' (1,000 of 10,000: reduced)'}`,
  async () => {
    using sink = aWillingSink();
    await using broker = await aBroker(sink, { connectionsMax: meters });
    const before = collected();
    const child = fork(program, [String(broker.port), String(meters + late), String(late)]);
    try {
      const [{ connected: inside }] = (await once(child, 'message')) as [{ connected: number }];
      assert.is(inside, meters);
      assert.is(broker.connections(), meters);
      assert.is(broker.online().size, meters);
      assert.is(broker.refused()['too-many-connections'], late);
      const perMeter = (collected() - before) / meters;
      assert.ok(perMeter < bytesPerMeterMost, `${Math.round(perMeter)} bytes each`);
      child.send('speak');
      const [{ acknowledged }] = (await once(child, 'message')) as [{ acknowledged: number }];
      assert.is(acknowledged, meters);
      assert.is(sink.all.length, meters);
      child.send('go');
      const [code] = await once(child, 'exit');
      assert.is(code, 0);
    } finally {
      child.kill('SIGKILL');
    }
    await until(() => broker.connections() === 0);
    await using corner = await connected(broker.port, 'meter-corner');
    assert.ok(corner.connected, 'a place that was left is free');
  },
);

crowd('is never larger than the files that the system grants', () => {
  assert.is(connectionsWithin(10_000, undefined), 10_000);
  assert.is(connectionsWithin(10_000, 16_384), 10_000);
  assert.is(connectionsWithin(10_000, 10_000 + filesKeptFree - 1), 9_999);
  assert.is(connectionsWithin(10_000, 256), 16, 'and never so small that nobody may come');
});

crowd.run();
