import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dayMs, hourMs } from '../../gateway/core/slot.ts';
import { cents, epochMs } from '../../gateway/core/units.ts';
import { openMoneyDesk } from '../../gateway/open-desk-money.ts';
import { endRestore } from '../../gateway/steps/end-restore.ts';
import { markRestored } from '../../gateway/steps/mark-restored.ts';
import { paySellers } from '../../gateway/steps/pay-sellers.ts';
import { sendPayout } from '../../gateway/steps/send-payout.ts';
import { aSettledTrade, type GivenHub, given } from '../support/given.ts';
import { corner, kiosk, nine } from '../support/neighbourhood.ts';

const restoring = suite('books that come back from a backup');

/** The corner house has earned KES 30, and the backup was made at nine. */
function aHub(): GivenHub {
  const hub = given({ energy: { [corner]: 9_000 }, wallets: { [kiosk]: 9_000 } });
  hub.books.settings.change('payoutDaily', 0, nine);
  hub.books.settings.change('payoutLeastCents', 1_000, nine);
  aSettledTrade(hub);
  hub.clock.advance(hourMs);
  return hub;
}

restoring('S83: what a seller may have been paid since is asked about, and not sent', async () => {
  using hub = aHub();
  const { books } = hub;
  assert.is(markRestored(hub, nine, hub.clock.now()), 1);
  const [payout] = books.payouts.inStates(['unknown']);
  assert.is(payout?.amountCents, 3_000);
  assert.is(payout?.sentAt, nine);
  // The very id that the hub would have given it after the backup.
  assert.is(payout?.conversationId, hub.ids.payoutConversation(corner, 1));
  assert.equal(
    books.deeds.due(hub.clock.now(), 9, ['pay-out', 'ask-about-payout']).map(({ kind }) => kind),
    ['ask-about-payout'],
  );
  await sendPayout(hub, payout?.id ?? '');
  paySellers(hub);
  assert.is(hub.money.paidOut.length, 0);
  assert.is(books.audit.imbalances().length, 0);
});

restoring('S83: what stood as not yet sent may have been sent since', () => {
  using hub = aHub();
  paySellers(hub);
  const [before] = hub.books.payouts.inStates(['intent']);
  assert.is(markRestored(hub, epochMs(nine + 1), hub.clock.now()), 1);
  const [after] = hub.books.payouts.inStates(['unknown']);
  assert.equal([after?.id, after?.sentAt], [before?.id, nine + 1]);
});

restoring('who had earned too little to be paid is left alone', () => {
  using hub = aHub();
  hub.books.settings.change('payoutLeastCents', 5_000, nine);
  assert.is(markRestored(hub, nine, hub.clock.now()), 0);
  assert.is(hub.books.trades.earningsOf(corner), 3_000);
});

restoring('more than a day old, it is never sent again by itself', async () => {
  using hub = aHub();
  hub.clock.advance(2 * dayMs);
  markRestored(hub, nine, hub.clock.now());
  hub.books.pauses.resume('keeper', undefined, 'for the test', hub.clock.now());
  const [payout] = hub.books.payouts.inStates(['unknown']);
  await sendPayout(hub, payout?.id ?? '');
  assert.is(hub.money.paidOut.length, 0);
});

const ending = suite('payouts after a restore');

const look = (hub: GivenHub, offCents: number): void => {
  const { watch } = hub.books;
  const id = hub.ids.fresh();
  const at = hub.clock.now();
  const ours = { utilityCents: 0, chargesCents: 0 };
  const asked = { id, askedAt: at, ours, inFlightCents: cents(0) };
  const open = { answeredAt: undefined, theirs: undefined, off: undefined };
  watch.askBalance({ ...asked, ...open }, `r${id}`, `t${id}`, epochMs(at + hourMs));
  watch.answered(id, ours, { utilityCents: offCents, chargesCents: 0 }, at);
};
const compare = ({ books, clock }: GivenHub, complete = true): void => {
  const at = clock.now();
  books.watch.compared({ at, from: epochMs(0), complete, payments: 0, credited: 0, why: '' });
};

ending(
  'do not go on before list, payouts and balance are compared, however often they are asked',
  () => {
    using hub = aHub();
    markRestored(hub, nine, hub.clock.now());
    const desk = openMoneyDesk(hub);
    const resume = () => desk.resume({ household: undefined, reason: 'go' });
    const lacks = () => {
      const answer = resume();
      return answer.ok ? '' : answer.error.detail;
    };
    hub.clock.advance(1_000);
    assert.match(
      lacks(),
      /list was not read.*not answered about 1 payouts.*balance was not compared/,
    );
    compare(hub, false);
    assert.match(lacks(), /list was not read/);
    compare(hub);
    assert.not.match(lacks(), /list was not read/);
    const [payout] = hub.books.payouts.inStates(['unknown']);
    if (payout) hub.books.payouts.proved(payout, hub.clock.now());
    look(hub, -3_000);
    assert.match(lacks(), /^[^;]*KES 30\.00 less than the books explain/);
    assert.is(hub.books.pauses.holding(hub.clock.now()).length, 1);
    hub.clock.advance(1_000);
    look(hub, 0);
    assert.equal(resume(), { ok: true, value: { did: 'Payouts go on; ended: keeper.' } });
    assert.equal(endRestore(hub), []);
    assert.not.ok(hub.books.watch.alarms(9).some(({ kind }) => kind === 'restored'));
  },
);

ending('what was compared before the restore says nothing', () => {
  using hub = aHub();
  compare(hub);
  look(hub, 0);
  hub.clock.advance(1_000);
  markRestored(hub, nine, hub.clock.now());
  assert.is(endRestore(hub).length, 3);
});

ending('a household alone may be resumed: what holds everybody still holds', () => {
  using hub = aHub();
  markRestored(hub, nine, hub.clock.now());
  const answer = openMoneyDesk(hub).resume({ household: corner, reason: 'only this one' });
  assert.ok(answer.ok);
  assert.is(hub.books.pauses.holding(hub.clock.now(), corner).length, 1);
});

restoring.run();
ending.run();
