import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dayMs, hourMs, minuteMs } from '../../gateway/core/slot.ts';
import { epochMs } from '../../gateway/core/units.ts';
import { comparePayments } from '../../gateway/steps/compare-payments.ts';
import { confirmTopup } from '../../gateway/steps/confirm-topup.ts';
import { readConfirmationCallback } from '../../gateway/steps/read-confirmation-callback.ts';
import { readPushCallback } from '../../gateway/steps/read-push-callback.ts';
import { registerForConfirmations } from '../../gateway/steps/watch-money.ts';
import { aPushClaim, notPaid } from '../support/fake-money.ts';
import { aTrade, type GivenHub, given, heard, knock, waitingDeeds } from '../support/given.ts';
import { livingHub } from '../support/living-hub.ts';
import { corner, kiosk, phoneOf, tailor } from '../support/neighbourhood.ts';
import { aPayment, compareWith } from '../support/payments.ts';
import { aRingingTopup, aSentTopup } from '../support/topups.ts';

const comparing = suite('comparing with M-Pesa’s list');
const energy = { [corner]: 9_000 };
const wallet = (hub: GivenHub, id = kiosk) => hub.books.trades.walletOf(id);
const stateOf = (hub: GivenHub, id: string) => hub.books.topups.find(id as never)?.state;
const alarms = ({ books }: GivenHub) => books.watch.alarms(99).map(({ words }) => words);
const codeOf = (hub: GivenHub, id = kiosk) => hub.books.households.find(id)?.code ?? '';

comparing('S18: answer and callback lost: the list finds the push by its reference', async () => {
  using hub = given({ energy });
  const living = livingHub(hub);
  const trade = aTrade(hub);
  hub.money.says.ring.push({ kind: 'unclear', why: 'lost' });
  await living.tick();
  const reference = hub.money.rung[0]?.accountReference ?? '';
  hub.clock.advance(minuteMs);
  await compareWith({ ...hub, tell: living.needs.tell }, aPayment(hub, { reference }));
  await living.tick();
  assert.is(hub.books.topups.byReference(reference)?.state, 'credited');
  assert.is(hub.books.trades.find(trade.id)?.state, 'settled', 'and the trade goes on');
  assert.equal([hub.money.rung.length, living.troubles], [1, []]);
});

comparing(
  'S17: no prompt and no sign: a person looks; a day later the list closes it',
  async () => {
    using hub = given({ energy });
    const { topup } = aSentTopup(hub);
    hub.books.topups.unsure(topup, 'lost', hub.clock.now());
    hub.clock.advance(15 * minuteMs);
    await confirmTopup(hub, topup.id);
    assert.is(stateOf(hub, topup.id), 'review');
    await compareWith(hub);
    assert.is(stateOf(hub, topup.id), 'review', 'too early to say');
    hub.clock.advance(dayMs);
    await compareWith(hub);
    assert.is(stateOf(hub, topup.id), 'closed');
    await compareWith(hub, aPayment(hub, { reference: topup.accountReference }));
    assert.equal([stateOf(hub, topup.id), wallet(hub)], ['credited', 3_000], 'even then');
  },
);

comparing('a list that no longer reaches back to a push decides nothing about it', async () => {
  using hub = given({ energy });
  const { topup } = aSentTopup(hub);
  hub.books.topups.review(topup, 'lost');
  hub.clock.advance(3 * dayMs);
  await compareWith(hub);
  assert.is(stateOf(hub, topup.id), 'review');
});

comparing('S44: a callback says paid, the answer says not: the list decides', async () => {
  using hub = given({ energy });
  const { topup, token } = aRingingTopup(hub);
  hub.money.says.push.push(notPaid('1037'), notPaid('1037'));
  await confirmTopup(hub, topup.id);
  await readPushCallback(hub, knock(hub, token, aPushClaim({ receipt: 'R1' })) ?? '');
  await confirmTopup(hub, topup.id);
  assert.equal([stateOf(hub, topup.id), wallet(hub)], ['conflict', 0]);
  await compareWith(hub, aPayment(hub, { receipt: 'R1', reference: topup.accountReference }));
  assert.equal([stateOf(hub, topup.id), wallet(hub)], ['credited', 3_000]);
  assert.equal([alarms(hub), heard(hub, 'topup.confirmed').length], [[], 1]);
});

