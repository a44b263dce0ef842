// uncounted: it starts whole programs, again and again
// timeout: 300s
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { disasterKinds, quickPlan } from './plan.ts';
import { soak, soakBrokenHub } from './soak.ts';

const soaking = suite('a day on which everything fails once');

const [households, speed, seed] = [12, 1_200, 5];
/** Slow enough for a payout to be made also on a busy machine. */
const controlSpeed = 800;
const say = () => {};

soaking('no promise is broken, and nothing is left half done', async () => {
  const { counts, played, rest, figures } = await soak({
    ...{ seed, households, speed, say, rough: false },
    ...{ plan: quickPlan(seed), restMostMs: 60_000 },
  });
  const broken = counts.filter((count) => count.broken > 0);
  assert.equal(
    broken.map(({ name, broken, of, examples }) => ({ name, broken, of, examples })),
    [],
  );
  assert.equal(rest.waiting, []);
  assert.is(Object.keys(played.counts).length, disasterKinds.length);
  assert.is(played.versionAfterUpgrade, '0.1.1');
  assert.ok((figures['readingsAcknowledged'] ?? 0) > 500, 'there were readings to lose');
  assert.ok((figures['paidInCents'] ?? 0) > 0, 'there was money to lose');
});

/** The soak has this control at its own start; the usual run has test/soak/promises.test.ts, which breaks every count. */
const withControl = process.env['JIRANI_TEST_SEEDS'] === 'full';
if (withControl)
  soaking('a hub that thanks too early and pays twice is found out', async () => {
    const { lostReadings, strangePayouts } = await soakBrokenHub({
      seed,
      households,
      speed: controlSpeed,
      say,
    });
    assert.ok(lostReadings > 0);
    assert.ok(strangePayouts > 0);
  });

soaking.run();
