/** The keeper's questions and decisions about money, over HTTP, in front of real books. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dayMs, hourMs } from '../gateway/core/slot.ts';
import { cents } from '../gateway/core/units.ts';
import { openMoneyDesk } from '../gateway/open-desk-money.ts';
import type { FindView, ReconcileView, ReviewsView } from '../gateway/ports/money-desk.ts';
import { confirmTopup } from '../gateway/steps/confirm-topup.ts';
import { readBalanceCallback } from '../gateway/steps/read-balance-callback.ts';
import { withdraw } from '../gateway/steps/withdraw.ts';
import { openedWeb } from './adapters/web/fake-desk.ts';
import { type GivenHub, given, knock } from './support/given.ts';
import { corner, kiosk, phoneOf } from './support/neighbourhood.ts';
import { aPayment, compareWith } from './support/payments.ts';
import { aRingingTopup, receiptHeard } from './support/topups.ts';

const asking = suite('the keeper at the counter for money');

/** The counter's calls, as the operator makes them. */
const atTheCounter = (hub: GivenHub) => openedWeb({ money: openMoneyDesk(hub) });
const reviewed = (hub: GivenHub) => {
  const { topup } = aRingingTopup(hub);
  hub.books.topups.review(topup, 'no certain answer for a day');
  return topup.id;
};

asking('is only for the operator, whatever is asked', async () => {
  using hub = given();
  await using web = await atTheCounter(hub);
  for (const path of [
    'reconcile',
    'find',
    'topups/x/confirm',
    'payments/x/assign',
    'all/resume',
    'terms',
  ]) {
    const { status } = await web.call(`/api/money/${path}`, { body: {}, headers: {} });
    assert.is(status, 401, path);
  }
  assert.equal(hub.money.listed, []);
});

asking(
  'finds a household by phone, code, receipt and ids, and never shows the whole phone',
  async () => {
    using hub = given();
    const { topup } = aRingingTopup(hub);
    receiptHeard(hub, topup, 'UJ22T8IYOU');
    await using web = await atTheCounter(hub);
    const code = hub.books.households.find(kiosk)?.code ?? '';
    for (const what of [
      phoneOf(kiosk),
      '0700000002',
      code,
      'uj22t8iyou',
      topup.id,
      'ws_CO_1',
      kiosk,
    ]) {
      const { json, text } = await web.call('/api/money/find', { body: { what } });
      const { household, topups } = json as FindView;
      assert.equal([household?.id, topups[0]?.id], [kiosk, topup.id], what);
      assert.not.ok(text.includes(phoneOf(kiosk)));
    }
    assert.is((await web.call('/api/money/find', { body: { what: 'nobody' } })).status, 404);
  },
);

asking('what a payer typed cannot steer the keeper’s terminal', async () => {
  using hub = given();
  await compareWith(hub, aPayment(hub, { reference: '\u001b[2J\u202eLIGHTS\u200b\n' }));
  await using web = await atTheCounter(hub);
  const { json } = await web.call('/api/money/reviews');
  assert.is((json as ReviewsView).suspense[0]?.reference, '[2JLIGHTS');
});

asking('says what to type about a top-up in review, and does it', async () => {
  using hub = given();
  const id = reviewed(hub);
  await using web = await atTheCounter(hub);
  const reviews = (await web.call('/api/money/reviews')).json as ReviewsView;
  assert.match(reviews.next[0] ?? '', new RegExp(`^scripts/hub pay confirm ${id} --receipt`));
  const path = `/api/money/topups/${id}`;
  assert.is((await web.call(`${path}/confirm`, { body: { receipt: '' } })).status, 422);
  const { json } = await web.call(`${path}/confirm`, { body: { receipt: 'UJ22T8IYOU' } });
  assert.equal(json, { did: 'KES 30.00 are in the wallet of kiosk.' });
  assert.is((await web.call(`${path}/deny`, { body: {} })).status, 409);
  assert.is(hub.books.trades.walletOf(kiosk), 3_000);
  assert.is(hub.books.evidence.acts(9)[0]?.reason, 'decided by the keeper');
});

