import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HouseholdId } from '../../gateway/core/ids.ts';
import { minuteMs } from '../../gateway/core/slot.ts';
import { readPayoutCallback } from '../../gateway/steps/read-payout-callback.ts';
import { sendPayout } from '../../gateway/steps/send-payout.ts';
import { type WithdrawalOrder, withdraw } from '../../gateway/steps/withdraw.ts';
import { aResult, aStatus } from '../support/fake-money.ts';
import { aSettledTrade, aTrade, type GivenHub, given, heard, knock } from '../support/given.ts';
import { corner, kiosk, nine, phoneOf, tailor } from '../support/neighbourhood.ts';

const withdrawing = suite('withdrawing money from a wallet');
type Changes = Parameters<typeof given>[0];
const wallets = { [kiosk]: 10_000 };

const asks = (hub: GivenHub, differs: Partial<WithdrawalOrder> = {}) =>
  withdraw(hub, { household: kiosk, amountCents: 4_000, phone: undefined, ...differs });
const refusal = (hub: GivenHub, differs: Partial<WithdrawalOrder>) => {
  const answer = asks(hub, differs);
  return answer.ok ? 'taken' : answer.error.kind;
};
const balance = (hub: GivenHub, account: string) => hub.books.views.accountBalance(account);

/** The kiosk has asked for KES 40, and M-Pesa has it. */
async function sent(changes: Changes = {}) {
  const hub = given({ wallets, ...changes });
  const answer = asks(hub);
  assert.ok(answer.ok);
  await sendPayout(hub, answer.value.id);
  const { resultToken } = hub.money.paidOut[0] ?? { resultToken: '' };
  const hears = async (claim: Parameters<typeof knock>[2]) =>
    readPayoutCallback(hub, knock(hub, resultToken, claim) ?? '');
  return { hub, id: answer.value.id, hears };
}

withdrawing('S53: refuses too little, too much, odd cents, another number, and says why', () => {
  using hub = given({ wallets });
  assert.is(refusal(hub, { amountCents: 900 }), 'too-little');
  assert.is(refusal(hub, { amountCents: 25_000_100 }), 'too-much');
  assert.is(refusal(hub, { amountCents: 4_050 }), 'not-whole-shillings');
  assert.is(refusal(hub, { phone: phoneOf(corner) }), 'another-number');
  assert.is(refusal(hub, { household: 'nobody' as HouseholdId }), 'unknown-household');
  assert.equal(asks(hub, { amountCents: 10_100 }), {
    ...{ ok: false, error: { kind: 'not-enough', freeCents: 10_000 } },
  });
  assert.equal([balance(hub, `wallet:${kiosk}`), hub.books.deeds.waiting()], [10_000, 0]);
});

withdrawing('S53: pays KES 10 or the whole wallet, to the registered number only', async () => {
  for (const amountCents of [1_000, 10_000]) {
    using hub = given({ wallets });
    assert.is(refusal(hub, { amountCents, phone: phoneOf(kiosk) }), 'taken');
    const payout = hub.books.payouts.openOf(kiosk);
    await sendPayout(hub, payout?.id ?? '');
    assert.equal(
      hub.money.paidOut.map((out) => [out.phone, out.amountCents]),
      [[phoneOf(kiosk), amountCents]],
    );
    assert.is(balance(hub, `wallet:${kiosk}`), 10_000 - amountCents);
    assert.equal(hub.books.audit.imbalances(), []);
  }
});

withdrawing('leaves what an open trade still needs', () => {
  using hub = given({ wallets, energy: { [corner]: 9_000 } });
  const trade = aTrade(hub);
  assert.is(refusal(hub, { amountCents: 7_100 }), 'not-enough');
  hub.books.trades.expire(trade, 'too late', nine);
  assert.is(
    refusal(hub, { amountCents: 7_100 }),
    'taken',
    'S47: the money of an expired one is free',
  );
});

withdrawing('one payout of a household is on its way at a time', () => {
  using hub = given({ wallets });
  assert.is(refusal(hub, {}), 'taken');
  assert.is(refusal(hub, {}), 'payout-on-its-way');
});

withdrawing(
  'waits through a pause of all, and is refused while the household is parked',
  async () => {
    using hub = given({ wallets: { ...wallets, [tailor]: 5_000 } });
    const pause = { why: 'a test', since: nine, until: undefined };
    hub.books.pauses.pause({ cause: 'keeper', household: undefined, ...pause });
    hub.books.pauses.pause({ cause: 'receiver', household: tailor, ...pause });
    assert.is(refusal(hub, { household: tailor }), 'parked');
    assert.is(refusal(hub, {}), 'taken');
    const id = hub.books.payouts.openOf(kiosk)?.id ?? '';
    await sendPayout(hub, id);
    assert.equal(hub.money.paidOut, []);
    hub.books.pauses.resume('keeper', undefined, 'all is well', nine);
    assert.ok(
      hub.books.deeds.due(nine, 9).some(({ subject }) => subject === id),
      'due at once',
    );
    await sendPayout(hub, id);
    assert.is(hub.money.paidOut.length, 1);
  },
);

withdrawing('is refused beyond the day’s cap while results are only hints', () => {
  using hub = given({ wallets });
  hub.books.settings.change('payoutDayMostCents', 3_900, nine);
  assert.is(refusal(hub, {}), 'too-much');
  using trusting = given({ wallets, resultsTrusted: true });
  trusting.books.settings.change('payoutDayMostCents', 3_900, nine);
  assert.is(refusal(trusting, {}), 'taken');
});

withdrawing('S55: ends with the money gone, and closes no trade', async () => {
  const { hub, hears } = await sent({ energy: { [corner]: 9_000 } });
  aSettledTrade(hub);
  await hears(aResult());
  assert.is(heard(hub, 'withdrawal.paid').length, 1);
  assert.equal(heard(hub, 'seller.paid'), []);
  assert.equal([balance(hub, `wallet:${kiosk}`), balance(hub, 'out-in-flight')], [3_000, 0]);
  assert.equal(hub.books.payouts.paidOutTo(kiosk), 0, 'no earnings were paid out');
  hub[Symbol.dispose]();
});

withdrawing('S59: declined for certain, the money is back in the wallet', async () => {
  const { hub, id, hears } = await sent({ resultsTrusted: true });
  await hears(aStatus({ status: 'declined' }));
  assert.is(hub.books.payouts.find(id)?.state, 'failed');
  assert.equal([balance(hub, `wallet:${kiosk}`), balance(hub, 'out-in-flight')], [10_000, 0]);
  assert.equal(hub.books.audit.imbalances(), []);
  hub.clock.advance(minuteMs);
  assert.is(refusal(hub, {}), 'taken', 'and may be asked for again');
  hub[Symbol.dispose]();
});

withdrawing.run();
