import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AdviceId, ProposalId } from '../../gateway/core/ids.ts';
import type { GateDecision } from '../../gateway/core/proposal.ts';
import { centsPerKwh, epochMs, type SlotNumber, wattHours } from '../../gateway/core/units.ts';
import { makeProposal } from '../../gateway/steps/make-proposal.ts';
import { passGates } from '../../gateway/steps/pass-gates.ts';
import { aRound, aTrade, type GivenHub, given, heard } from '../support/given.ts';
import { corner, nine, tailor } from '../support/neighbourhood.ts';

const proposing = suite('proposing to sell');

const advised = (hub: GivenHub, slot: SlotNumber, sellWh: number, household = corner) =>
  makeProposal(hub, {
    ...{ name: 'advice.given', slot, household, advice: 'a' as AdviceId },
    sellWh: wattHours(sellWh),
  });
const proposal = (hub: GivenHub, slot: SlotNumber) => {
  const [first] = hub.books.rounds.proposalsOf(slot);
  return [first?.energyWh, first?.state];
};
const rich = { energy: { [corner]: 9_000, [tailor]: 9_000 } };

proposing('takes whole lots of what was advised; the rest carries over', () => {
  using hub = given(rich);
  const slot = aRound(hub, { [corner]: 9_000 });
  advised(hub, slot, 3_999);
  assert.equal(proposal(hub, slot), [3_000, 'open']);
  assert.is(heard(hub, 'proposal.made')[0]?.energyWh, 3_000);
  assert.equal(heard(hub, 'round.ready'), []);
});

proposing('stays inside the household’s day: what was sold already counts', () => {
  using hub = given({ ...rich, rules: { [corner]: { sellDailyWh: wattHours(4_500) } } });
  aTrade(hub, { energyWh: 2_000 });
  const expired = aTrade(hub, { energyWh: 2_000 });
  hub.books.trades.expire(expired, 'nobody paid', nine);
  const slot = aRound(hub, { [corner]: 5_000 });
  advised(hub, slot, 5_000);
  assert.equal(proposal(hub, slot), [2_000, 'open']);
});

proposing('does not sell below the household’s floor, and is heard all the same', () => {
  using hub = given({ ...rich, rules: { [corner]: { sellFloor: centsPerKwh(1_501) } } });
  const slot = aRound(hub, { [corner]: 9_000 });
  advised(hub, slot, 9_000);
  assert.equal(proposal(hub, slot), [0, 'none']);
  assert.equal(heard(hub, 'round.ready'), [{ name: 'round.ready', slot }]);
});

proposing('waits with the round until every seller has been heard', () => {
  using hub = given(rich);
  const slot = aRound(hub, { [corner]: 9_000, [tailor]: 9_000 });
  advised(hub, slot, 999);
  assert.equal(heard(hub, 'round.ready'), []);
  advised(hub, slot, 999, tailor);
  assert.is(heard(hub, 'round.ready').length, 1);
});

proposing('happens once per round', () => {
  using hub = given(rich);
  const slot = aRound(hub, { [corner]: 9_000 });
  advised(hub, slot, 2_000);
  advised(hub, slot, 5_000);
  assert.equal(proposal(hub, slot), [2_000, 'open']);
  assert.is(heard(hub, 'proposal.made').length, 1);
});

const gates = suite('passing the keeper’s gates');

async function passed(decisions: readonly GateDecision[]) {
  using hub = given(rich);
  const slot = aRound(hub, { [corner]: 9_000 });
  advised(hub, slot, 5_000);
  const [made] = heard(hub, 'proposal.made');
  assert.ok(made);
  await passGates(Object.assign(hub, { gateSays: decisions }), made);
  const [after] = hub.books.rounds.proposalsOf(slot);
  assert.equal(heard(hub, 'round.ready'), [{ name: 'round.ready', slot }]);
  return [after?.passedWh, after?.state];
}
const approve = { decision: 'approve' } as const;
const veto = { decision: 'veto' } as const;
const shrink = (energyWh: number) => ({ decision: 'shrink', energyWh }) as const;

gates('lets everything pass where no gate stands', async () => {
  assert.equal(await passed([]), [5_000, 'passed']);
});

gates('may only veto or shrink to whole lots; a veto wins', async () => {
  assert.equal(await passed([approve, shrink(2_999), shrink(4_000)]), [2_000, 'passed']);
  assert.equal(await passed([approve, shrink(90_000)]), [5_000, 'passed']);
  assert.equal(await passed([shrink(999)]), [0, 'lapsed']);
  assert.equal(await passed([shrink(-1)]), [0, 'lapsed']);
  assert.equal(await passed([approve, veto, shrink(4_000)]), [0, 'lapsed']);
});

gates('hears an answer once: what comes later finds it settled', async () => {
  using hub = given(rich);
  const slot = aRound(hub, { [corner]: 9_000 });
  advised(hub, slot, 5_000);
  const [made] = heard(hub, 'proposal.made');
  assert.ok(made);
  await passGates(hub, made);
  await passGates(Object.assign(hub, { gateSays: [veto] }), made);
  assert.is(hub.books.rounds.proposalsOf(slot)[0]?.passedWh, 5_000);
});

gates('makes the round wait for the slowest gate', async () => {
  using hub = given(rich);
  const slot = aRound(hub, { [corner]: 9_000, [tailor]: 9_000 });
  advised(hub, slot, 5_000);
  advised(hub, slot, 5_000, tailor);
  const [first, second] = heard(hub, 'proposal.made');
  assert.ok(first && second);
  await passGates(hub, second);
  assert.equal(heard(hub, 'round.ready'), []);
  await passGates(hub, first);
  assert.is(heard(hub, 'round.ready').length, 1);
});

gates('a household has one open proposal at a time', () => {
  using hub = given(rich);
  const slot = aRound(hub, { [corner]: 9_000 });
  advised(hub, slot, 5_000);
  hub.clock.set(epochMs(hub.clock.now() + 1));
  const another = { id: 'p' as ProposalId, slot, household: corner, energyWh: wattHours(1_000) };
  assert.throws(
    () => hub.books.rounds.saveProposal({ ...another, passedWh: undefined, state: 'open' }),
    /UNIQUE/,
  );
});

proposing.run();
gates.run();
