/** Households that want to be asked first, and what their page may do to a round. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chosenWh, noChoice, type Tonight } from '../gateway/core/choice.ts';
import { epochMs, wattHours } from '../gateway/core/units.ts';
import { openAskFirst } from '../gateway/open-ask-first.ts';
import { makeProposal } from '../gateway/steps/make-proposal.ts';
import { passGates } from '../gateway/steps/pass-gates.ts';
import { aRound, type GivenHub, given, heard } from './support/given.ts';
import { corner, kiosk, nine } from './support/neighbourhood.ts';

const asking = suite('asking a household first');

const choose = ({ books, clock }: GivenHub, change: object): void =>
  books.choices.choose(corner, { ...noChoice, ...change }, clock.now());

/** The corner house has 5 kWh; advice says to sell so much of it. */
function propose(hub: GivenHub, sellWh: number) {
  const slot = aRound(hub, { [corner]: 5_000 });
  const advice = { slot, household: corner, advice: 'a' as never, sellWh: wattHours(sellWh) };
  makeProposal(hub, { name: 'advice.given', ...advice });
  return heard(hub, 'proposal.made').at(-1);
}

asking('passes with a yes, and with a no nothing is sold', async () => {
  for (const [yes, passedWh] of [
    [true, 3_000],
    [false, 0],
  ] as const) {
    using hub = given({ energy: { [corner]: 5_000 } });
    choose(hub, { askFirst: true });
    using asked = openAskFirst(hub);
    const proposal = propose(hub, 3_000);
    assert.ok(proposal);
    const passing = passGates({ ...hub, gates: asked }, proposal);
    const [offer] = asked.offersOf(corner);
    assert.equal([offer?.energyWh, offer?.amountCents, offer?.livesMs], [3_000, 4_500, 600_000]);
    assert.is(asked.answer(kiosk, offer?.id ?? '', yes), false);
    assert.is(asked.answer(corner, offer?.id ?? '', yes), true);
    await passing;
    assert.is(heard(hub, 'proposal.settled')[0]?.passedWh, passedWh);
    assert.equal(asked.offersOf(corner), []);
  }
});

asking('lapses on silence, and when the hub goes to sleep', async () => {
  using hub = given({ energy: { [corner]: 5_000 } });
  choose(hub, { askFirst: true });
  using asked = openAskFirst({ ...hub, waitMs: 20 });
  const one = { ...propose(hub, 3_000), lotWh: 1_000, rate: 1_500 } as never;
  // An offer that waits keeps no hub alive, nor this test.
  const alive = setInterval(() => {}, 1_000);
  assert.equal(await asked.decide(one), [{ decision: 'veto' }]);
  clearInterval(alive);
  const sleepy = openAskFirst(hub);
  const waiting = sleepy.decide(one);
  await Promise.resolve();
  sleepy[Symbol.dispose]();
  assert.equal(await waiting, [{ decision: 'veto' }]);
});

asking(
  'gives a person time however fast a demo runs, and asks nobody who did not want it',
  async () => {
    using hub = given({ energy: { [corner]: 5_000 } });
    using asked = openAskFirst({ ...hub, clock: { ...hub.clock, speed: 3_600 } });
    const one = { ...propose(hub, 3_000), lotWh: 1_000, rate: 1_500 } as never;
    assert.equal(await asked.decide(one), []);
    choose(hub, { askFirst: true });
    void asked.decide(one);
    assert.is(asked.offersOf(corner)[0]?.livesMs, 15_000);
  },
);

asking('a gate still narrows what the household says yes to', async () => {
  using hub = given({ energy: { [corner]: 5_000 } });
  hub.gateSays = [{ decision: 'shrink', energyWh: 1_000 }];
  choose(hub, { askFirst: true });
  using asked = openAskFirst(hub);
  const proposal = propose(hub, 3_000);
  assert.ok(proposal);
  const passing = passGates({ ...hub, gates: asked }, proposal);
  asked.answer(corner, asked.offersOf(corner)[0]?.id ?? '', true);
  await passing;
  assert.is(heard(hub, 'proposal.settled')[0]?.passedWh, 1_000);
});

asking(
  'the switch keeps all, sells all, or leaves it to the advice; the reserve always stays',
  () => {
    const offered = (tonight: Tonight, reserveWh: number, until = nine + 1) =>
      chosenWh(
        wattHours(2_000),
        wattHours(5_000),
        { ...noChoice, tonight, reserveWh: wattHours(reserveWh), tonightUntil: epochMs(until) },
        nine,
      );
    assert.equal(
      (['keep', 'advice', 'sell'] as const).map((tonight) => offered(tonight, 0)),
      [0, 2_000, 5_000],
    );
    assert.equal([offered('advice', 4_000), offered('sell', 1_500)], [1_000, 3_500]);
    assert.is(offered('sell', 9_000), 0);
    // At 06:00 advice decides again.
    assert.equal([offered('keep', 0, nine), offered('sell', 0, nine)], [2_000, 2_000]);
  },
);

asking('what was chosen decides the next proposal', () => {
  const proposed = (choice: object) => {
    using hub = given({ energy: { [corner]: 5_000 } });
    choose(hub, { ...choice, tonightUntil: epochMs(nine + 86_400_000) });
    return propose(hub, 2_000)?.energyWh;
  };
  assert.is(proposed({}), 2_000);
  assert.is(proposed({ tonight: 'keep' }), undefined);
  assert.is(proposed({ tonight: 'sell' }), 5_000);
  assert.is(proposed({ reserveWh: wattHours(3_500) }), 1_000);
});

asking.run();
