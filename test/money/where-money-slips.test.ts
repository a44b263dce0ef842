import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HouseholdId } from '../../gateway/core/ids.ts';
import { plainReference } from '../../gateway/core/payment-words.ts';
import { dayMs, hourMs, minuteMs } from '../../gateway/core/slot.ts';
import { cents } from '../../gateway/core/units.ts';
import { assignPayment } from '../../gateway/steps/assign-payment.ts';
import { comparePayments } from '../../gateway/steps/compare-payments.ts';
import { confirmTopup } from '../../gateway/steps/confirm-topup.ts';
import { decideTopup } from '../../gateway/steps/decide-topup.ts';
import { readPayoutCallback } from '../../gateway/steps/read-payout-callback.ts';
import { readPushCallback } from '../../gateway/steps/read-push-callback.ts';
import { readReversalCallback } from '../../gateway/steps/read-reversal-callback.ts';
import { reverseReceipt } from '../../gateway/steps/reverse-receipt.ts';
import { ringPhone } from '../../gateway/steps/ring-phone.ts';
import { sendPayout } from '../../gateway/steps/send-payout.ts';
import { sendReversal } from '../../gateway/steps/send-reversal.ts';
import { topUpByHand } from '../../gateway/steps/top-up-by-hand.ts';
import { registerForConfirmations } from '../../gateway/steps/watch-money.ts';
import { withdraw } from '../../gateway/steps/withdraw.ts';
import { aPushClaim, aResult, notPaid } from '../support/fake-money.ts';
import { aTrade, type GivenHub, given, knock } from '../support/given.ts';
import { livingHub } from '../support/living-hub.ts';
import { corner, kiosk, tailor } from '../support/neighbourhood.ts';
import { aSentPayout, earned } from '../support/payouts.ts';
import { aRingingTopup, aSentTopup, aTopup } from '../support/topups.ts';

const slips = suite('where money could slip through');
const stateOf = (hub: GivenHub, id: string) => hub.books.topups.find(id as never)?.state;
const reason = 'the portal shows it';

slips('a receipt that an open push claims is not given to a neighbour as well', async () => {
  using hub = given();
  const { topup, token } = aRingingTopup(hub);
  const claim = aPushClaim({ receipt: 'UJ22T8IYOU' });
  await readPushCallback(hub, knock(hub, token, claim) ?? '');
  const order = { receipt: 'UJ22T8IYOU', household: tailor, amountCents: 3_000, reason };
  const assigned = assignPayment(hub, order);
  hub.money.says.push.push({ kind: 'paid' });
  await confirmTopup(hub, topup.id);
  const [payer, neighbour] = [kiosk, tailor].map((id) => hub.books.trades.walletOf(id));
  assert.equal([payer, neighbour], [3_000, 0], 'one payment is in one wallet');
  assert.equal(assigned, { ok: false, error: { kind: 'claimed', topup: topup.id } });
});

slips('a receipt that another open push claims is not typed for this one', async () => {
  using hub = given();
  const { token } = aRingingTopup(hub);
  const other = aRingingTopup(hub, { household: tailor, checkoutRequestId: 'ws_CO_2' }).topup;
  const claim = aPushClaim({ receipt: 'UJ22T8IYOU' });
  await readPushCallback(hub, knock(hub, token, claim) ?? '');
  const typed = decideTopup(hub, other.id, { kind: 'paid', receipt: 'UJ22T8IYOU', reason });
  assert.is(typed.ok || typed.error.kind, 'receipt-used');
});

slips('nobody says "not paid" of a prompt that may still be on the phone', async () => {
  using hub = given();
  const { topup } = aRingingTopup(hub);
  const denied = decideTopup(hub, topup.id, { kind: 'not-paid', reason: 'no message yet' });
  assert.equal(denied, { ok: false, error: { kind: 'not-in-review' } });
  hub.money.says.push.push({ kind: 'paid' });
  hub.clock.advance(5_000);
  await livingHub(hub).tick();
  assert.is(hub.books.trades.walletOf(kiosk), 3_000);
});

