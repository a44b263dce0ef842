import { mock } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { passGates } from '../../../gateway/steps/pass-gates.ts';
import { heard } from '../../support/given.ts';
import { corner, kiosk } from '../../support/neighbourhood.ts';
import { aGatedHub, aProposal, holding, passing, register, willing } from './given-gates.ts';

const approve = (gate: string) => ({ v: 1, decision: 'approve', gate });
const veto = (gate: string) => ({ v: 1, decision: 'veto', gate });
const shrink = (gate: string, energyWh: number) => ({ v: 1, decision: 'shrink', energyWh, gate });

const answering = suite('asking the keeper’s gates');

answering('nothing waits when no gate is registered', async () => {
  using gated = aGatedHub({ deadlineMs: 60_000 });
  assert.equal(await passing(gated, aProposal(gated)), [5_000, 'passed']);
});

answering('nothing waits when the last gate was taken away', async () => {
  using gated = aGatedHub({ deadlineMs: 60_000 });
  register(gated, holding('clinic'));
  register(gated);
  assert.equal(await passing(gated, aProposal(gated)), [5_000, 'passed']);
});

answering('a gate that concerns other households only is not asked', async () => {
  using gated = aGatedHub({ deadlineMs: 60_000 });
  register(gated, holding('clinic', [kiosk]));
  assert.equal(await passing(gated, aProposal(gated)), [5_000, 'passed']);
  using other = aGatedHub();
  register(other, holding('clinic', [kiosk, corner]));
  assert.equal(await passing(other, aProposal(other)), [0, 'lapsed']);
});

answering('an answer of every gate ends the wait; the smallest holds', async () => {
  using gated = aGatedHub({ deadlineMs: 60_000 });
  register(gated, holding('a'), holding('b'), willing('c'));
  const made = aProposal(gated);
  const outcome = await passing(gated, made, (decide) => {
    decide(approve('c'));
    decide(shrink('a', 4_000));
    decide(shrink('b', 2_000));
  });
  assert.equal(outcome, [2_000, 'passed']);
  assert.is(heard(gated.hub, 'proposal.settled')[0]?.passedWh, 2_000);
});

answering('the first veto ends it, whatever the others would have said', async () => {
  using gated = aGatedHub({ deadlineMs: 60_000 });
  register(gated, holding('a'), holding('b'));
  const outcome = await passing(gated, aProposal(gated), (decide) => decide(veto('b')));
  assert.equal(outcome, [0, 'lapsed']);
});

answering('shrinks to whole lots', async () => {
  using gated = aGatedHub();
  register(gated, willing('a'));
  const outcome = await passing(gated, aProposal(gated), (say) => say(shrink('a', 2_999)));
  assert.equal(outcome, [2_000, 'passed']);
});

answering('silence means what the gate said it means', async () => {
  using gated = aGatedHub();
  register(gated, willing('a'));
  assert.equal(await passing(gated, aProposal(gated)), [5_000, 'passed']);
  using other = aGatedHub();
  register(other, willing('a'), holding('b'));
  const outcome = await passing(other, aProposal(other), (decide) => decide(approve('a')));
  assert.equal(outcome, [0, 'lapsed']);
});

answering('a gate that does not say what its silence means holds', async () => {
  using gated = aGatedHub();
  gated.say('flows/gates', { v: 1, gates: [{ name: 'a', scope: 'all' }] });
  assert.equal(await passing(gated, aProposal(gated)), [0, 'lapsed']);
});

answering('the deadline is 3 s of machine time, not a moment less or more', async () => {
  using real = aGatedHub({ deadlineMs: 'usual' });
  register(real, holding('a'));
  const made = aProposal(real);
  mock.timers.enable({ apis: ['setTimeout'] });
  const asking = passGates(real.hub, made);
  await nextTurn();
  const settled = () => heard(real.hub, 'proposal.settled').length;
  mock.timers.tick(2_999);
  await Promise.resolve();
  const before = settled();
  mock.timers.tick(1);
  mock.timers.reset();
  await asking;
  assert.is(before, 0);
  assert.is(settled(), 1);
});

answering('tells the flows who is asked, what a lot is and how long they have', async () => {
  using gated = aGatedHub();
  register(gated, willing('a'), holding('clinic', [kiosk]));
  const made = aProposal(gated);
  await passing(gated, made);
  const [open] = gated.announced.filter(({ topic }) => topic.endsWith('/open'));
  assert.is(open?.topic, `proposals/${made.proposal}/open`);
  assert.equal(open?.body, {
    ...{ v: 1, id: made.proposal, household: corner, slot: made.slot },
    ...{ energyWh: 5_000, lotWh: 1_000, centsPerKwh: 1_500, gates: ['a'], closesInMs: 50 },
  });
});

answering('the question is in the books before a gate hears of it', async () => {
  const seen: unknown[] = [];
  using gated = aGatedHub({
    announcer: {
      announce: (topic) => {
        const [, id] = topic.split('/');
        if (topic.endsWith('/open'))
          seen.push(gated.hub.books.gates.windowOf(id as never)?.asked.map(({ name }) => name));
      },
    },
  });
  register(gated, holding('a'), willing('b'));
  await passing(gated, aProposal(gated));
  assert.equal(seen, [['a', 'b']]);
});

answering.run();

const distrust = suite('what flows may not do');