comparing(
  'S44: a conflict that the list does not have within the hour goes to a person',
  async () => {
    using hub = given({ energy });
    const { topup, token } = aRingingTopup(hub);
    await readPushCallback(hub, knock(hub, token, aPushClaim({ receipt: 'R1' })) ?? '');
    hub.money.says.push.push(notPaid('1032'));
    await confirmTopup(hub, topup.id);
    await compareWith(hub);
    assert.is(stateOf(hub, topup.id), 'conflict');
    assert.ok(waitingDeeds(hub).includes('compare-payments'), 'looks again soon');
    hub.clock.advance(hourMs);
    await compareWith(hub);
    assert.is(stateOf(hub, topup.id), 'review');
  },
);

comparing(
  'S51: the receipt after the credit, from callback, list and confirmation: one credit',
  async () => {
    using hub = given({ energy });
    const { topup, token } = aRingingTopup(hub);
    const payment = aPayment(hub, { receipt: 'R1', reference: topup.accountReference });
    hub.money.says.push.push({ kind: 'paid' });
    await confirmTopup(hub, topup.id);
    await compareWith(hub, payment);
    await readPushCallback(hub, knock(hub, token, aPushClaim({ receipt: 'R1' })) ?? '');
    await confirms(hub, { ...payment, phone: undefined });
    await compareWith(hub, payment);
    assert.equal([wallet(hub), hub.books.topups.find(topup.id)?.receipt], [3_000, 'R1']);
    assert.equal([hub.books.audit.imbalances(), hub.books.evidence.openHints(9)], [[], []]);
  },
);

comparing('S52: money sent by hand with a household’s code is in its wallet', async () => {
  using hub = given();
  const code = codeOf(hub).toLowerCase();
  await compareWith(hub, aPayment(hub, { reference: code }), aPayment(hub, { reference: code }));
  assert.is(wallet(hub), 3_000);
  const [credited] = heard(hub, 'paybill.credited');
  assert.equal([credited?.household, credited?.receipt], [kiosk, 'UJ22T8IYOU']);
  assert.equal(
    hub.books.statements.of(kiosk, 9).map(({ what }) => what),
    ['paybill:UJ22T8IYOU'],
  );
});

comparing('S52: with an unknown code it stands in suspense, with an alarm', async () => {
  using hub = given();
  await compareWith(hub, aPayment(hub));
  await compareWith(hub, aPayment(hub));
  assert.is(hub.books.views.accountBalance('suspense'), 3_000);
  assert.equal(alarms(hub), [
    'Payment UJ22T8IYOU is in suspense: its account number names no household.',
  ]);
  assert.equal(hub.books.audit.imbalances(), []);
});

comparing('a second payment with the account number of a prompt is its household’s', async () => {
  using hub = given({ energy });
  const { topup } = aRingingTopup(hub);
  const reference = topup.accountReference;
  await compareWith(hub, aPayment(hub, { reference }), aPayment(hub, { reference, receipt: 'R2' }));
  assert.is(wallet(hub), 6_000);
});

comparing('another amount under our account number waits for a person', async () => {
  using hub = given({ energy });
  const { topup } = aRingingTopup(hub);
  await compareWith(hub, aPayment(hub, { reference: topup.accountReference, amountCents: 2_900 }));
  assert.equal([wallet(hub), hub.books.views.accountBalance('suspense')], [0, 2_900]);
  assert.is(stateOf(hub, topup.id), 'pending', 'its own payment may still come');
});

comparing(
  'a receipt that a forger put on another push is given to the one that paid it',
  async () => {
    using hub = given({ energy });
    const forged = aRingingTopup(hub);
    const claim = aPushClaim({ receipt: 'R1' });
    await readPushCallback(hub, knock(hub, forged.token, claim) ?? '');
    const paid = aRingingTopup(hub, { household: tailor, checkoutRequestId: 'ws_CO_2' });
    await compareWith(
      hub,
      aPayment(hub, { receipt: 'R1', reference: paid.topup.accountReference }),
    );
    assert.equal([wallet(hub), wallet(hub, tailor)], [0, 3_000]);
    assert.is(hub.books.topups.byReceipt('R1')?.id, paid.topup.id);
  },
);

comparing(
  'what was credited and is missing in the list an hour later is a difference',
  async () => {
    using hub = given({ energy });
    const { topup } = aRingingTopup(hub);
    hub.books.topups.credit(topup, hub.clock.now());
    await compareWith(hub);
    assert.equal(alarms(hub), [], 'a list may be late');
    hub.clock.advance(hourMs + 1);
    await compareWith(hub);
    assert.equal(alarms(hub), [
      `Top-up ${topup.id} is credited, and M-Pesa's list does not have it.`,
    ]);
    await compareWith(hub, aPayment(hub, { reference: topup.accountReference }));
    assert.equal([alarms(hub), wallet(hub)], [[], 3_000], 'until the list has it');
  },
);

