// timeout: 1800s
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { minuteMs } from '../../gateway/core/slot.ts';
import { adventure, openTemplate, type Twist } from '../support/adventure.ts';
import type { Happening } from '../support/befall.ts';
import { breachesAtRest, breachesNow } from '../support/invariants.ts';
import { prepareLazily } from '../support/lazy-statements.ts';
import {
  asWritten,
  believesCallbacks,
  happenings,
  live,
  paysUnderANewName,
  ringsAgain,
} from './model.ts';

const once = suite('money, energy and tokens, exactly once');
prepareLazily();

/** JIRANI_TEST_SEEDS=full lives every one; the usual run says that it was reduced. */
const isFull = process.env['JIRANI_TEST_SEEDS'] === 'full';
const runs = isFull ? 10_000 : 200;

once(`S84: in ${runs} random lives of a hub${isFull ? '' : ' (reduced)'}`, async () => {
  using template = openTemplate();
  const seen = { credited: 0, closed: 0, expired: 0, paidOut: 0, unclear: 0 };
  await fc.assert(
    fc.asyncProperty(happenings, async (all) => {
      using one = adventure(template.file, asWritten);
      await live(one, all);
      const { topups, trades } = one.hub().books;
      for (const { checkoutRequestId, isKnown } of one.mpesa.prompts) {
        if (topups.byCheckoutRequest(checkoutRequestId)?.state === 'credited') seen.credited += 1;
        if (!isKnown) seen.unclear += 1;
      }
      seen.expired += trades.inStates(['expired']).length;
      seen.closed += trades.inStates(['closed']).length;
      seen.paidOut += one.mpesa.paidOut.size;
    }),
    { numRuns: runs },
  );
  console.log(`reached: ${JSON.stringify(seen)}`);
  for (const [name, count] of Object.entries(seen)) assert.ok(count > 5, `${name}: ${count}`);
});

const lostAnswer: readonly Happening[] = [
  { what: 'next push', manner: 'lost-but-ringing' },
  { what: 'order', energyWh: 2_000, byHand: true },
  { what: 'time', ms: minuteMs },
  { what: 'pin', prompt: 0, pays: true },
  { what: 'callback', prompt: 0, times: 1 },
];

once('one lost answer does no harm', async () => {
  using template = openTemplate();
  using one = adventure(template.file, asWritten);
  await live(one, lostAnswer);
  assert.is(one.mpesa.prompts.length, 1);
});

once('S84: a hub that rings again after an unclear answer is caught', async () => {
  using template = openTemplate();
  using one = adventure(template.file, ringsAgain);
  for (const happening of lostAnswer.slice(0, 4)) await one.happen(happening);
  await one.happen({ what: 'time', ms: minuteMs });
  await one.happen({ what: 'callback', prompt: 0, times: 1 });
  await one.comeToRest();
  assert.is(one.mpesa.prompts.length, 2);
  const breaches = [...breachesNow(one), ...breachesAtRest(one)].join('; ');
  assert.match(breaches, /push \S+ rang twice/);
});

const faulty: Readonly<Record<string, Twist>> = {
  'rings again after an unclear answer': ringsAgain,
  'pays under a new name after an unclear answer': paysUnderANewName,
  'believes what a callback says': believesCallbacks,
};
const controlRuns = 400;

for (const [how, twist] of Object.entries(faulty))
  once(`S84: random lives catch a hub that ${how}`, async () => {
    using template = openTemplate();
    const found = await fc.check(
      fc.asyncProperty(happenings, async (all) => {
        using one = adventure(template.file, twist);
        await live(one, all);
      }),
      { numRuns: controlRuns, endOnFailure: true },
    );
    assert.is(found.failed, true);
  });

once.run();
