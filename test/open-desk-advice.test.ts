import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { adviceDayOf } from '../gateway/core/advice-score.ts';
import { scoreboardOf } from '../gateway/open-desk-advice.ts';
import { given } from './support/given.ts';
import { corner, kiosk } from './support/neighbourhood.ts';

const board = suite('the scoreboard of the advice');

const score = (gainedCents: number, possibleCents: number) => ({
  ...{ household: corner, gainedCents, possibleCents },
  ...{ ruleCents: undefined, opinionCents: undefined },
});

board('sums up thirty days per household and for the hub', () => {
  using hub = given();
  const today = adviceDayOf(hub.clock.now());
  hub.books.advice.saveScores(today - 31, [score(9_000, 9_000)]);
  hub.books.advice.saveScores(today - 2, [score(2_000, 2_100)]);
  hub.books.advice.saveScores(today - 1, [
    score(1_100, 1_500),
    { ...score(-100, 400), household: kiosk },
  ]);
  const { hub: all, households, secondOpinion } = scoreboardOf(hub);
  assert.equal(all, { days: 2, gainedCents: 3_000, possibleCents: 4_000, sharePercent: 75 });
  assert.equal(households, [
    {
      ...{ householdId: corner, days: 2, gainedCents: 3_100 },
      ...{ possibleCents: 3_600, sharePercent: 86.1 },
    },
    { householdId: kiosk, days: 1, gainedCents: -100, possibleCents: 400, sharePercent: -25 },
  ]);
  assert.equal(secondOpinion, { days: 0, daysNeeded: 30, betterCents: 0, hasSay: false });
});

board('has no share where nothing was possible', () => {
  using hub = given();
  assert.is(scoreboardOf(hub).hub.sharePercent, null);
});

board('shows the record of the language model', () => {
  using hub = given();
  const today = adviceDayOf(hub.clock.now());
  for (let back = 1; back <= 40; back++)
    hub.books.advice.saveScores(today - back, [
      { ...score(0, 0), ruleCents: 500, opinionCents: 520 + (back % 2) },
    ]);
  const { days, betterCents, hasSay } = scoreboardOf(hub).secondOpinion;
  assert.equal([days, betterCents, hasSay], [30, 30 * 20 + 15, true]);
});

board.run();
