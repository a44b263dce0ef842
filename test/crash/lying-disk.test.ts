// uncounted: it starts whole programs, again and again
// needs: gcc
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type LyingRound, lyingRounds } from './lying-rounds.ts';

const failing = suite('a disk that fails while readings arrive');

const nothingWrong = async (rounds: readonly LyingRound[], seed: number, forgets = false) => {
  const outcome = await lyingRounds({ rounds, seed, forgets });
  assert.equal(outcome.complaints, []);
  assert.is(outcome.last.missing, 0);
  return outcome;
};

failing('keeps what it acknowledged when only what was synchronised survives', async () => {
  const { last } = await nothingWrong(
    [
      { fault: 'none', ending: 'power-cut' },
      { fault: 'none', ending: 'leaky-power-cut' },
    ],
    31,
  );
  assert.ok(last.acknowledged > 100);
});

failing('a hub that does not wait for the disk is found out', async () => {
  const mutant = 'lost-in-power-cuts';
  const { last } = await lyingRounds({ rounds: [], seed: 32, forgets: false, mutant });
  assert.ok(last.missing > 0);
});

failing('a write that fails, and a full disk, are refusals and no more', async () => {
  const { refusals, writesFailed } = await nothingWrong(
    [
      { fault: 'write-fails', ending: 'power-cut', afterwardsMs: 1_200 },
      { fault: 'full', ending: 'power-cut', afterwardsMs: 50 },
    ],
    33,
  );
  assert.ok(writesFailed >= 2 && refusals >= 1);
});

failing(
  'a failed wait for the disk loses nothing, though the hub is killed before the next',
  async () => {
    const { syncsFailed } = await nothingWrong(
      [
        { fault: 'sync-fails', ending: 'kill' },
        { fault: 'none', ending: 'power-cut' },
      ],
      34,
    );
    assert.is(syncsFailed, 1);
  },
);

failing('the power may fail while the hub mends a failed wait', async () => {
  const life = { commitMs: 50, window: 20, lifeMs: 0 };
  // First much is carried into the file, so that there is something to be torn.
  const { gaveUp } = await nothingWrong(
    [
      { fault: 'sync-fails', ending: 'kill', afterwardsMs: 2_500, life: { ...life, lifeMs: 300 } },
      { fault: 'sync-fails-then-3', ending: 'leaky-power-cut', afterwardsMs: 4_000, life },
    ],
    3,
  );
  assert.is(gaveUp, 1);
});

failing('a file system that forgets what it could not write does not spoil the file', async () => {
  const mended = { fault: 'sync-fails', ending: 'power-cut', afterwardsMs: 2_500 } as const;
  await nothingWrong([mended], 36, true);
});

failing.run();
