import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { minuteMs } from '../../gateway/core/slot.ts';
import { cents } from '../../gateway/core/units.ts';
import type { Claim, PushOutcome } from '../../gateway/ports/mobile-money.ts';
import { comparePayments } from '../../gateway/steps/compare-payments.ts';
import { confirmTopup } from '../../gateway/steps/confirm-topup.ts';
import { readPushCallback } from '../../gateway/steps/read-push-callback.ts';
import { aPushClaim, notPaid } from '../support/fake-money.ts';
import { aTrade, type GivenHub, given, knock, waitingDeeds } from '../support/given.ts';
import { corner, kiosk, phoneOf, tailor } from '../support/neighbourhood.ts';
import { aRingingTopup, aSentTopup } from '../support/topups.ts';

const reading = suite('reading what was said about a push');
const energy = { [corner]: 9_000 };

/** Somebody says this on the path, and the hub reads it. */
async function hears(hub: GivenHub, token: string, claim: Claim): Promise<void> {
  const message = knock(hub, token, claim);
  if (message !== undefined) await readPushCallback(hub, message);
}
const theKiosk = (hub: GivenHub, id: string) => hub.books.topups.find(id as never);
const says = (hub: GivenHub, ...outcomes: PushOutcome[]) => hub.money.says.push.push(...outcomes);

reading('a success is a hint: it credits nothing, and makes the hub ask at once', async () => {
  using hub = given({ energy });
  const { topup, token } = aRingingTopup(hub);
  await hears(hub, token, aPushClaim());
  assert.is(hub.books.trades.walletOf(kiosk), 0);
  assert.equal(hub.money.asked, []);
  const [deed] = hub.books.deeds.due(hub.clock.now(), 9);
  assert.equal([deed?.kind, deed?.subject], ['ask-about-topup', topup.id]);
  assert.equal(hub.warnings, []);
});

reading(
  'S25: a forged success leads to a question; against its answer it is no credit, and an alarm',
  async () => {
    using hub = given({ energy });
    const { topup, token } = aRingingTopup(hub);
    await hears(hub, token, aPushClaim({ receipt: 'FORGED1', amountCents: 3_000 }));
    says(hub, notPaid('1032'));
    await confirmTopup(hub, topup.id);
    assert.is(hub.books.trades.walletOf(kiosk), 0);
    assert.is(theKiosk(hub, topup.id)?.state, 'conflict');
    assert.match(
      hub.books.watch.alarms(9)[0]?.words ?? '',
      /a callback says paid, M-Pesa says 1032/,
    );
  },
);

reading('S27: a forged failure ends nothing, and what is paid is credited', async () => {
  using hub = given({ energy });
  const { topup, token } = aRingingTopup(hub);
  await hears(hub, token, aPushClaim({ code: '1032' }));
  assert.is(theKiosk(hub, topup.id)?.state, 'pending');
  says(hub, { kind: 'paid' });
  await confirmTopup(hub, topup.id);
  assert.is(hub.books.trades.walletOf(kiosk), 3_000);
});

reading('S22: five equal ones at once are one message', async () => {
  using hub = given({ energy });
  const { token } = aRingingTopup(hub);
  const messages = [1, 2, 3, 4, 5].map(() => knock(hub, token, aPushClaim()));
  assert.is(messages.filter((message) => message !== undefined).length, 1);
});

reading('the receipt is noted once, and may come after the credit', async () => {
  using hub = given({ energy });
  const { topup, token } = aRingingTopup(hub);
  hub.books.topups.credit(topup, hub.clock.now());
  await hears(hub, token, aPushClaim({ receipt: 'UJ22T8IYOU', amountCents: 3_000 }));
  await hears(hub, token, aPushClaim({ receipt: 'ANOTHER', amountCents: 3_000 }));
  assert.is(theKiosk(hub, topup.id)?.receipt, 'UJ22T8IYOU');
  assert.is(hub.books.trades.walletOf(kiosk), 3_000);
  assert.equal(waitingDeeds(hub), [], 'a credited top-up is not asked about');
  assert.is(hub.warnings.length, 1);
});

reading('the receipt of another payment is not taken over', async () => {
  using hub = given({ energy });
  const first = aRingingTopup(hub);
  await hears(hub, first.token, aPushClaim({ receipt: 'SAME' }));
  const second = aRingingTopup(hub, { household: tailor, checkoutRequestId: 'ws_CO_2' });
  await hears(hub, second.token, aPushClaim({ checkoutRequestId: 'ws_CO_2', receipt: 'SAME' }));
  assert.is(theKiosk(hub, second.topup.id)?.receipt, undefined);
  assert.match(hub.warnings[0] ?? '', /receipt of another payment/);
});

for (const amountCents of [3_600, 3_701, undefined])
  reading(`S29: a success over ${amountCents} cents for 3,700 is a conflict`, async () => {
    using hub = given({ energy });
    const { topup, token } = aRingingTopup(hub, { amountCents: 3_700 });
    await hears(hub, token, aPushClaim({ receipt: 'R1', amountCents }));
    assert.equal(
      [theKiosk(hub, topup.id)?.state, theKiosk(hub, topup.id)?.receipt],
      [...['conflict', undefined]],
    );
    assert.match(hub.warnings[0] ?? '', /another amount/);
    assert.ok(waitingDeeds(hub).includes('compare-payments'), 'M-Pesa’s list decides');
    says(hub, { kind: 'paid' });
    await confirmTopup(hub, topup.id);
    assert.is(hub.books.trades.walletOf(kiosk), 0, 'the answer names no amount');
    const payment = { receipt: 'R1', at: hub.clock.now(), amountCents: cents(3_700) };
    const row = { ...payment, reference: topup.accountReference, phone: undefined };
    hub.money.says.list.push({ kind: 'listed', payments: [row], next: undefined });
    await comparePayments(hub);
    assert.is(hub.books.trades.walletOf(kiosk), 3_700);
    assert.equal(hub.books.watch.alarms(9), []);
  });

