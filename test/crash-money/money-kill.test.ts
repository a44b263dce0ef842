// uncounted: it starts whole programs, again and again
// timeout: 600s
/**
 * Kills the real process at the fourteen moments at which money is between two places, once each; the usual run takes
 * every fourth, another in each hour. `scripts/crash money` does it with many seeds. What is left is what a run without
 * a cut leaves.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hourMs } from '../../gateway/core/slot.ts';
import { line, playAll, playUndisturbed } from '../power-cut/campaign.ts';
import { prepareTemplate } from '../power-cut/template.ts';
import { attackAt, crashPoints } from './crash-points.ts';

const kill = suite('a SIGKILL while money is between two places');
const seed = 1;
const isFull = process.env['JIRANI_TEST_SEEDS'] === 'full';
let known: ReturnType<typeof prepareTemplate> | undefined;
const sameTemplate = () => {
  known ??= prepareTemplate();
  return known;
};
kill.after(async () => (await known)?.[Symbol.dispose]());

/** JIRANI_TEST_QUARTER=0 to 3 repeats one. */
const quarter = Number(process.env['JIRANI_TEST_QUARTER'] ?? Math.floor(Date.now() / hourMs) % 4);

kill(
  'S68 S69 S70 S71 S72 S73 S74 S75 S76 S77 S78 S79 S80: crash points C1 to C13, one seed each, a quarter of them in the usual run',
  async () => {
    const template = await sameTemplate();
    const undisturbed = await playUndisturbed(template);
    const points = crashPoints.filter(({ errand }) => errand === undefined);
    const taken = points.filter((_, place) => isFull || place % 4 === quarter);
    if (!isFull) console.log(`quarter ${quarter}: ${taken.map(({ name }) => name).join(', ')}`);
    const attacks = taken.map((point) => attackAt(point, seed));
    const verdicts = await playAll(template, undisturbed, attacks);
    const wrong = verdicts.filter(({ complaints }) => complaints.length > 0).map(line);
    assert.is(wrong.join('\n'), '');
    const missed = verdicts.filter(({ cutsStruck }) => cutsStruck === 0).map(line);
    assert.is(missed.join('\n'), '');
  },
);

kill('S81: C14, a payment that goes back goes back once', async () => {
  const template = await sameTemplate();
  const undisturbed = await playUndisturbed(template, { errand: 'give-back' });
  assert.equal(undisturbed.remains.mpesa.reversals, [{ state: 'reversed', amountCents: 2_500 }]);
  const points = crashPoints.filter(({ errand }) => errand !== undefined);
  const attacks = points.flatMap((point) => point.at.map((_, number) => attackAt(point, number)));
  const verdicts = await playAll(template, undisturbed, attacks);
  const wrong = verdicts.filter(({ complaints }) => complaints.length > 0).map(line);
  assert.is(wrong.join('\n'), '');
  assert.ok(verdicts.every(({ cutsStruck }) => cutsStruck > 0));
});

kill.run();
