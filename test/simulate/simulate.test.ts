/** The live steps on a clock that jumps, with everything outside played in one process. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { roundRules } from '../../gateway/core/market/round-rule.ts';
import { pageOf } from '../../gateway/simulation/report.ts';
import { simulate } from '../../gateway/simulation/simulate.ts';
import { nothingWrong, ruleNamed, simulated, usual } from './a-neighbourhood.ts';

const simulating = suite('a simulated neighbourhood');

const documentOf = async (seed: number): Promise<string> => {
  const measured = await simulate({ ...usual, days: 1, seed });
  const report = { name: 'simulate' as const, options: { seed }, ...measured };
  return JSON.stringify(report) + pageOf(report);
};

simulating('is the same to the byte for the same seed, and another for another', async () => {
  const [first, again, other] = [await documentOf(3), await documentOf(3), await documentOf(4)];
  assert.ok(first === again);
  assert.not.equal(first, other);
});

for (const name of Object.keys(roundRules))
  simulating(`trades by the rule ${name} with every sum right and nobody paying more`, async () => {
    const { kpis, checks } = await simulated({ rule: ruleNamed(name) });
    assert.equal(checks, nothingWrong);
    assert.ok(kpis.trades > 0);
    assert.ok(kpis.savedByTradeCents >= 0);
  });

simulating('only pay-as-posted and one price for all leave the hub nothing', async () => {
  const hubOf = async (name: string) => (await simulated({ rule: ruleNamed(name) })).kpis.hubCents;
  assert.is(await hubOf('posted'), 0);
  assert.is(await hubOf('uniform'), 0);
  assert.ok((await hubOf('mcafee')) > 0);
});

simulating('without panels nobody trades, rings or saves', async () => {
  const { kpis, checks, money } = await simulated({ panels: false });
  assert.equal(checks, nothingWrong);
  assert.is(kpis.producedWh, 0);
  assert.is(kpis.trades, 0);
  assert.is(kpis.savedCents, 0);
  assert.is(money.prompts, 0);
});

simulating('with batteries a roof uses more of its own and exports less', async () => {
  const [without, withThem] = [await simulated(), await simulated({ batteries: true })];
  assert.equal(withThem.checks, nothingWrong);
  assert.ok(withThem.kpis.exportedWh < without.kpis.exportedWh);
  assert.ok(withThem.kpis.selfConsumption > without.kpis.selfConsumption);
});

simulating('lives through power cuts and goes on', async () => {
  const dark = await simulated({ outageHours: 12 });
  const bright = await simulated({ outageHours: 0 });
  assert.ok(dark.away.powerHours > 4);
  assert.equal(dark.checks, nothingWrong);
  assert.ok(dark.kpis.importedWh < bright.kpis.importedWh);
  assert.ok((dark.perDay.at(-1)?.tradedWh ?? 0) > 0);
});

simulating('the end of a window clears what is below a lot, to the last Wh', async () => {
  const inLots = await simulated({ lotWh: 1000 });
  const toTheEnd = await simulated({ lotWh: 1000, windowDays: 1 });
  assert.is(inLots.kpis.tradedWh % 1000, 0);
  assert.is.not(toTheEnd.kpis.tradedWh % 1000, 0);
  assert.equal(toTheEnd.checks, nothingWrong);
});

simulating('the rate moves by at most a shilling a day and stays in its collar', async () => {
  const { perDay } = await simulated({ days: 3 });
  const rates = perDay.map(({ rateCentsPerKwh }) => rateCentsPerKwh);
  assert.is(rates[0], 1500);
  for (const [at, rate] of rates.entries()) {
    assert.ok(rate >= 1200 && rate <= 1990);
    if (at > 0) assert.ok(Math.abs(rate - (rates[at - 1] ?? 0)) <= 100);
  }
});

simulating('a smaller lot brings more trades and reaches more homes', async () => {
  const [small, large] = [await simulated({ lotWh: 100 }), await simulated({ lotWh: 1000 })];
  assert.ok(small.kpis.trades > large.kpis.trades);
  assert.ok(small.kpis.bands.lifeline.reached >= large.kpis.bands.lifeline.reached);
});

simulating.run();
