import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  isProofStale,
  type ProbeOutcome,
  pauseBeforeOpening,
  shouldReopen,
  type TunnelEvent,
  type TunnelLife,
  usualTunnelTimes as times,
  tunnelAfter,
  unopened,
  untilProbeMs,
} from '../../gateway/core/tunnel.ts';

const living = suite('the life of a tunnel');

const outcomes = fc.constantFrom<ProbeOutcome>('proved', 'silent', 'stranger');
const events = fc.constantFrom<TunnelEvent>(
  'opening.began',
  'probe.proved',
  'probe.failed',
  'tunnel.lost',
);

/** What is possible of the events, in their order. */
function live(all: readonly TunnelEvent[]): TunnelLife[] {
  const lives = [unopened];
  for (const event of all) {
    try {
      lives.push(tunnelAfter(lives.at(-1) ?? unopened, event));
    } catch {
      // Not in the table.
    }
  }
  return lives;
}

living('is up only after a proof, and never longer than until the next failure', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 60 }), (all) => {
      let before = unopened;
      for (const event of all) {
        let after: TunnelLife;
        try {
          after = tunnelAfter(before, event);
        } catch {
          continue;
        }
        assert.is(after.state === 'up', event === 'probe.proved');
        assert.ok(after.generation - before.generation <= 1);
        assert.is(
          after.generation > before.generation,
          before.state === 'opening' && after.state === 'up',
        );
        before = after;
      }
    }),
  );
});

living('only a proof makes pauses short again', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 60 }), (all) => {
      const lives = live(all);
      lives.forEach((life, place) => {
        const before = lives[place - 1];
        if (before !== undefined && life.attempts < before.attempts) assert.is(life.state, 'up');
        if (life.state === 'up') assert.is(life.attempts, 0);
      });
    }),
  );
});

living('pauses last 2 s to 5 minutes, grow, and differ from hub to hub', () => {
  const chance = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.nat(200), chance, chance, (attempts, a, b) => {
      const pause = (more: number, by: number) =>
        pauseBeforeOpening({ attempts: attempts + more }, by, times);
      assert.ok(pause(0, a) >= 2_000 && pause(0, a) <= 300_000);
      assert.ok(pause(1, 0) >= pause(0, 0));
      assert.ok(pause(1, a) >= pause(0, 0));
      assert.is(pause(0, Math.max(a, b)) >= pause(0, Math.min(a, b)), true);
    }),
  );
  for (const attempts of [0, 1]) {
    const first = [0, 0.5, 1].map((by) => pauseBeforeOpening({ attempts }, by, times));
    assert.equal(first, [2_000, 3_000, 4_000]);
  }
  const last = [0, 1].map((by) => pauseBeforeOpening({ attempts: 50 }, by, times));
  assert.equal(last, [150_000, 300_000]);
});

living('is opened anew after two failures, and never after one', () => {
  const up = live(['opening.began', 'probe.proved']).at(-1) ?? unopened;
  const once = tunnelAfter(up, 'probe.failed');
  const twice = tunnelAfter(once, 'probe.failed');
  for (const outcome of ['silent', 'stranger'] as const) {
    assert.not.ok(shouldReopen(once, outcome, 1e9, times));
    assert.ok(shouldReopen(twice, outcome, 0, times));
  }
  assert.equal([once.state, twice.state], ['degraded', 'degraded']);
});

living('a new name has the opening’s time to be known, but a stranger has not', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 20 }), outcomes, fc.nat(40_000), (fails, outcome, ms) => {
      const failed = Array<TunnelEvent>(fails).fill('probe.failed');
      const opening = live(['opening.began', ...failed]).at(-1) ?? unopened;
      assert.is(opening.state, 'opening');
      const expected = outcome === 'stranger' || (outcome === 'silent' && ms >= 20_000);
      assert.is(shouldReopen(opening, outcome, ms, times), expected);
    }),
  );
});

living('is probed every 30 s while it is well, and soon again when it is not', () => {
  const up = live(['opening.began', 'probe.proved']).at(-1) ?? unopened;
  assert.is(untilProbeMs(up, times), 30_000);
  assert.is(untilProbeMs(tunnelAfter(up, 'probe.failed'), times), 2_000);
  assert.is(untilProbeMs(tunnelAfter(unopened, 'opening.began'), times), 2_000);
});

living(
  'a proof is renewed before a push once it is older than 60 s, where there is a tunnel',
  () => {
    const up = live(['opening.began', 'probe.proved']).at(-1) ?? unopened;
    assert.equal(
      [60_000, 60_001].map((ms) => isProofStale(up, ms, times)),
      [false, true],
    );
    assert.not.ok(isProofStale(unopened, 1e9, times));
    assert.not.ok(isProofStale(tunnelAfter(up, 'tunnel.lost'), 1e9, times));
  },
);

living('what is not in the table is a fault of ours', () => {
  assert.throws(() => tunnelAfter(unopened, 'probe.proved'), /cannot see/);
  assert.throws(() => tunnelAfter(unopened, 'tunnel.lost'), /cannot see/);
});

living.run();
