// uncounted: it starts whole programs, again and again
// timeout: 600s
/**
 * Ends the real process at the boundaries of every step, starts it again, and compares what is left with a
 * run that nothing disturbed. JIRANI_TEST_SEEDS=full takes every boundary; scripts/crash adds random cuts.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hourMs } from '../gateway/core/slot.ts';
import {
  boundariesByName,
  line,
  playAll,
  playUndisturbed,
  pushMayBeLost,
} from './power-cut/campaign.ts';
import { prepareTemplate } from './power-cut/template.ts';

const darkness = suite('a power cut');
/** What the trade and its money go through themselves; other deeds are under way beside them. */
const ownWay =
  /^(?:before|after) (?:books\.(?:topups|trades|tokens|payouts)|chain|money)\.(?!askBalance|listPayments|registerForLists)/;
const isFull = process.env['JIRANI_TEST_SEEDS'] === 'full';
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function aNeighbourhood() {
  const template = await prepareTemplate();
  return { template, undisturbed: await playUndisturbed(template) };
}

/** Nothing that is done to it reaches the template, so all stories begin with the same one. */
let known: ReturnType<typeof aNeighbourhood> | undefined;
const sameNeighbourhood = () => {
  known ??= aNeighbourhood();
  return known;
};
darkness.after(async () => (await known)?.template[Symbol.dispose]());

darkness('that never comes leaves one trade, payment, transfer and payout', async () => {
  const given = await sameNeighbourhood();
  const { books, mpesa, chain, readings } = given.undisturbed.remains;
  assert.equal([books.trialBalanceCents, books.trialBalanceWh, books.imbalances], [0, 0, []]);
  assert.equal(
    books.trades.map(({ state }) => state),
    ['closed'],
  );
  assert.equal(mpesa.payments, [{ phone: '254708374149', amountCents: 1600 }]);
  assert.equal(mpesa.payouts, [{ phone: '254700123456', amountCents: 1500 }]);
  assert.equal(chain, { transfers: 1, supplyWh: 1000, roofHoldsWh: 0, kioskHoldsWh: 1000 });
  assert.equal([readings.acknowledged, readings.missing], [readings.sent, []]);
});

darkness('changes nothing that anybody owns or owes, at whichever boundary it comes', async () => {
  const given = await sameNeighbourhood();
  const { template, undisturbed } = given;
  const named = boundariesByName(undisturbed.passed);
  // Another twelfth in each hour; JIRANI_TEST_TWELFTH=0 to 11 repeats one.
  const twelfth = Number(
    process.env['JIRANI_TEST_TWELFTH'] ?? Math.floor(Date.now() / hourMs) % 12,
  );
  const boundaries = isFull
    ? undisturbed.passed
    : named.filter((at, place) => place % 12 === twelfth || pushMayBeLost.has(at));
  if (!isFull) say(`twelfth ${twelfth} of the ${named.length} first boundaries of each kind`);
  const attacks = boundaries.map((at) => ({ cuts: [{ at }] }));
  const verdicts = await playAll(template, undisturbed, attacks);
  const wrong = verdicts.filter(({ complaints }) => complaints.length > 0).map(line);
  assert.is(wrong.join('\n'), '');
  const struck = verdicts.filter(({ cutsStruck }) => cutsStruck === 1).length;
  say(`${struck} of ${undisturbed.passed.length} boundaries, each with a SIGKILL and a restart`);
  // How often the chain is asked depends on the machine; the first time of everything does not.
  if (!isFull) assert.is(struck, boundaries.length);
  const lost = verdicts.filter(({ neverRang }) => neverRang).flatMap(({ cuts }) => cuts);
  const lostAt = new Set(lost.map((cut) => ('at' in cut ? cut.at : '')));
  for (const at of boundaries.filter((one) => pushMayBeLost.has(one))) assert.ok(lostAt.has(at));
  // A boundary of another deed may fall into the same moment, but none of the trade's own does.
  const beside = [...lostAt].filter((at) => !pushMayBeLost.has(at));
  if (beside.length > 0) say(`the push was lost at a cut of another deed: ${beside.join(', ')}`);
  assert.equal(
    beside.filter((at) => ownWay.test(at)),
    [],
  );
});

darkness('may come again while the hub picks up the pieces', async () => {
  const given = await sameNeighbourhood();
  const again = ['after money.ring#1', 'after books.deeds.wakeAll#1', 'after books.trades.pay#1'];
  const late = ['after chain.send#1', 'before money.payOut#1', 'after books.payouts.pending#1'];
  const play = (all: readonly string[][]) =>
    playAll(
      given.template,
      given.undisturbed,
      all.map((boundaries) => ({ cuts: boundaries.map((at) => ({ at })) })),
    );
  const verdicts = await play([again, late]);
  // On a slow machine a life may go another good way, such as by a callback that comes first: then it is lived again.
  const missed = verdicts.filter(({ cutsStruck }) => cutsStruck < 3);
  const second = await play(
    missed.map(({ cuts }) => cuts.flatMap((cut) => ('at' in cut ? cut.at : []))),
  );
  for (const verdict of missed) say(line(verdict));
  const wrong = [...verdicts, ...second]
    .filter(({ complaints }) => complaints.length > 0)
    .map(line);
  assert.is(wrong.join('\n'), '');
  assert.equal(second.filter(({ cutsStruck }) => cutsStruck < 3).map(line), []);
});

darkness('shows when a hub forgets under which name it has paid', async () => {
  const given = await sameNeighbourhood();
  const cuts = [{ at: 'after money.payOut#1' }];
  const [verdict] = await playAll(given.template, given.undisturbed, [
    { cuts, fault: 'pays-under-a-new-name' },
  ]);
  assert.is(verdict?.remains.mpesa.payouts.length, 2);
  assert.ok(verdict?.complaints.some((text) => text.startsWith('mpesa.payouts.1: ')));
});

darkness('shows when a hub thanks a meter before the reading is on the disk', async () => {
  const given = await sameNeighbourhood();
  const cuts = [{ at: 'before readings.offer#4' }];
  const [verdict] = await playAll(given.template, given.undisturbed, [
    { cuts, fault: 'thanks-too-early' },
  ]);
  assert.ok((verdict?.remains.readings.missing.length ?? 0) > 0);
  assert.ok(verdict?.complaints.some((text) => text.startsWith('readings.missing.0: ')));
});

darkness.run();