slips(
  'a payment whose callback came while another was being asked about is not mixed up',
  async () => {
    using hub = given();
    const { topup, token } = aSentTopup(hub);
    const message = knock(
      hub,
      token,
      aPushClaim({ checkoutRequestId: 'ws_CO_other', receipt: 'OTHER12345' }),
    );
    // The answer to our own push comes while M-Pesa is asked about the id of the callback.
    const { askAboutPush } = hub.money;
    hub.money.askAboutPush = async (id) => {
      hub.books.topups.ringing(topup, 'ws_CO_1', 'merchant-1', hub.clock.now());
      return askAboutPush(id);
    };
    hub.money.says.push.push({ kind: 'paid' });
    await readPushCallback(hub, message ?? '');
    const after = hub.books.topups.find(topup.id);
    assert.equal(
      [after?.checkoutRequestId, after?.receipt, after?.claim],
      ['ws_CO_1', undefined, undefined],
    );
  },
);

slips(
  'M-Pesa has forgotten a push: after two days a person looks, and the phone is free',
  async () => {
    using hub = given();
    const { topup } = aRingingTopup(hub);
    const life = livingHub(hub);
    const asks = async (hours: number) => {
      for (let hour = 0; hour < hours; hour++) {
        hub.clock.advance(hourMs);
        hub.money.says.push.splice(0, Number.POSITIVE_INFINITY, {
          kind: 'no-answer',
          why: 'does not exist',
        });
        await life.tick();
      }
    };
    await asks(47);
    assert.is(stateOf(hub, topup.id), 'pending');
    await asks(3);
    assert.is(stateOf(hub, topup.id), 'review');
    assert.is(hub.books.topups.openOn(topup.phone), undefined);
  },
);

slips('a prompt that had to wait does not ring in quiet hours', async () => {
  const evening = { quietFromMs: 9 * hourMs + 5 * minuteMs, quietUntilMs: 9 * hourMs };
  using hub = given({ energy: { [corner]: 9_000 }, rules: { [kiosk]: evening } });
  const topup = aTopup(hub, { trades: [aTrade(hub).id] });
  hub.money.says.ring.push({ kind: 'not-sent', why: 'no network' });
  await ringPhone(hub, topup.id);
  hub.clock.advance(6 * minuteMs);
  await ringPhone(hub, topup.id);
  assert.is(hub.money.rung.length, 1);
  assert.is(stateOf(hub, topup.id), 'abandoned');
});

slips('the same amount waits two minutes, whatever was asked in between', async () => {
  using hub = given();
  const order = (amountCents: number) => topUpByHand(hub, { household: kiosk, amountCents });
  const refuse = async () => {
    hub.clock.advance(5_000);
    hub.money.says.push.splice(0, 9, notPaid('1032'), notPaid('1032'));
    await livingHub(hub).tick();
  };
  for (const amount of [5_000, 4_000]) {
    assert.ok(order(amount).ok);
    await livingHub(hub).tick();
    await refuse();
  }
  const again = order(5_000);
  assert.equal(again.ok || again.error.kind, 'same-amount');
});

slips('doubtful payouts of yesterday do not hold up each other', async () => {
  using hub = given({ wallets: { [kiosk]: 9_000, [corner]: 9_000 } });
  const of = (household: HouseholdId) => {
    const answer = withdraw(hub, { household, amountCents: 6_000, phone: undefined });
    if (!answer.ok) throw new Error(answer.error.kind);
    return answer.value.id;
  };
  const both = [of(kiosk), of(corner)];
  for (const id of both) {
    const payout = hub.books.payouts.find(id);
    const [result, timeout] = [hub.ids.callbackToken(), hub.ids.callbackToken()];
    const paths = { resultHash: result.hash, timeoutHash: timeout.hash, expires: hub.clock.now() };
    if (payout !== undefined) hub.books.payouts.markSent(payout, paths, hub.clock.now());
  }
  // The power was cut while both were sent, and it is a new day.
  hub.clock.advance(15 * hourMs);
  for (const id of both) await sendPayout(hub, id);
  assert.is(hub.money.paidOut.length, 1, 'the older goes first, alone');
});

slips('with a clock that nobody trusts the list decides nothing', async () => {
  using hub = given();
  const { topup } = aSentTopup(hub);
  hub.books.topups.review(topup, 'it is not known whether the phone rang');
  hub.clock.advance(dayMs + hourMs);
  const clock = { ...hub.clock, trust: () => 'untrusted' as const };
  await comparePayments({ ...hub, clock });
  assert.is(stateOf(hub, topup.id), 'review');
  await comparePayments(hub);
  assert.is(stateOf(hub, topup.id), 'closed');
});

