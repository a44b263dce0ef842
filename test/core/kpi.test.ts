/** Three households over one day, worked out by hand. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HouseholdId } from '../../gateway/core/ids.ts';
import {
  bandOf,
  billsOf,
  giniOf,
  type HouseholdFacts,
  kpisOf,
  possibleGain,
} from '../../gateway/core/kpi.ts';
import { lorenzOf } from '../../gateway/core/lorenz.ts';
import { centsPerKwh } from '../../gateway/core/units.ts';

const kpis = suite('what a hub is worth to its neighbours');

const nothing = {
  ...{ importedWh: 0, exportedWh: 0, generatedWh: 0, boughtWh: 0, soldWh: 0 },
  ...{ paidCents: 0, earnedCents: 0, ownUsedWh: 0, giftUsedWh: 0, trades: 0, prompts: 0 },
};
const a = (id: string, differs: Partial<HouseholdFacts>): HouseholdFacts => ({
  ...nothing,
  household: id as HouseholdId,
  ownTariff: centsPerKwh(2700),
  outsideValue: centsPerKwh(300),
  ...differs,
});

/**
 * The roof makes 10 kWh: 2 are used at once, 8 go out, of which 1 covers its own evening and 4 are sold at KES 15; 2 kWh
 * are imported in the evening. The kiosk imports 5 and buys 3; the small home imports 0.5, buys nothing, and is given 0.5.
 */
const roof = a('roof', {
  ...{ generatedWh: 10_000, exportedWh: 8_000, importedWh: 2_000, ownUsedWh: 1_000 },
  ...{ soldWh: 4_000, earnedCents: 6_000, trades: 2 },
});
const kiosk = a('kiosk', {
  ...{ importedWh: 5_000, boughtWh: 3_000, paidCents: 4_500, trades: 1, prompts: 2 },
  ownTariff: centsPerKwh(3130),
});
const home = a('home', {
  ...{ importedWh: 1_000, boughtWh: 1_000, paidCents: 1_500, trades: 1, prompts: 1 },
  ownTariff: centsPerKwh(2000),
});
const day = kpisOf([roof, kiosk, home], 1);

kpis('counts what was made, used, imported and traded', () => {
  assert.is(day.producedWh, 10_000);
  // 4 at the roof (10 made, 8 out, 2 in), 5 and 1.
  assert.is(day.demandedWh, 10_000);
  assert.is(day.tradedWh, 4_000);
  assert.is(day.selfSufficiency, 0.2);
  // 2 at once, 1 carried over, 4 from neighbours.
  assert.is(day.selfSufficiencyCommunity, 0.7);
  assert.is(day.selfConsumption, 0.2);
  assert.is(day.selfConsumptionCommunity, 0.7);
  assert.is(day.matchedShare, 0.5);
  assert.is(day.usedSurplus, 0.5);
});

kpis('compares bills with Kenya Power alone', () => {
  assert.equal(billsOf(roof), { billBeforeCents: 5_400, billCents: 2_700 });
  assert.equal(billsOf(kiosk), { billBeforeCents: 15_650, billCents: 2 * 3_130 + 4_500 });
  assert.equal(billsOf(home), { billBeforeCents: 2_000, billCents: 1_500 });
  assert.is(day.billBeforeCents, 23_050);
  assert.is(day.savedCents, 23_050 - 2_700 - 10_760 - 1_500);
  // The kiosk 3 x 31.30 less 45, the home 20 less 15.
  assert.is(day.savedByTradeCents, 4_890 + 500);
  // 60 less 4 x 3.
  assert.is(day.sellerGainCents, 4_800);
});

kpis('says how much of the best pairing was reached, and who has the gain', () => {
  // 7 kWh that the roof did not use itself: 5 to the kiosk, 1 to its own 1 kWh that is left, 1 to the home.
  assert.is(possibleGain([roof, kiosk, home]), 5 * 2_830 + 2_400 + 1_700);
  assert.is(day.efficiency, (5_390 + 4_800) / (5 * 2_830 + 2_400 + 1_700));
  assert.is(day.sellersShare, 4_800 / 10_190);
  assert.is(day.hubCents, 0);
  assert.is(day.gaining, 1);
});

kpis('counts trades and prompts by household', () => {
  assert.is(day.trades, 2);
  assert.is(day.tradesPerHouseholdDay, 2 / 3);
  assert.is(day.promptsPerHouseholdMonth, 30);
});

kpis('knows a household’s band by its monthly use', () => {
  assert.is(bandOf(home, 1), 'lifeline');
  assert.is(bandOf(a('edge', { importedWh: 1_001 }), 1), 'middle');
  assert.is(bandOf(a('shop', { importedWh: 3_334 }), 1), 'large');
  assert.is(day.bands.lifeline.reached, 1);
  assert.is(day.bands.large.boughtWh, 3_000);
});

kpis('measures how unequal gains are; who loses counts as nobody', () => {
  assert.is(giniOf([5, 5, 5, 5]), 0);
  assert.is(giniOf([0, 0, 0, 8]), 0.75);
  assert.is(giniOf([-3, 0, 0, 8]), 0.75);
  assert.is(giniOf([]), 0);
  // (2*1-4)*1 + (2*2-4)*2 + ... : by hand (-3*1 -1*2 +1*3 +3*4) / (4*10).
  assert.is(giniOf([1, 2, 3, 4]), 0.25);
  assert.equal(lorenzOf([0, 0, 0, 0, 0, 0, 0, 0, 0, 5]), [...Array(10).fill(0), 1]);
});

kpis('a neighbourhood where nothing happened has no shares', () => {
  const empty = kpisOf([a('dark', {})], 7);
  assert.is(empty.selfSufficiency, 0);
  assert.is(empty.efficiency, 0);
  assert.is(empty.savedCents, 0);
});

kpis.run();
