import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { assignPayment } from '../../gateway/steps/assign-payment.ts';
import { confirmTopup } from '../../gateway/steps/confirm-topup.ts';
import { decideTopup } from '../../gateway/steps/decide-topup.ts';
import { type GivenHub, given, heard } from '../support/given.ts';
import { corner, kiosk, tailor } from '../support/neighbourhood.ts';
import { aPayment, compareWith } from '../support/payments.ts';
import { aRingingTopup, receiptHeard } from '../support/topups.ts';

const deciding = suite('a person decides about a push');
const reason = 'the portal shows it';
const wallet = (hub: GivenHub, id = kiosk) => hub.books.trades.walletOf(id);
const inReview = (hub: GivenHub, differs = {}) => {
  const { topup } = aRingingTopup(hub, differs);
  hub.books.topups.review(topup, 'no certain answer for a day');
  return topup;
};
const paid = (hub: GivenHub, id: string, receipt = 'UJ22T8IYOU') =>
  decideTopup(hub, id as never, { kind: 'paid', receipt, reason });

deciding('paid: credited once, whatever M-Pesa says later', async () => {
  using hub = given();
  const { id, accountReference: reference } = inReview(hub);
  assert.ok(paid(hub, id, ' uj22t8iyou ').ok);
  assert.equal(paid(hub, id), { ok: false, error: { kind: 'credited' } });
  hub.money.says.push.push({ kind: 'paid' });
  await confirmTopup(hub, id);
  await compareWith(hub, aPayment(hub, { reference }));
  assert.equal([wallet(hub), heard(hub, 'topup.confirmed').length], [3_000, 1]);
  assert.is(hub.books.evidence.find('UJ22T8IYOU')?.source, 'list');
  assert.equal(hub.books.audit.imbalances(), []);
});

deciding('a mistyped receipt is corrected by M-Pesa’s list, without a second credit', async () => {
  using hub = given();
  const { id, accountReference: reference } = inReview(hub);
  paid(hub, id, 'UJ22T8IY0U');
  await compareWith(hub, aPayment(hub, { reference }));
  assert.equal([wallet(hub), hub.books.topups.find(id)?.receipt], [3_000, 'UJ22T8IYOU']);
  assert.equal(
    [hub.books.evidence.find('UJ22T8IY0U'), hub.books.audit.imbalances()],
    [...[undefined, []]],
  );
});

deciding(
  'a receipt typed for the wrong push: the right one is credited too, and a person is told',
  async () => {
    using hub = given();
    const wrong = inReview(hub);
    const right = inReview(hub, { household: tailor, checkoutRequestId: 'ws_CO_2' });
    paid(hub, wrong.id);
    await compareWith(hub, aPayment(hub, { reference: right.accountReference }));
    assert.equal([wallet(hub), wallet(hub, tailor)], [3_000, 3_000]);
    assert.equal(
      hub.books.watch.alarms(9).map(({ words }) => words),
      [`Receipt UJ22T8IYOU pays top-up ${right.id}, and a person gave it to kiosk.`],
    );
    await compareWith(hub, aPayment(hub, { reference: right.accountReference }));
    assert.equal([wallet(hub, tailor), hub.books.audit.imbalances()], [3_000, []]);
  },
);

deciding('not paid: closed, and a late payment is credited all the same', async () => {
  using hub = given();
  const { id, accountReference: reference } = inReview(hub);
  assert.ok(decideTopup(hub, id, { kind: 'not-paid', reason: 'no message on the phone' }).ok);
  assert.is(hub.books.topups.find(id)?.state, 'closed');
  await compareWith(hub, aPayment(hub, { reference }));
  assert.is(wallet(hub), 3_000);
});

deciding('a receipt pays one top-up, and a receipt is letters and digits', async () => {
  using hub = given();
  const [one, two] = [inReview(hub), inReview(hub, { checkoutRequestId: 'ws_CO_2' })];
  paid(hub, one.id);
  assert.equal(paid(hub, two.id), { ok: false, error: { kind: 'receipt-used', place: 'topup' } });
  assert.equal(paid(hub, two.id, 'no'), { ok: false, error: { kind: 'no-receipt' } });
  assert.equal(paid(hub, 'nothing'), { ok: false, error: { kind: 'unknown' } });
  assert.is(wallet(hub), 3_000);
});

deciding('every act is kept with its reason and never changed', () => {
  using hub = given();
  paid(hub, inReview(hub).id);
  const [act] = hub.books.evidence.acts(9);
  assert.equal(
    [act?.act, act?.household, act?.reason],
    [...['pay confirm --receipt UJ22T8IYOU', kiosk, reason]],
  );
});

const assigning = suite('a person says whose a payment is');
const assign = (hub: GivenHub, differs = {}) =>
  assignPayment(hub, {
    ...{ receipt: 'UJ22T8IYOU', household: tailor, amountCents: undefined, reason, ...differs },
  });

assigning('out of suspense, once', async () => {
  using hub = given();
  await compareWith(hub, aPayment(hub));
  assert.equal(assign(hub), { ok: true, value: 3_000 });
  assert.equal(assign(hub, { household: corner }), {
    ...{ ok: false, error: { kind: 'placed', household: tailor } },
  });
  assert.equal([wallet(hub, tailor), wallet(hub, corner)], [3_000, 0]);
  assert.equal([hub.books.views.accountBalance('suspense'), hub.books.watch.alarms(9)], [0, []]);
  await compareWith(hub, aPayment(hub));
  assert.equal([wallet(hub, tailor), hub.books.audit.imbalances()], [3_000, []]);
});

assigning('what only a confirmation tells of, or only M-Pesa’s portal shows', () => {
  using hub = given();
  assert.equal(assign(hub), { ok: false, error: { kind: 'unknown-payment' } });
  hub.books.evidence.noteHint(aPayment(hub), 9);
  assert.equal(assign(hub), { ok: true, value: 3_000 });
  assert.equal(assign(hub, { receipt: 'SEEN4TOLD1', amountCents: 500 }), { ok: true, value: 500 });
  assert.equal([wallet(hub, tailor), hub.books.audit.imbalances()], [3_500, []]);
});

assigning('a push that was credited keeps its receipt', () => {
  using hub = given();
  const { topup } = aRingingTopup(hub);
  receiptHeard(hub, topup, 'UJ22T8IYOU');
  hub.books.topups.credit(topup, hub.clock.now());
  assert.equal(assign(hub, { amountCents: 3_000 }), {
    ...{ ok: false, error: { kind: 'placed', household: kiosk } },
  });
});

deciding.run();
assigning.run();
