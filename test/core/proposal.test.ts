import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HouseholdId, ProposalId } from '../../gateway/core/ids.ts';
import { allHeard, type GateDecision, narrowed, proposedWh } from '../../gateway/core/proposal.ts';
import type { Proposal, ProposalState } from '../../gateway/core/round.ts';
import { centsPerKwh, slotNumber, wattHours } from '../../gateway/core/units.ts';
import { aRule, corner, kiosk } from './neighbours.ts';

const proposing = suite('proposing what to sell');

const lot = wattHours(1000);
const rate = centsPerKwh(1500);
const proposed = (advisedWh: number, soldTodayWh = 0, change = {}): number =>
  proposedWh(wattHours(advisedWh), aRule(change), soldTodayWh, rate, lot);

proposing('offers whole lots and lets the rest wait', () => {
  assert.equal(
    [0, 999, 1000, 1001, 2999, 3000].map((wh) => proposed(wh)),
    [0, 0, 1000, 1000, 2000, 3000],
  );
});

proposing('offers nothing below the price that the household asks', () => {
  const at = (floor: number) => proposed(3000, 0, { sellFloor: centsPerKwh(floor) });
  assert.equal([1499, 1500, 1501].map(at), [3000, 3000, 0]);
});

proposing('offers no more than the household sells in a day', () => {
  const left = (soldTodayWh: number) =>
    proposed(9000, soldTodayWh, { sellDailyWh: wattHours(5000) });
  assert.equal(
    [0, 1000, 3999, 4000, 4001, 5000, 9000].map(left),
    [5000, 4000, 1000, 1000, 0, 0, 0],
  );
});

proposing('offers in the lots that the keeper has set', () => {
  const inLots = (lotWh: number) => proposedWh(wattHours(2600), aRule(), 0, rate, wattHours(lotWh));
  assert.equal([250, 500, 1300, 2600, 5000].map(inLots), [2500, 2500, 2600, 2600, 0]);
});

const gating = suite('letting gates look at a proposal');

const approve: GateDecision = { decision: 'approve' };
const veto: GateDecision = { decision: 'veto' };
const shrink = (energyWh: number): GateDecision => ({ decision: 'shrink', energyWh });
const left = (...decisions: GateDecision[]): number => narrowed(wattHours(5000), decisions, lot);

gating('lets all pass where there is no gate, and where every gate approves', () => {
  assert.is(left(), 5000);
  assert.is(left(approve, approve), 5000);
});

gating('hears a veto above everything, whoever says it first', () => {
  assert.is(left(veto), 0);
  assert.is(left(approve, shrink(3000), veto), 0);
  assert.is(left(veto, shrink(3000), approve), 0);
});

gating('hears the smallest of several wishes to shrink, above approval', () => {
  assert.is(left(shrink(3000), approve), 3000);
  assert.is(left(shrink(3000), shrink(2000), shrink(4000)), 2000);
});

gating('shrinks to whole lots, never to less than nothing, and never grows', () => {
  assert.equal(
    [3999, 1000, 999, 0, -1, -5000].map((wh) => left(shrink(wh))),
    [3000, 1000, 0, 0, 0, 0],
  );
  assert.equal(
    [2000.5, 5000, 5001, 1e9].map((wh) => left(shrink(wh))),
    [2000, 5000, 5000, 5000],
  );
});

const aDecision: fc.Arbitrary<GateDecision> = fc.oneof(
  fc.constant(approve),
  fc.integer({ min: -5000, max: 50_000 }).map(shrink),
  fc.double({ noNaN: true }).map(shrink),
  fc.constant(veto),
);

gating('only ever narrows, to whole lots, in whatever order gates answer', () => {
  const decisions = fc.array(aDecision, { maxLength: 6 });
  fc.assert(
    fc.property(fc.nat(40), fc.constantFrom(250, 1000, 1300), decisions, (lots, lotWh, heard) => {
      const whole = wattHours(lots * lotWh);
      const passed = narrowed(whole, heard, wattHours(lotWh));
      assert.ok(passed >= 0 && passed <= whole && passed % lotWh === 0);
      assert.is(narrowed(whole, heard.toReversed(), wattHours(lotWh)), passed);
      for (let known = 0; known < heard.length; known++)
        assert.ok(narrowed(whole, heard.slice(0, known), wattHours(lotWh)) >= passed);
      if (heard.includes(veto)) assert.is(passed, 0);
    }),
    { numRuns: 1_000 },
  );
});

const hearing = suite('waiting until every seller has been heard');

const aSeller = (household: HouseholdId) => ({ household, energyWh: wattHours(3000) });
const aProposal = (household: HouseholdId, state: ProposalState): Proposal => ({
  id: `proposal-${household}` as ProposalId,
  slot: slotNumber(7),
  household,
  energyWh: wattHours(3000),
  passedWh: state === 'open' ? undefined : wattHours(3000),
  state,
});
const both = [aSeller(corner), aSeller(kiosk)];

hearing('is over at once in a round without a seller', () => {
  assert.ok(allHeard([], []));
});

hearing('goes on while a seller has no proposal yet, or an open one', () => {
  assert.not.ok(allHeard(both, []));
  assert.not.ok(allHeard(both, [aProposal(corner, 'passed')]));
  assert.not.ok(allHeard(both, [aProposal(corner, 'passed'), aProposal(kiosk, 'open')]));
});

hearing('is over when each has passed, lapsed or had too little', () => {
  for (const state of ['passed', 'lapsed', 'none'] as const)
    assert.ok(allHeard(both, [aProposal(corner, 'passed'), aProposal(kiosk, state)]));
});

proposing.run();
gating.run();
hearing.run();