slips('a conflict goes to a person when M-Pesa has no list for this hub', async () => {
  using hub = given();
  const { topup, token } = aRingingTopup(hub);
  await readPushCallback(hub, knock(hub, token, aPushClaim({ amountCents: 100 })) ?? '');
  assert.is(stateOf(hub, topup.id), 'conflict');
  hub.money.registerForLists = async () => ({
    kind: 'not-registered',
    why: 'no nominated phone number is set',
  });
  const life = livingHub(hub);
  await life.tick();
  assert.is(stateOf(hub, topup.id), 'conflict');
  for (let minutes = 0; minutes < 80; minutes += 10) {
    hub.clock.advance(10 * minuteMs);
    await life.tick();
  }
  assert.is(stateOf(hub, topup.id), 'review');
});

slips('a payout or reversal that was given up and went all the same calls a person', async () => {
  using hub = earned(2, { resultsTrusted: true });
  const { payout, token } = aSentPayout(hub);
  hub.books.payouts.fail(payout, 'a person says that it did not go', hub.clock.now());
  await readPayoutCallback(hub, knock(hub, token, aResult()) ?? '');
  const subjects = () => hub.books.watch.alarms(9).map(({ kind, subject }) => [kind, subject]);
  assert.equal(subjects(), [['given-up', payout.id]]);

  const [receipt, at, amountCents] = ['RKL51ZDR4F', hub.clock.now(), cents(3_700)];
  const listed = { receipt, at, amountCents, reference: 'HELLO', phone: undefined };
  hub.books.evidence.take(listed, { kind: 'suspense', why: '' }, 'list', at);
  const ordered = reverseReceipt(hub, receipt);
  assert.ok(ordered.ok);
  await sendReversal(hub, ordered.value.id);
  hub.books.reversals.fail(ordered.value, 'a person says so', at);
  const claim = { kind: 'reversal', final: true, code: '0', reversed: true } as const;
  const result = { ...claim, transactionId: undefined, amountCents: undefined };
  const path = hub.money.reversals.at(-1)?.resultToken ?? '';
  await readReversalCallback(hub, knock(hub, path, result) ?? '');
  assert.ok(subjects().some(([, subject]) => subject === ordered.value.id));
});

slips('a refused registration gives out no new paths with every comparison', async () => {
  using hub = given();
  let tries = 0;
  Object.assign(hub.money, {
    health: () => ({ environment: 'production', state: 'ok', detail: '' }),
    registerConfirmations: async () => {
      tries += 1;
      return { kind: 'not-registered', why: 'the addresses are registered already' };
    },
  });
  for (let minutes = 0; minutes < 60; minutes += 10) {
    await registerForConfirmations(hub);
    hub.clock.advance(10 * minuteMs);
  }
  assert.is(tries, 1);
  await registerForConfirmations(hub);
  assert.is(tries, 2, 'it may be taken later');
});

slips('a contradiction that M-Pesa itself has cleared up worries nobody any more', async () => {
  using hub = given();
  const { topup, token } = aRingingTopup(hub);
  await readPushCallback(hub, knock(hub, token, aPushClaim()) ?? '');
  hub.money.says.push.push(notPaid('1037'), { kind: 'paid' });
  await confirmTopup(hub, topup.id);
  assert.is(hub.books.watch.alarms(9).length, 1);
  await confirmTopup(hub, topup.id);
  assert.equal([stateOf(hub, topup.id), hub.books.watch.alarms(9)], ['credited', []]);
});

slips('a list that cannot be read calls a person before payments fall out of it', async () => {
  using hub = given();
  const life = livingHub(hub);
  await life.tick();
  const kinds = () => hub.books.watch.alarms(9).map(({ kind }) => kind);
  hub.money.listPayments = async () => ({ kind: 'no-answer', why: 'a row cannot be read' });
  for (let hours = 0; hours < 36; hours++) {
    assert.equal(kinds(), [], `${hours} h`);
    hub.clock.advance(hourMs);
    await life.tick();
  }
  assert.equal(kinds(), ['silence']);
  hub.money.listPayments = async () => ({ kind: 'listed', payments: [], next: undefined });
  await comparePayments(hub);
  assert.equal(kinds(), []);
});

slips('a phone number that somebody typed as account number is shown to nobody', () => {
  for (const typed of [
    '0708374149',
    '254708374149',
    '+254 708 374 149',
    '708374149',
    'pay 0708-374-149',
  ])
    assert.not.match(plainReference(typed), /374/, typed);
  for (const typed of ['K7F3Q0012A', '000530001', 'LIGHTS 2026'])
    assert.is(plainReference(typed), typed);
});

slips.run();
