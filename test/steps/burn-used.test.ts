import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HouseholdId, TokenIntentId } from '../../gateway/core/ids.ts';
import type { Msisdn } from '../../gateway/core/phone.ts';
import { dayMs, hourMs, slotAt, startOfDay } from '../../gateway/core/slot.ts';
import { epochMs, slotNumber, wattHours } from '../../gateway/core/units.ts';
import { burnUsed } from '../../gateway/steps/burn-used.ts';
import { aPaidTrade, aTrade, type GivenHub, given } from '../support/given.ts';
import { corner, kiosk, nine, tailor, usualRule } from '../support/neighbourhood.ts';

const burning = suite('burning the tokens of used energy');
const two = epochMs(startOfDay(nine) + dayMs + 2 * hourMs);
const rich = { energy: { [corner]: 9_000 }, wallets: { [kiosk]: 9_000 }, need: { [kiosk]: 1_500 } };

const burn = (hub: GivenHub, endMs: number = two) =>
  burnUsed(hub, {
    ...{ name: 'slot.closed', inTime: true },
    slot: slotNumber(slotAt(epochMs(endMs)) - 1),
  });
const burns = (hub: GivenHub) =>
  hub.books.deeds
    .due(epochMs(two + dayMs * 9), 100)
    .map(({ subject }) => hub.books.tokens.find(subject as TokenIntentId))
    .filter((intent) => intent?.kind === 'burn')
    .map((intent) => [intent?.from, intent?.energyWh]);

/** The kiosk bought 2 kWh and has used 1.5 kWh of them. */
function used(hub: GivenHub): void {
  const { trade, intent } = aPaidTrade(hub);
  const attempt = { signature: 's', raw: Buffer.from('s'), lastValidHeight: 1, genesisHash: 'g' };
  hub.books.tokens.saveAttempt(intent, attempt, nine);
  const cover = { boughtWh: wattHours(1_500), ownWh: wattHours(0) };
  hub.books.trades.settle(trade, intent, 's', cover, nine);
}

burning('burns at two in the night exactly what the household no longer holds', () => {
  using hub = given(rich);
  used(hub);
  burn(hub, two - 15 * 60_000);
  burn(hub, two + 15 * 60_000);
  assert.equal(burns(hub), [], 'at no other time');
  burn(hub);
  assert.equal(burns(hub), [[kiosk, 1_500]]);
});

burning('burns for a dozen households at once, each its own amount', () => {
  using hub = given(rich);
  const { books } = hub;
  const many = Array.from({ length: 14 }, (_, index) => `home-${index + 10}` as HouseholdId);
  for (const [index, id] of many.entries()) {
    const who = { id, name: id, code: `X${index + 10}YZ`.slice(0, 5), role: 'both' as const };
    const phone = `2547110000${index + 10}` as Msisdn;
    books.households.add({ ...who, phone, language: 'en', since: nine }, usualRule);
    const gift = `gift:${id}` as TokenIntentId;
    const toHome = {
      ...{ id: gift, kind: 'transfer' as const, trade: undefined, reference: gift, memo: 'm' },
      ...{ from: corner, to: id, energyWh: wattHours(100 + index), mintWh: wattHours(900) },
    };
    books.tokens.intend({ ...toHome, state: 'open', signature: undefined }, nine);
    books.tokens.finish({ ...toHome, state: 'open', signature: undefined }, `s-${id}`);
  }
  burn(hub);
  burn(hub);
  const intents = books.deeds
    .due(epochMs(two), 100)
    .map(({ subject }) => books.tokens.find(subject as TokenIntentId))
    .filter((intent) => intent?.kind === 'burn');
  const sizes = intents.map((intent) => 1 + (intent?.shares?.length ?? 0)).sort();
  assert.equal(sizes, [12, 3].sort(), 'the corner house burns what it gave away too much');
  for (const id of many) assert.is(books.energy.onChainWh(id), 0, id);
});

burning('burns nothing twice, neither told twice nor the night after', () => {
  using hub = given(rich);
  used(hub);
  burn(hub);
  burn(hub);
  burn(hub, two + dayMs);
  assert.equal(burns(hub), [[kiosk, 1_500]]);
});

burning('leaves what is kept, on offer, reserved, or on its way', () => {
  using hub = given(rich);
  used(hub);
  const { books } = hub;
  const toCorner = {
    ...{ id: 'x' as TokenIntentId, kind: 'transfer' as const, trade: undefined, reference: 'x' },
    ...{ from: kiosk, to: corner, energyWh: wattHours(500), mintWh: wattHours(0), memo: 'm' },
    ...{ state: 'open' as const, signature: undefined },
  };
  books.tokens.intend(toCorner, nine);
  books.tokens.finish(toCorner, 'landed');
  aTrade(hub, { buyer: tailor });
  aPaidTrade(hub);
  burn(hub);
  // The kiosk gave 500 tokens away on chain: of its 2,000 there are 1,500, of which 500 are still bought.
  assert.equal(burns(hub), [[kiosk, 1_000]]);
});

burning('does not touch energy that was never on chain', () => {
  using hub = given({ energy: { [corner]: 9_000 }, need: { [corner]: 4_000 } });
  burn(hub);
  assert.equal(burns(hub), []);
});

burning.run();