comparing('reads the list page by page, and only a whole one counts', async () => {
  using hub = given();
  const page = (n: number) => [aPayment(hub, { receipt: `R${n}`, reference: codeOf(hub) })];
  hub.money.says.list.push(
    { kind: 'listed', payments: page(1), next: 100 },
    { kind: 'no-answer', why: 'timeout' },
  );
  hub.books.deeds.hasten('compare-payments', 'list', hub.clock.now());
  assert.is((await comparePayments(hub)).complete, false);
  assert.equal([wallet(hub), hub.books.watch.lastComplete()], [3_000, undefined]);
  assert.equal(waitingDeeds(hub), ['compare-payments'], 'and is asked for again');
  hub.money.says.list.push(
    { kind: 'listed', payments: page(1), next: 100 },
    { kind: 'listed', payments: page(2), next: undefined },
  );
  assert.is((await comparePayments(hub)).complete, true);
  assert.equal([wallet(hub), hub.books.watch.lastComplete()?.payments], [6_000, 2]);
  assert.equal(
    hub.money.listed.map(({ offset }) => offset),
    [0, 100, 0, 100],
  );
  assert.is(hub.money.listed[0]?.from, hub.clock.now() - 2 * dayMs);
  assert.equal(waitingDeeds(hub), []);
});

comparing(
  'without a right to the list it tries again tomorrow, and is registered once',
  async () => {
    using hub = given();
    let registered = 0;
    Object.assign(hub.money, {
      health: () => ({ environment: 'production', state: 'ok', detail: '' }),
      registerForLists: async () =>
        ++registered === 1 ? { kind: 'not-registered', why: 'not live' } : { kind: 'registered' },
    });
    hub.books.deeds.hasten('compare-payments', 'list', hub.clock.now());
    assert.equal(await comparePayments(hub), { complete: false, why: 'not live', findings: [] });
    assert.equal([waitingDeeds(hub), hub.money.listed], [[], []]);
    await compareWith(hub);
    await compareWith(hub);
    assert.is(registered, 2);
  },
);

const telling = suite('being told of money that was sent by hand');

/** M-Pesa, or somebody who knows the path, tells of a payment. */
async function confirms(hub: GivenHub, payment: ReturnType<typeof aPayment>): Promise<void> {
  const [confirmation, validation] = [hub.ids.callbackToken(), hub.ids.callbackToken()];
  const expires = epochMs(hub.clock.now() + dayMs);
  hub.books.watch.openConfirmations(confirmation.hash, validation.hash, expires);
  const { receipt, amountCents, reference, phone } = payment;
  const claim = { kind: 'confirmation', receipt, amountCents, reference, phone } as const;
  await readConfirmationCallback(hub, knock(hub, confirmation.token, claim) ?? '');
}

telling('is a hint: nothing is credited until M-Pesa’s list has it, however often', async () => {
  using hub = given();
  const payment = aPayment(hub, { reference: codeOf(hub), phone: phoneOf(kiosk) });
  await confirms(hub, payment);
  await confirms(hub, payment);
  assert.equal([wallet(hub), hub.books.evidence.openHints(9).length], [0, 1]);
  assert.ok(waitingDeeds(hub).includes('compare-payments'));
  await compareWith(hub);
  assert.is(wallet(hub), 0);
  assert.ok(waitingDeeds(hub).includes('compare-payments'), 'the list may have it later');
  await compareWith(hub, payment);
  assert.equal([wallet(hub), hub.books.evidence.openHints(9)], [3_000, []]);
});

telling('paths are given to M-Pesa once, and before it is asked they are on disk', async () => {
  using hub = given();
  const handed: string[] = [];
  Object.assign(hub.money, {
    health: () => ({ environment: 'sandbox', state: 'ok', detail: '' }),
    registerConfirmations: async ({ confirmation }: { confirmation: string }) => {
      handed.push(confirmation);
      assert.ok(knock(hub, confirmation, { kind: 'timeout' }), 'already listened to');
      return { kind: 'registered' };
    },
  });
  await registerForConfirmations(hub);
  await registerForConfirmations(hub);
  assert.is(handed.length, 1);
});

comparing.run();
telling.run();
