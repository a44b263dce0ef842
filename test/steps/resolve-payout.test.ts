import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PayoutId } from '../../gateway/core/ids.ts';
import { dayMs } from '../../gateway/core/slot.ts';
import type { Claim, DisbursementAnswer } from '../../gateway/ports/mobile-money.ts';
import { askAboutPayout } from '../../gateway/steps/ask-about-payout.ts';
import { decidePayout } from '../../gateway/steps/decide-payout.ts';
import { readPayoutCallback } from '../../gateway/steps/read-payout-callback.ts';
import { sendPayout } from '../../gateway/steps/send-payout.ts';
import { aResult, aStatus } from '../support/fake-money.ts';
import { aSettledTrade, type GivenHub, heard, knock } from '../support/given.ts';
import { corner, kiosk } from '../support/neighbourhood.ts';
import { aSentPayout, earned } from '../support/payouts.ts';

const resolving = suite('finding out what became of a payout');

/** KES 60 were sent to the corner house, and the answer was lost. */
async function unclear(changes: Parameters<typeof earned>[1] = {}) {
  const hub = earned(2, changes);
  const { payout } = aSentPayout(hub);
  hub.books.payouts.unsure(payout, 'the answer was lost', hub.clock.now());
  return Object.assign(hub, { payout });
}
type Unclear = Awaited<ReturnType<typeof unclear>>;
const state = (hub: Unclear) => hub.books.payouts.find(hub.payout.id)?.state;
const isDue = (hub: GivenHub, kind: string) =>
  hub.books.deeds.due(hub.clock.now(), 99).some((deed) => deed.kind === kind);

async function asksAndHears(hub: Unclear, claim: Claim): Promise<void> {
  await askAboutPayout(hub, hub.payout.id);
  const { resultToken } = hub.money.questions.at(-1) ?? { resultToken: '' };
  await readPayoutCallback(hub, knock(hub, resultToken, claim) ?? '');
}
const unknownToThem = aStatus({ answered: false, code: '24', status: undefined });
const sendsAgain = async (hub: Unclear, answer: DisbursementAnswer): Promise<void> => {
  assert.is(isDue(hub, 'pay-out'), true);
  hub.money.says.payOut.push(answer);
  await sendPayout(hub, hub.payout.id);
  assert.equal(hub.money.paidOut.at(-1)?.conversationId, hub.payout.conversationId);
};
const accepted = { kind: 'accepted', mpesaConversationId: 'AG_1' } as const;

resolving(
  'S56: the money went: the same id is known to M-Pesa, its status ends it, once',
  async () => {
    using hub = await unclear();
    await asksAndHears(hub, unknownToThem);
    await sendsAgain(hub, { kind: 'duplicate' });
    assert.equal([state(hub), isDue(hub, 'ask-about-payout')], ['pending', false]);
    hub.clock.advance(250);
    assert.is(isDue(hub, 'ask-about-payout'), true);
    await asksAndHears(hub, aStatus({ receipt: 'SG1' }));
    assert.equal([state(hub), heard(hub, 'seller.paid').length], ['done', 1]);
    assert.is(hub.books.views.accountBalance('out-in-flight'), 0);
  },
);

resolving('S57: the money did not go: the same id is sent again, and pays once', async () => {
  using hub = await unclear();
  await asksAndHears(hub, unknownToThem);
  await sendsAgain(hub, accepted);
  const { resultToken } = hub.money.paidOut[0] ?? { resultToken: '' };
  await readPayoutCallback(hub, knock(hub, resultToken, aResult()) ?? '');
  assert.equal([state(hub), hub.money.paidOut.length], ['done', 1]);
  assert.is(hub.books.trades.earningsOf(corner), 0);
  assert.equal(hub.books.audit.imbalances(), []);
});

resolving(
  '26 and 17: the status is asked first, and only then the same id goes again',
  async () => {
    for (const code of ['26', '17']) {
      using hub = await unclear();
      await sendsAgainAfter(hub, aResult({ code, verdict: 'ask', words: 'Busy.' }));
      assert.is(state(hub), 'unknown');
      assert.is(isDue(hub, 'pay-out'), false, 'not yet');
      await asksAndHears(hub, unknownToThem);
      await sendsAgain(hub, { kind: 'duplicate' });
    }
  },
);
/** M-Pesa accepted it in the end, and then this came. */
async function sendsAgainAfter(hub: Unclear, claim: Claim): Promise<void> {
  hub.books.payouts.pending(hub.payout, 'AG_1', hub.clock.now());
  await asksAndHears(hub, claim);
}

resolving(
  'a day later no id is sent again: nobody knows whether M-Pesa still refuses it',
  async () => {
    using hub = await unclear();
    hub.clock.advance(dayMs + 1);
    await asksAndHears(hub, unknownToThem);
    assert.equal([state(hub), isDue(hub, 'pay-out')], ['review', false]);
    assert.is(heard(hub, 'payout.unsure').length, 1);
    using afterPowerCut = earned(2);
    const { payout } = aSentPayout(afterPowerCut);
    afterPowerCut.clock.advance(dayMs + 1);
    await sendPayout(afterPowerCut, payout.id);
    assert.equal(afterPowerCut.money.paidOut, []);
    assert.is(isDue(afterPowerCut, 'ask-about-payout'), true);
  },
);

