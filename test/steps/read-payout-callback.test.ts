import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Payout } from '../../gateway/core/payout.ts';
import { minuteMs } from '../../gateway/core/slot.ts';
import type { Claim } from '../../gateway/ports/mobile-money.ts';
import { readPayoutCallback } from '../../gateway/steps/read-payout-callback.ts';
import { aResult, aStatus } from '../support/fake-money.ts';
import { type GivenHub, heard, knock, waitingDeeds } from '../support/given.ts';
import { corner } from '../support/neighbourhood.ts';
import { aSentPayout, earned } from '../support/payouts.ts';

const reading = suite('reading what was said about a payout');
type Paying = GivenHub & {
  readonly payout: Payout;
  readonly token: string;
  readonly timeout: string;
};

/** KES 60 are on their way to the corner house. */
function paying(changes: { readonly resultsTrusted?: boolean } = {}): Paying {
  const hub = earned(2, changes);
  const sent = aSentPayout(hub);
  hub.books.payouts.pending(sent.payout, 'AG_1', (hub.clock.now() + 2 * minuteMs) as never);
  return Object.assign(hub, sent);
}
async function hears(hub: Paying, claim: Claim, token = hub.token): Promise<void> {
  const message = knock(hub, token, claim);
  if (message !== undefined) await readPayoutCallback(hub, message);
}
const state = (hub: Paying) => hub.books.payouts.find(hub.payout.id)?.state;
const balance = (hub: GivenHub, account: string) => hub.books.views.accountBalance(account);
const askedNow = (hub: Paying) =>
  hub.books.deeds
    .due(hub.clock.now(), 9)
    .map(({ kind }) => kind)
    .includes('ask-about-payout');

reading('S55: a success ends it: the money is gone, the fee is the hub’s', async () => {
  using hub = paying();
  await hears(hub, aResult({ chargeCents: 2_240 }));
  assert.is(state(hub), 'done');
  assert.equal([balance(hub, 'out-in-flight'), balance(hub, 'mpesa-utility')], [0, 0]);
  assert.is(balance(hub, 'mpesa-charges'), -2_240);
  assert.is(heard(hub, 'seller.paid').length, 1);
  assert.equal(waitingDeeds(hub), []);
  assert.equal(hub.books.audit.imbalances(), []);
});

reading('without a named fee the dated table tells it', async () => {
  using hub = paying();
  assert.is(hub.books.payouts.feeFor(6_000 as never, hub.clock.now()), 0);
  assert.is(hub.books.payouts.feeFor(20_000 as never, hub.clock.now()), 500);
  await hears(hub, aResult());
  assert.is(balance(hub, 'mpesa-charges'), 0);
});

reading('two different successes pay the seller once', async () => {
  using hub = paying();
  await hears(hub, aResult());
  await hears(hub, aResult({ transactionId: 'SG2' }));
  await hears(hub, aStatus());
  assert.is(heard(hub, 'seller.paid').length, 1);
  assert.is(balance(hub, 'mpesa-utility'), 0);
});

reading('S60: "more messages follow" ends nothing', async () => {
  using hub = paying();
  await hears(hub, aResult({ final: false }));
  assert.equal([state(hub), askedNow(hub)], ['pending', false]);
});

reading(
  'S66: a failure is a hint: the hub asks for the status, the money stays on its way',
  async () => {
    for (const [claim, then] of [
      [aResult({ code: '2', verdict: 'failed' }), 'pending'],
      [aResult({ code: '15', verdict: 'known' }), 'pending'],
      [aResult({ code: '17', verdict: 'ask' }), 'unknown'],
      [aResult({ code: '26', verdict: 'ask' }), 'unknown'],
      [aResult({ code: '7777', verdict: 'unknown' }), 'unknown'],
      [aResult({ code: undefined, verdict: 'unknown' }), 'unknown'],
      [aResult({ amountCents: 5_900 }), 'unknown'],
    ] as const) {
      using hub = paying();
      await hears(hub, claim);
      assert.equal([state(hub), askedNow(hub)], [then, true], claim.code);
      assert.is(balance(hub, 'out-in-flight'), 6_000);
      assert.equal(heard(hub, 'payout.failed'), []);
    }
  },
);

reading('S58: a queue that timed out makes the hub ask, and the late result counts', async () => {
  using hub = paying();
  await hears(hub, { kind: 'timeout' }, hub.timeout);
  assert.equal([state(hub), askedNow(hub)], ['unknown', true]);
  await hears(hub, aResult());
  assert.is(state(hub), 'done', 'the late result counts');
  await hears(hub, { kind: 'unreadable', why: 'x' }, hub.timeout);
  assert.equal(waitingDeeds(hub), []);
});

const declined = aStatus({ status: 'declined' });

reading(
  '"declined" over an untrusted way needs a person: a forged one would pay twice',
  async () => {
    using hub = paying();
    await hears(hub, declined);
    assert.is(state(hub), 'review');
    assert.equal([balance(hub, 'out-in-flight'), balance(hub, `earnings:${corner}`)], [6_000, 0]);
    assert.is(hub.books.payouts.openOf(corner)?.id, hub.payout.id, 'no second payout meanwhile');
    assert.equal(heard(hub, 'payout.failed'), []);
    assert.match(heard(hub, 'payout.unsure')[0]?.why ?? '', /declined/);
    await hears(hub, aResult());
    assert.is(state(hub), 'done', 'and the true result still ends it');
  },
);

reading('S59: "declined" over a trusted way returns the money to the earnings', async () => {
  for (const status of ['declined', 'cancelled', 'expired']) {
    using hub = paying({ resultsTrusted: true });
    await hears(hub, aStatus({ status }));
    assert.is(state(hub), 'failed');
    assert.equal([balance(hub, 'out-in-flight'), balance(hub, `earnings:${corner}`)], [0, 6_000]);
    assert.equal(hub.books.audit.imbalances(), []);
  }
});

reading('"declined" about a payout that is done changes nothing and alarms nobody', async () => {
  for (const resultsTrusted of [false, true]) {
    using hub = paying({ resultsTrusted });
    await hears(hub, aResult());
    await hears(hub, declined);
    assert.is(state(hub), 'done');
    assert.equal(heard(hub, 'payout.failed'), []);
  }
});

reading('a question that did not work, or one still open, says nothing', async () => {
  using hub = paying();
  await hears(hub, aStatus({ answered: false, status: undefined }));
  await hears(hub, aStatus({ status: 'authorized' }));
  await hears(hub, aStatus({ status: undefined }));
  assert.is(state(hub), 'pending');
  assert.equal(heard(hub, 'seller.paid'), []);
});

reading('"completed" by status ends it like a result', async () => {
  using hub = paying();
  await hears(hub, aStatus({ chargeCents: 500 }));
  assert.is(state(hub), 'done');
  assert.is(balance(hub, 'mpesa-charges'), -500);
});

reading.run();