asking('assigns by household or payment code, and gives back what is nobody’s', async () => {
  using hub = given();
  const two = aPayment(hub, { receipt: 'RB22T8IYOU', amountCents: 500 });
  await compareWith(hub, aPayment(hub), two);
  await using web = await atTheCounter(hub);
  const household = hub.books.households.find(kiosk)?.code ?? '';
  const assign = await web.call('/api/money/payments/UJ22T8IYOU/assign', { body: { household } });
  assert.is(assign.status, 200);
  const { json } = await web.call('/api/money/payments/RB22T8IYOU/reverse', { body: {} });
  assert.match(json.did, /^KES 5\.00 leave suspense and go back to the phone that paid them/);
  const again = await web.call('/api/money/payments/RB22T8IYOU/assign', { body: { household } });
  assert.is(again.status, 409, 'what goes back is not assigned');
  assert.equal([hub.books.trades.walletOf(kiosk), hub.books.audit.imbalances()], [3_000, []]);
  assert.equal((await web.call('/api/money/reviews')).json.suspense, []);
});

asking('S14: a second equal top-up within two minutes is refused with a sentence', async () => {
  using hub = given();
  await using web = await atTheCounter(hub);
  const topUp = () => web.call(`/api/households/${kiosk}/topup`, { body: { amount: 50 } });
  assert.is((await topUp()).status, 200);
  assert.match((await topUp()).json.detail, /^A prompt is open on this phone/);
  const [asked] = hub.books.topups.ofHousehold(kiosk, 1);
  assert.ok(asked);
  hub.books.topups.markSent(asked, 'f'.repeat(64), hub.clock.now(), hub.clock.now());
  hub.books.topups.credit(asked, hub.clock.now());
  const { status, json } = await topUp();
  assert.equal(
    [status, json.detail],
    [
      409,
      'M-Pesa refuses the same amount from the same phone within two minutes: wait 120 s, or ask for another amount.',
    ],
  );
});

asking(
  'withdraws, and shows the statement with what the account held after each line',
  async () => {
    using hub = given({ wallets: { [kiosk]: 5_000 } });
    await using web = await atTheCounter(hub);
    const path = `/api/households/${kiosk}`;
    assert.is((await web.call(`${path}/withdraw`, { body: { amount: 60 } })).status, 409);
    assert.is((await web.call(`${path}/withdraw`, { body: { amount: 20.5 } })).status, 422);
    assert.is((await web.call(`${path}/withdraw`, { body: { amount: 20 } })).status, 200);
    const { json } = await web.call(`${path}/statement`);
    assert.equal(
      json.lines.map((line: { amountCents: number; balanceCents: number }) => [
        ...[line.amountCents, line.balanceCents],
      ]),
      [
        [5_000, 5_000],
        [-2_000, 3_000],
      ],
    );
  },
);

asking('decides about a payout in review, pauses and resumes', async () => {
  using hub = given({ wallets: { [kiosk]: 5_000 } });
  const order = { household: kiosk, amountCents: 2_000, phone: undefined };
  const begun = withdraw(hub, order);
  const payout = begun.ok ? begun.value : undefined;
  assert.ok(payout);
  hub.books.payouts.review(payout, 'no answer for a day', hub.clock.now());
  await using web = await atTheCounter(hub);
  const went = `/api/money/out/${payout.id}/went`;
  assert.is((await web.call(went, { body: {} })).status, 422, 'without a transaction');
  assert.is((await web.call(went, { body: { transaction: 'SG632NMUAB' } })).status, 200);
  assert.is(hub.books.payouts.find(payout.id)?.state, 'done');
  const all = (act: string, body = {}) => web.call(`/api/money/all/${act}`, { body });
  assert.is((await all('pause', { reason: 'the keeper is away' })).json.did, 'All payouts wait.');
  assert.equal((await web.call('/api/money/reviews')).json.pauses, [
    'everybody: the keeper is away',
  ]);
  assert.is((await all('resume')).json.did, 'Payouts go on; ended: keeper.');
  assert.is((await all('dance')).status, 404);
});