reading('S24: a forged failure after the credit changes nothing', async () => {
  using hub = given({ energy });
  const { topup, token } = aRingingTopup(hub);
  hub.books.topups.credit(topup, hub.clock.now());
  await hears(hub, token, aPushClaim({ code: '1032' }));
  await hears(hub, token, aPushClaim({ amountCents: 9_900 }));
  assert.equal(
    [theKiosk(hub, topup.id)?.state, hub.books.trades.walletOf(kiosk)],
    [...['credited', 3_000]],
  );
  assert.equal(waitingDeeds(hub), []);
});

reading('S26: the id of another payment is set aside', async () => {
  using hub = given({ energy });
  const { topup, token } = aRingingTopup(hub);
  await hears(hub, token, aPushClaim({ checkoutRequestId: 'ws_CO_99', receipt: 'R' }));
  assert.match(hub.warnings[0] ?? '', /another payment/);
  assert.equal(hub.books.deeds.due(hub.clock.now(), 9), [], 'nobody is asked about it');
  assert.is(theKiosk(hub, topup.id)?.receipt, undefined);
});

reading('what cannot be read is set aside and never tried again', async () => {
  using hub = given({ energy });
  const { token } = aRingingTopup(hub);
  await hears(hub, token, { kind: 'unreadable', why: 'not JSON' });
  assert.equal(waitingDeeds(hub), ['ask-about-topup']);
  assert.match(hub.warnings[0] ?? '', /not JSON/);
});

const adopting = suite('adopting a payment whose first answer was lost');

const lost = () => {
  const hub = given({ energy });
  const sent = aSentTopup(hub, { trades: [aTrade(hub).id] });
  hub.books.topups.unsure(sent.topup, 'lost', hub.clock.now());
  return Object.assign(hub, sent);
};

adopting(
  'S16, S21: takes the id from the callback once M-Pesa answers a question about it',
  async () => {
    using hub = lost();
    says(hub, { kind: 'in-flight' });
    await hears(hub, hub.token, aPushClaim({ amountCents: 3_000, phone: phoneOf(kiosk) }));
    const topup = theKiosk(hub, hub.topup.id);
    assert.equal([topup?.state, topup?.checkoutRequestId], ['pending', 'ws_CO_1']);
    assert.equal(hub.money.asked, ['ws_CO_1']);
    says(hub, { kind: 'paid' });
    await confirmTopup(hub, hub.topup.id);
    assert.is(hub.books.trades.walletOf(kiosk), 3_000);
    assert.equal(waitingDeeds(hub), []);
  },
);

adopting('keeps the message until M-Pesa answers', async () => {
  using hub = lost();
  for (const outcome of [
    { kind: 'no-answer', why: 'timeout' },
    { kind: 'misconfigured', why: 'key' },
  ] as const) {
    says(hub, outcome);
    const message = knock(hub, hub.token, aPushClaim()) ?? messageOf(hub);
    await readPushCallback(hub, message);
    assert.is(theKiosk(hub, hub.topup.id)?.state, 'unknown');
    assert.ok(waitingDeeds(hub).includes('read-push'));
  }
  says(hub, { kind: 'paid' });
  await readPushCallback(hub, messageOf(hub));
  assert.is(theKiosk(hub, hub.topup.id)?.state, 'pending');
});
const messageOf = (hub: GivenHub): string =>
  hub.books.deeds.due(hub.clock.now(), 9).find(({ kind }) => kind === 'read-push')?.subject ?? '';

for (const [what, differs] of [
  ['another amount', { amountCents: 2_900 }],
  ['another phone', { phone: phoneOf(tailor) }],
] as const)
  adopting(`refuses ${what}, and asks nobody`, async () => {
    using hub = lost();
    await hears(hub, hub.token, aPushClaim(differs));
    assert.match(hub.warnings[0] ?? '', new RegExp(what));
    assert.equal([theKiosk(hub, hub.topup.id)?.state, hub.money.asked], ['unknown', []]);
    assert.equal(waitingDeeds(hub), ['ask-about-topup']);
  });

adopting('refuses an id that another push holds', async () => {
  using hub = lost();
  aRingingTopup(hub, { household: tailor, checkoutRequestId: 'ws_CO_1' });
  await hears(hub, hub.token, aPushClaim());
  assert.match(hub.warnings[0] ?? '', /another payment/);
  assert.is(theKiosk(hub, hub.topup.id)?.checkoutRequestId, undefined);
});

adopting('S31: takes a masked phone for what it is: nothing said', async () => {
  using hub = lost();
  says(hub, { kind: 'paid' });
  await hears(hub, hub.token, aPushClaim({ phone: undefined }));
  assert.is(theKiosk(hub, hub.topup.id)?.state, 'pending');
});

adopting('finds the wallet even after a person was called', async () => {
  using hub = lost();
  hub.clock.advance(16 * minuteMs);
  await confirmTopup(hub, hub.topup.id);
  assert.is(theKiosk(hub, hub.topup.id)?.state, 'review');
  says(hub, { kind: 'paid' }, { kind: 'paid' });
  await hears(hub, hub.token, aPushClaim());
  await confirmTopup(hub, hub.topup.id);
  assert.equal(
    [theKiosk(hub, hub.topup.id)?.state, hub.books.trades.walletOf(kiosk)],
    ['credited', 3_000],
  );
});

reading.run();
adopting.run();
