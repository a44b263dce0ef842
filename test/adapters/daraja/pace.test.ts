import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openPace, type Pace, waitingMost } from '../../../gateway/adapters/daraja/pace.ts';

const pacing = suite('keeping calls to M-Pesa apart');
const elapsedMs = () => performance.now();

pacing('calls that come together go out one after the other, in their order', async () => {
  const pace = openPace(50, elapsedMs, new AbortController().signal);
  const before = elapsedMs();
  const order: number[] = [];
  await Promise.all(
    [0, 1, 2, 3, 4, 5].map(async (call) => {
      assert.is(await pace.turn(), 'go');
      order.push(call);
    }),
  );
  assert.equal(order, [0, 1, 2, 3, 4, 5]);
  assert.ok(elapsedMs() - before >= 95, 'five gaps of 20 ms');
});

pacing('a call after a quiet while goes at once', async () => {
  const pace = openPace(1, elapsedMs, new AbortController().signal);
  const before = elapsedMs();
  assert.is(await pace.turn(), 'go');
  assert.ok(elapsedMs() - before < 500);
});

pacing('more callers than may wait are told so at once, and closing lets all go', async () => {
  const ending = new AbortController();
  const pace = openPace(0.001, elapsedMs, ending.signal);
  const turns = Array.from({ length: waitingMost }, () => pace.turn());
  assert.is(await pace.turn(), 'too-many');
  assert.is(await turns[0], 'go');
  ending.abort();
  assert.equal(new Set(await Promise.all(turns.slice(1))), new Set(['closing']));
  assert.is(await pace.turn(), 'closing');
});

/** Whether a call may go `ms` after the start, once `before` has happened at the start. */
async function goesAt(ms: number, before: (pace: Pace) => void): Promise<boolean> {
  let atMs = 0;
  const ending = new AbortController();
  const pace = openPace(1_000, () => atMs, ending.signal);
  before(pace);
  atMs = ms;
  const waits = new Promise((go) => setTimeout(go, 30, 'waits'));
  const turn = await Promise.race([pace.turn(), waits]);
  ending.abort();
  return turn === 'go';
}

const spikes = (count: number) => (pace: Pace) => {
  for (let spike = 0; spike < count; spike += 1) pace.slowDown();
};

pacing('each spike arrest doubles the rest, up to a minute', async () => {
  assert.not.ok(await goesAt(900, spikes(1)));
  assert.ok(await goesAt(1_000, spikes(1)));
  assert.not.ok(await goesAt(1_900, spikes(2)));
  assert.ok(await goesAt(2_000, spikes(2)));
  assert.not.ok(await goesAt(59_900, spikes(20)));
  assert.ok(await goesAt(60_000, spikes(20)));
});

pacing('a call that went through makes the next rest a short one', async () => {
  const recovered = (pace: Pace) => {
    pace.slowDown();
    pace.recover();
    pace.slowDown();
  };
  assert.ok(await goesAt(1_000, recovered));
});

pacing.run();