const nonsense: readonly (readonly [string, unknown])[] = [
  ['garbage', '{'],
  ['garbage', 'null'],
  ['garbage', ''],
  ['garbage', { decision: 'approve' }],
  ['garbage', { decision: 'sell-all', gate: 'a' }],
  ['garbage', { decision: 'shrink', gate: 'a' }],
  ['garbage', { decision: 'shrink', energyWh: -1, gate: 'a' }],
  ['garbage', { decision: 'shrink', energyWh: 1.5, gate: 'a' }],
  ['garbage', { decision: 'shrink', energyWh: '1000', gate: 'a' }],
  ['garbage', { decision: 'approve', gate: 'a', payee: 'me' }],
  ['garbage', { decision: 'approve', gate: 'a', reason: 'x'.repeat(1_024) }],
  ['garbage', { v: 2, decision: 'approve', gate: 'a' }],
  ['growing', { decision: 'shrink', energyWh: 5_001, gate: 'a' }],
  ['growing', { decision: 'approve', energyWh: 6_000, gate: 'a' }],
  ['foreign', { decision: 'veto', gate: 'nobody' }],
];

for (const [kind, body] of nonsense)
  distrust(
    `${kind} is counted and changes nothing: ${JSON.stringify(body).slice(0, 60)}`,
    async () => {
      using gated = aGatedHub();
      register(gated, willing('a'));
      const made = aProposal(gated);
      const outcome = await passing(gated, made, () =>
        gated.say(`proposals/${made.proposal}/decision`, body),
      );
      assert.equal(outcome, [5_000, 'passed']);
      const { taken, registered: _, ...others } = gated.hub.gates.counts();
      assert.is(taken, 0);
      assert.is(others[kind as keyof typeof others], 1);
      assert.is(
        Object.values(others).reduce((sum, count) => sum + count, 0),
        1,
      );
    },
  );

distrust('who says twice is heard once', async () => {
  using gated = aGatedHub();
  register(gated, willing('a'), willing('b'));
  const outcome = await passing(gated, aProposal(gated), (decide) => {
    decide(shrink('a', 3_000));
    decide(veto('a'));
  });
  assert.equal(outcome, [3_000, 'passed']);
  assert.is(gated.hub.gates.counts().double, 1);
});

distrust('what comes late, or about no proposal at all, is counted', async () => {
  using gated = aGatedHub({ deadlineMs: 5 });
  register(gated, willing('a'));
  const made = aProposal(gated);
  assert.equal(await passing(gated, made), [5_000, 'passed']);
  gated.say(`proposals/${made.proposal}/decision`, veto('a'));
  gated.say('proposals/never-made/decision', veto('a'));
  const { late, taken, 'unknown-proposal': unknown } = gated.hub.gates.counts();
  assert.equal([late, unknown, taken], [1, 1, 0]);
  assert.is(gated.hub.books.rounds.proposalsOf(made.slot)[0]?.passedWh, 5_000);
});

distrust('a registration that is not understood leaves the gates as they were', () => {
  using gated = aGatedHub();
  register(gated, holding('a'));
  const wrong: unknown[] = [
    '{',
    { gates: [{ name: 'A gate', scope: 'all' }] },
    { gates: [{ name: 'a', scope: [] }] },
    { gates: [holding('b'), holding('b')] },
    { gates: Array.from({ length: 17 }, (_, index) => holding(`g${index}`)) },
    { gates: [{ ...holding('b'), onSilence: 'sell' }] },
  ];
  for (const body of wrong) gated.say('flows/gates', body);
  assert.equal(gated.hub.gates.registered(), [{ name: 'a', scope: undefined, onSilence: 'hold' }]);
  assert.is(gated.hub.gates.counts().garbage, wrong.length);
});

distrust('other words of flows are none of the gates’ business', () => {
  using gated = aGatedHub();
  gated.say('households/corner-house/card/fridge', '{');
  gated.say('proposals', '{');
  gated.say('', '');
  assert.is(gated.hub.gates.counts().garbage, 0);
});

distrust.run();

const absent = suite('flows that give no sign of life');

absent('after 15 s without a heartbeat silence counts at once, and nobody is asked', async () => {
  using gated = aGatedHub({ deadlineMs: 60_000 });
  register(gated, willing('a'));
  const made = aProposal(gated);
  gated.hub.clock.advance(15_000);
  assert.ok(gated.hub.gates.isAlive(), 'at 15 s they still live');
  gated.hub.clock.advance(1);
  assert.not.ok(gated.hub.gates.isAlive());
  assert.equal(await passing(gated, made), [5_000, 'passed']);
  const asked = gated.announced.filter(({ topic }) => topic.endsWith('/open'));
  assert.is(asked.length, 0);
});

absent('the alarm is raised once, and ends with the next heartbeat', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  using gated = aGatedHub();
  register(gated, holding('clinic'));
  gated.hub.clock.advance(15_001);
  mock.timers.tick(3_000);
  const alerts = () => gated.announced.filter(({ topic }) => topic === 'alerts/gates-silent');
  const raised = alerts();
  gated.say('flows/heartbeat', { v: 1 });
  mock.timers.reset();
  assert.equal(
    raised.map(({ body, retain }) => [body['on'], retain]),
    [[true, true]],
  );
  assert.match(gated.hub.warnings.join(), 'clinic');
  assert.equal(
    alerts().map(({ body }) => body['on']),
    [true, false],
  );
});

absent('without a gate nobody is missed', () => {
  mock.timers.enable({ apis: ['setInterval'] });
  using gated = aGatedHub();
  gated.hub.clock.advance(60_000);
  mock.timers.tick(3_000);
  mock.timers.reset();
  assert.equal(gated.announced, []);
});

absent.run();