resolving('a transaction that ended another payout does not end this one', async () => {
  using hub = await unclear({ wallets: { [kiosk]: 9_000 } });
  await asksAndHears(hub, aStatus({ receipt: 'SG1' }));
  aSettledTrade(hub);
  const { payout, token } = aSentPayout(hub);
  await readPayoutCallback(hub, knock(hub, token, aResult({ transactionId: 'SG1' })) ?? '');
  assert.is(hub.books.payouts.find(payout.id)?.state, 'unknown');
  assert.match(hub.warnings.join(), /another payout/);
  assert.equal(hub.books.audit.imbalances(), []);
});

resolving('S83: another amount paid under the same id is a person’s to look at', async () => {
  using hub = await unclear({ resultsTrusted: true });
  await asksAndHears(hub, aStatus({ amountCents: 5_900 }));
  assert.equal([state(hub), hub.books.trades.earningsOf(corner)], ['review', 0]);
  assert.match(heard(hub, 'payout.unsure')[0]?.why ?? '', /5900 cents/);
});

const deciding = suite('a person decides about a payout in review');

/** M-Pesa, or somebody, says "declined"; results are only hints. */
async function inReview(changes: Parameters<typeof unclear>[0] = {}) {
  const hub = await unclear(changes);
  await asksAndHears(hub, aStatus({ status: 'declined' }));
  assert.is(state(hub), 'review');
  return hub;
}
const went = (transactionId: string) => ({ kind: 'it-went', transactionId }) as const;

deciding('S66: until then no second payout is sent, whatever is said', async () => {
  using hub = await inReview();
  await sendPayout(hub, hub.payout.id);
  await askAboutPayout(hub, hub.payout.id);
  assert.equal([hub.money.paidOut.length, hub.money.questions.length], [0, 1]);
  assert.is(hub.books.views.accountBalance('out-in-flight'), 6_000);
  assert.equal(heard(hub, 'payout.failed'), []);
});

deciding('"it did not go": the money is earned again', async () => {
  using hub = await inReview();
  const answer = decidePayout(hub, hub.payout.id, { kind: 'it-did-not-go' });
  assert.is(answer.ok && answer.value.state, 'failed');
  assert.equal([hub.books.trades.earningsOf(corner), state(hub)], [6_000, 'failed']);
  assert.is(heard(hub, 'payout.failed').length, 1);
  assert.equal(decidePayout(hub, hub.payout.id, went('SG632NMUAB')), {
    ...{ ok: false, error: { kind: 'not-in-review' } },
  });
});

deciding('"it went, transaction X": it is done, and X is kept', async () => {
  using hub = await inReview();
  assert.equal(decidePayout(hub, hub.payout.id, went(' ')), {
    ...{ ok: false, error: { kind: 'no-transaction' } },
  });
  const answer = decidePayout(hub, hub.payout.id, went(' SG632NMUAB '));
  assert.is(answer.ok && answer.value.state, 'done');
  assert.is(heard(hub, 'seller.paid').length, 1);
  const lines = hub.books.payouts.historyOf(hub.payout.id).map(({ event }) => event);
  assert.equal(lines, ['started', 'sent', 'review', 'done']);
  assert.is(hub.books.payouts.historyOf(hub.payout.id).at(-1)?.detail, 'SG632NMUAB');
  assert.equal(hub.books.audit.imbalances(), []);
});

deciding('S83: what M-Pesa really paid under the id is what leaves the books', async () => {
  for (const [paidCents, earnings, more] of [
    [5_000, 1_000, []],
    [7_000, 2_000, [3_000]],
  ] as const) {
    using hub = await inReview({ wallets: { [kiosk]: 9_000 } });
    for (const _trade of more) aSettledTrade(hub);
    const answer = decidePayout(hub, hub.payout.id, { ...went('SG632NMUAB'), paidCents });
    assert.is(answer.ok && answer.value.state, 'done');
    assert.is(hub.books.trades.earningsOf(corner), earnings);
    assert.is(hub.books.payouts.paidOutTo(corner), paidCents);
    assert.is(heard(hub, 'seller.paid')[0]?.amountCents, paidCents);
    assert.equal([hub.books.audit.imbalances(), hub.books.audit.standing()], [[], []]);
  }
});

deciding('more than there is, and odd cents, are not what M-Pesa paid', async () => {
  using hub = await inReview();
  const says = (paidCents: number) => {
    const answer = decidePayout(hub, hub.payout.id, { ...went('SG632NMUAB'), paidCents });
    return answer.ok || answer.error.kind;
  };
  assert.equal([6_100, 5_950, 900].map(says), ['not-enough', 'amount', 'amount']);
  assert.is(state(hub), 'review');
});

deciding('decides nothing that M-Pesa may still answer', async () => {
  using hub = await unclear();
  assert.equal(decidePayout(hub, hub.payout.id, { kind: 'it-did-not-go' }), {
    ...{ ok: false, error: { kind: 'not-in-review' } },
  });
  assert.equal(decidePayout(hub, 'nothing' as PayoutId, went('SG632NMUAB')), {
    ...{ ok: false, error: { kind: 'unknown' } },
  });
});

resolving.run();
deciding.run();