asking('compares everything now: list, open top-ups, balance; and tells what it did', async () => {
  using hub = given();
  const paid = aRingingTopup(hub);
  const open = aRingingTopup(hub, { household: corner, checkoutRequestId: 'ws_CO_2' });
  const reference = paid.topup.accountReference;
  hub.money.says.list.push({
    ...{ kind: 'listed', payments: [aPayment(hub, { reference })], next: undefined },
  });
  hub.money.says.push.push({ kind: 'paid' });
  const { askBalance } = hub.money;
  hub.money.askBalance = async (paths) => {
    const answer = await askBalance(paths);
    const claim = { kind: 'balance', answered: true, code: '0', workingCents: 0 } as const;
    const body = { ...claim, utilityCents: 106_000, chargesPaidCents: 0 };
    await readBalanceCallback(hub, knock(hub, paths.resultToken, body) ?? '');
    return answer;
  };
  await using web = await atTheCounter(hub);
  const report = (await web.call('/api/money/reconcile', { body: {} })).json as ReconcileView;
  assert.is(report.list.payments, 1);
  assert.match(
    report.findings[0]?.words ?? '',
    /^credited now: it pays top-up .* which was pending/,
  );
  assert.equal(
    report.topups.map(({ id, words }) => [id, words]),
    [[open.topup.id, 'was pending; paid, and in the wallet']],
  );
  assert.equal(report.balances[0], {
    ...{ account: 'utility', booksCents: 6_000, floatCents: 100_000, mpesaCents: 106_000 },
    offCents: 0,
  });
  assert.equal([report.alarms, hub.books.audit.imbalances()], [[], []]);
});

asking('days that nobody compared are told once, until a person has looked', async () => {
  using hub = given();
  await compareWith(hub);
  const subject = new Date(hub.clock.now()).toISOString();
  hub.clock.advance(5 * dayMs);
  await compareWith(hub);
  await using web = await atTheCounter(hub);
  const alarms = async () => (await web.call('/api/money/reviews')).json.alarms;
  assert.equal(
    (await alarms()).map(({ kind }: { kind: string }) => kind),
    ['gap'],
  );
  const checked = `/api/money/alarms/${subject}/checked`;
  assert.is((await web.call(checked, { body: { reason: 'the portal has none' } })).status, 200);
  hub.clock.advance(hourMs);
  await compareWith(hub);
  assert.equal([await alarms(), (await web.call(checked, { body: {} })).status], [[], 404]);
});

asking('sets when and from how much sellers are paid, and M-Pesa’s fees', async () => {
  using hub = given();
  await using web = await atTheCounter(hub);
  const set = async (body: object) => (await web.call('/api/money/terms', { body })).status;
  const tariff = [
    { upTo: 100, fee: 0 },
    { upTo: 250_000, fee: 12.5 },
  ];
  assert.is(await set({ from: '06:30', least: 20, tariff, reason: 'the new tariff' }), 200);
  const { payoutFromMinute, payoutLeastCents } = hub.books.settings.at(hub.clock.now());
  assert.equal([payoutFromMinute, payoutLeastCents], [390, 2_000]);
  assert.is(hub.books.payouts.feeFor(cents(10_100), hub.clock.now()), 1_250);
  for (const wrong of [{}, { least: 9 }, { tariff: [{ upTo: 100, fee: 0 }] }])
    assert.is(await set(wrong), 422, JSON.stringify(wrong));
  assert.is(await set({ from: '24:00' }), 400);
});

asking('counts what was confirmed and credited, and how long that took', async () => {
  using hub = given();
  const promise = () => hub.books.topups.promise();
  const empty = { confirmed: 0, credited: 0, medianMs: undefined, worstMs: undefined };
  assert.equal(promise(), empty);
  for (const [n, ms] of [0, 400, 1_000].entries()) {
    const { topup } = aRingingTopup(hub, { checkoutRequestId: `ws_CO_${n}` });
    hub.books.topups.noteClaim(topup, 3_000, hub.clock.now());
    assert.is(promise().confirmed, n + 1);
    hub.clock.advance(ms);
    hub.money.says.push.push({ kind: 'paid' });
    await confirmTopup(hub, topup.id);
  }
  assert.equal(promise(), { confirmed: 3, credited: 3, medianMs: 400, worstMs: 1_000 });
});

asking.run();
