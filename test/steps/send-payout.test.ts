import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dayMs, hourMs, minuteMs } from '../../gateway/core/slot.ts';
import { cents, epochMs } from '../../gateway/core/units.ts';
import type { DisbursementAnswer } from '../../gateway/ports/mobile-money.ts';
import { askAboutPayout } from '../../gateway/steps/ask-about-payout.ts';
import { paySellers } from '../../gateway/steps/pay-sellers.ts';
import { readPayoutCallback } from '../../gateway/steps/read-payout-callback.ts';
import { sendPayout } from '../../gateway/steps/send-payout.ts';
import { aResult } from '../support/fake-money.ts';
import { type GivenHub, heard, knock, waitingDeeds } from '../support/given.ts';
import { corner, phoneOf } from '../support/neighbourhood.ts';
import { aSentPayout, earned } from '../support/payouts.ts';

const sending = suite('sending a payout');

/** KES 60 are due to the corner house. */
function due(...answers: DisbursementAnswer[]) {
  const hub = earned(2);
  for (const { id } of hub.books.trades.inStates(['settled']))
    hub.books.deeds.done(`send-tokens:${hub.books.tokens.ofTrade(id)?.id}`);
  paySellers(hub);
  hub.money.says.payOut.push(...answers);
  const payout = hub.books.payouts.openOf(corner);
  assert.ok(payout);
  return Object.assign(hub, { payout });
}
const now = (hub: ReturnType<typeof due>) => hub.books.payouts.find(hub.payout.id);
const dueIn = (hub: GivenHub, ms: number) =>
  hub.books.deeds.due((hub.clock.now() + ms) as never, 9).map(({ kind }) => kind);
const somePaths = (hub: GivenHub) => ({
  ...{ resultHash: 'a', timeoutHash: 'b' },
  expires: epochMs(hub.clock.now() + dayMs),
});
const accepted = { kind: 'accepted', mpesaConversationId: 'AG_1' } as const;

sending('accepted: waits for the result, and asks after two silent minutes', async () => {
  using hub = due(accepted);
  await sendPayout(hub, hub.payout.id);
  const [sent] = hub.money.paidOut;
  assert.equal(
    [sent?.phone, sent?.amountCents, sent?.conversationId],
    [phoneOf(corner), 6_000, hub.payout.conversationId],
  );
  assert.is(now(hub)?.state, 'pending');
  assert.equal(
    [dueIn(hub, 2 * minuteMs - 1), dueIn(hub, 2 * minuteMs)],
    [[], ['ask-about-payout']],
  );
});

sending('keeps one conversation id for life, with fresh paths for each try', async () => {
  using hub = due({ kind: 'not-sent', why: 'no network' }, accepted);
  await sendPayout(hub, hub.payout.id);
  assert.equal([now(hub)?.state, dueIn(hub, minuteMs - 1)], ['intent', []]);
  hub.clock.advance(minuteMs);
  await sendPayout(hub, hub.payout.id);
  const [first, second] = hub.money.paidOut;
  assert.is(first?.conversationId, second?.conversationId);
  const tokens = [first, second].flatMap((one) => [one?.resultToken, one?.timeoutToken]);
  assert.is(new Set(tokens).size, 4);
});

sending('duplicate: M-Pesa has it, so its status is asked at once', async () => {
  using hub = due({ kind: 'duplicate' });
  await sendPayout(hub, hub.payout.id);
  assert.is(now(hub)?.state, 'pending');
  assert.equal(dueIn(hub, 250), ['ask-about-payout']);
});

sending('unclear: asks, and never under another id', async () => {
  using hub = due({ kind: 'unclear', why: 'the answer was lost' });
  await sendPayout(hub, hub.payout.id);
  assert.is(now(hub)?.state, 'unknown');
  assert.equal(waitingDeeds(hub), ['ask-about-payout']);
  paySellers(hub);
  assert.is(heard(hub, 'payout.started').length, 1);
});

sending('refused: the money is back in the earnings', async () => {
  using hub = due({ kind: 'refused', code: '400.002.02', again: false });
  await sendPayout(hub, hub.payout.id);
  assert.is(now(hub)?.state, 'failed');
  assert.is(hub.books.trades.earningsOf(corner), 6_000);
  assert.is(heard(hub, 'payout.failed').length, 1);
  assert.equal(waitingDeeds(hub), []);
  assert.equal(hub.books.audit.imbalances(), []);
});

