import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cardNameOf, toCard } from '../../flows/nodes/lib/card.ts';
import { type Proposal, readProposal, toDecision } from '../../flows/nodes/lib/decision.ts';
import { gateNameOf } from '../../flows/nodes/lib/gate.ts';
import { householdsIn, matches } from '../../flows/nodes/lib/topics.ts';

const deciding = suite('what a flow may say to a proposal');

const proposal: Proposal = {
  ...{ id: 'p1', household: 'clinic', energyWh: 5_000, lotWh: 1_000, centsPerKwh: 1_500 },
  ...{ closesInMs: 3_000, gates: ['fridge'] },
};
const shrink = (energyWh: number) => ({ decision: 'shrink', energyWh });

const said: readonly (readonly [unknown, unknown])[] = [
  ['approve', { decision: 'approve' }],
  [true, { decision: 'approve' }],
  ['veto', { decision: 'veto' }],
  [false, { decision: 'veto' }],
  [3_000, shrink(3_000)],
  [3_999.9, shrink(3_000)],
  [5_000, shrink(5_000)],
  [{ energyWh: 1_000 }, shrink(1_000)],
  [{ keepWh: 2_000 }, shrink(3_000)],
  [{ keepWh: 2_001 }, shrink(2_000)],
  [{ keepWh: 0 }, shrink(5_000)],
  [999, { decision: 'veto' }],
  [0, { decision: 'veto' }],
  [{ keepWh: 9_000 }, { decision: 'veto' }],
  ...[5_001, -1, Number.NaN, Infinity, 'sell', '1000', null, undefined, {}, [], { pv: 3 }].map(
    (payload) => [payload, undefined] as const,
  ),
  ...[{ energyWh: 6_000 }, { energyWh: '1' }, { keepWh: -1 }].map(
    (payload) => [payload, undefined] as const,
  ),
];

for (const [payload, expected] of said)
  deciding(
    `${JSON.stringify(payload) ?? 'nothing'} means ${JSON.stringify(expected) ?? 'nothing'}`,
    () => assert.equal(toDecision(proposal, payload), expected),
  );

deciding('a reason goes along with a refusal, and is short', () => {
  const decision = toDecision(proposal, 'veto', 'x'.repeat(500)) as { reason: string };
  assert.is(decision.reason.length, 120);
});

deciding('what is no proposal is none', () => {
  assert.equal(readProposal(proposal), proposal);
  assert.is(readProposal({ ...proposal, lotWh: '1000' }), undefined);
  assert.is(readProposal({ ...proposal, gates: 'fridge' }), undefined);
  assert.is(readProposal({}), undefined);
});

deciding('a gate’s name is what the hub takes', () => {
  assert.is(gateNameOf('Clinic’s fridge'), 'clinic-s-fridge');
  assert.is(gateNameOf('  '), '');
  assert.is(gateNameOf('x'.repeat(50)).length, 40);
});

deciding.run();

const small = suite('small things of the nodes');

small('a filter fits topics level by level', () => {
  assert.ok(matches('proposals/+/open', 'proposals/p1/open'));
  assert.not.ok(matches('proposals/+/open', 'proposals/p1/x/open'));
  assert.not.ok(matches('proposals/+/open', 'proposals/p1'));
  assert.ok(matches('households/#', 'households/h/card/x'));
  assert.not.ok(matches('a.b', 'axb'));
});

small('households are written with commas', () => {
  assert.equal(householdsIn(' clinic, school ,'), ['clinic', 'school']);
  assert.equal(householdsIn(''), []);
});

small('a card shows a number or a text, in both languages', () => {
  assert.equal(toCard(7, { titleEn: 'To spare', titleSw: 'Ziada', unit: 'Wh' }), {
    ...{ v: 1, title: { en: 'To spare', sw: 'Ziada' }, kind: 'value', value: 7, unit: 'Wh' },
  });
  assert.is(toCard('hello', { titleEn: 'Note' })?.title.sw, 'Note');
  for (const payload of [undefined, null, '', Number.NaN, {}, []])
    assert.is(toCard(payload, {}), undefined);
  assert.is(String(toCard('x'.repeat(999), {})?.value).length, 160);
  assert.is(cardNameOf('My Card!'), 'my-card');
});

small.run();
