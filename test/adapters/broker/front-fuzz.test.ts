import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fuzzFront } from './fuzz-front.ts';
import { aStream, diceOf } from './fuzz-streams.ts';

const fuzzing = suite('damaged streams');

const streams = process.env['JIRANI_TEST_SEEDS'] === 'reduced' ? 20_000 : 60_000;

fuzzing(
  'nothing is thrown, nothing leaks, and only readings that were sent are offered',
  async () => {
    const { offered, problems } = await fuzzFront({ seed: 1, streams, say: () => {} });
    assert.equal(problems, []);
    assert.ok(offered > streams / 2, `only ${offered} readings came through`);
  },
);

fuzzing('the streams are the same for the same seed', () => {
  const [one, other] = [diceOf(5), diceOf(5)];
  for (let n = 0; n < 100; n++) assert.equal(aStream(one), aStream(other));
  assert.not.equal(aStream(one), aStream(diceOf(5)));
});

fuzzing.run();