sending('refused for now, or misconfigured: stays set aside, later and slower', async () => {
  for (const [answer, wait] of [
    [{ kind: 'refused', code: '500.003.02', again: true }, minuteMs],
    [{ kind: 'misconfigured', why: 'initiator' }, 10 * minuteMs],
  ] as const) {
    using hub = due(answer);
    await sendPayout(hub, hub.payout.id);
    assert.is(now(hub)?.state, 'intent');
    assert.equal([dueIn(hub, wait - 1), dueIn(hub, wait)], [[], ['pay-out']]);
    assert.is(hub.books.views.accountBalance('out-in-flight'), 6_000);
  }
});

sending('after a power cut while it was sent: the same id again, which harms nobody', async () => {
  using hub = due({ kind: 'duplicate' });
  hub.books.payouts.markSent(hub.payout, somePaths(hub), hub.clock.now());
  await sendPayout(hub, hub.payout.id);
  assert.is(hub.money.paidOut[0]?.conversationId, hub.payout.conversationId);
  assert.is(now(hub)?.state, 'pending');
});

sending(
  'refused only the second time, after a power cut: the first may have been paid',
  async () => {
    using hub = due({ kind: 'refused', code: '400.002.02', again: false });
    hub.books.payouts.markSent(hub.payout, somePaths(hub), hub.clock.now());
    await sendPayout(hub, hub.payout.id);
    assert.is(now(hub)?.state, 'unknown');
    assert.is(hub.books.trades.earningsOf(corner), 0, 'a second payout would pay twice');
    assert.equal(waitingDeeds(hub), ['ask-about-payout']);
  },
);

sending('a result that is faster than M-Pesa’s own answer leaves nothing to do', async () => {
  for (const answer of [
    accepted,
    { kind: 'duplicate' },
    { kind: 'unclear', why: 'lost' },
    { kind: 'not-sent', why: 'strange' },
  ] as const) {
    using hub = due(answer);
    hub.money.whilePayingOut = async ({ resultToken }) => {
      const message = knock(hub, resultToken, aResult());
      await readPayoutCallback(hub, message ?? '');
    };
    await sendPayout(hub, hub.payout.id);
    assert.is(now(hub)?.state, 'done');
    assert.equal(waitingDeeds(hub), [], answer.kind);
  }
});

sending('a payout that is over is not sent', async () => {
  using hub = due();
  hub.books.payouts.finish(hub.payout, undefined, cents(0), hub.clock.now());
  await sendPayout(hub, hub.payout.id);
  assert.equal(hub.money.paidOut, []);
});

const asking = suite('asking what became of a payout');

asking(
  'asks ever more slowly on fresh paths, then calls a person and pays nothing twice',
  async () => {
    using hub = earned(2);
    const { payout } = aSentPayout(hub);
    hub.books.payouts.unsure(payout, 'lost', hub.clock.now());
    const gaps: number[] = [];
    for (let n = 0; n < 60 && hub.books.payouts.find(payout.id)?.state === 'unknown'; n++) {
      await askAboutPayout(hub, payout.id);
      const before = hub.clock.now();
      while (waitingDeeds(hub).length > 0 && dueIn(hub, 0).length === 0)
        hub.clock.advance(minuteMs);
      gaps.push((hub.clock.now() - before) / minuteMs);
    }
    assert.is(hub.money.questions.length, 24);
    assert.equal(gaps.slice(0, 6), [2, 4, 8, 16, 32, 60]);
    assert.is(new Set(hub.money.questions.map(({ resultToken }) => resultToken)).size, 24);
    assert.is(hub.books.payouts.find(payout.id)?.state, 'review');
    assert.ok(gaps.reduce((sum, gap) => sum + gap, 0) * minuteMs > 12 * hourMs);
    assert.is(hub.books.views.accountBalance('out-in-flight'), 6_000);
    assert.equal(waitingDeeds(hub), []);
  },
);

asking('does not ask about what is over', async () => {
  using hub = earned(2);
  const { payout } = aSentPayout(hub);
  hub.books.payouts.finish(payout, undefined, cents(0), hub.clock.now());
  await askAboutPayout(hub, payout.id);
  assert.equal(hub.money.questions, []);
});

sending.run();
asking.run();
