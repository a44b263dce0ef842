/** Numbered scenarios of money, from the push to the payout, on real books. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openPace } from '../../gateway/adapters/daraja/pace.ts';
import type { TopupId } from '../../gateway/core/ids.ts';
import type { Msisdn } from '../../gateway/core/phone.ts';
import { hourMs, minuteMs } from '../../gateway/core/slot.ts';
import { blankTopup, type Topup } from '../../gateway/core/topup.ts';
import { cents, epochMs } from '../../gateway/core/units.ts';
import { openOutbox } from '../../gateway/outbox.ts';
import { payTrades } from '../../gateway/steps/pay-trades.ts';
import { withdraw } from '../../gateway/steps/withdraw.ts';
import { type Adventure, adventure, openTemplate } from '../support/adventure.ts';
import type { Happening } from '../support/befall.ts';
import { aPushClaim } from '../support/fake-money.ts';
import { aTrade, type GivenHub, given, heard, knock } from '../support/given.ts';
import { breachesAtRest, breachesNow } from '../support/invariants.ts';
import { livingHub } from '../support/living-hub.ts';
import { corner, kiosk, phoneOf, tailor } from '../support/neighbourhood.ts';
import { aRingingTopup } from '../support/topups.ts';
import { asWritten, live } from './model.ts';

const scenario = suite('what may happen to money');

/** Lives through all of it with every invariant looked at after each, and to its end. */
async function told(all: readonly Happening[], look: (one: Adventure) => void): Promise<void> {
  using template = openTemplate();
  using one = adventure(template.file, asWritten);
  await live(one, all);
  look(one);
}

const aFile = () => {
  const folder = mkdtempSync(join(tmpdir(), 'jirani-money-'));
  const file = join(folder, 'books.db');
  return {
    ...{ file, backup: join(folder, 'yesterday.db') },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
};

const order: Happening = { what: 'order', energyWh: 2_000, byHand: true };
const pays = (prompt: number): Happening => ({ what: 'pin', prompt, pays: true });
const callback = (prompt: number): Happening => ({ what: 'callback', prompt, times: 1 });
const later = (ms: number): Happening => ({ what: 'time', ms });
const tradesIn = (one: Adventure, ...states: ('closed' | 'expired')[]) =>
  one.hub().books.trades.inStates(states).length;
const walletOf = (one: Adventure, id: typeof kiosk) => one.hub().books.trades.walletOf(id);

scenario('S7: from the order to the payout, and all sums are 0', async () => {
  await told([order, pays(0), callback(0), later(300), later(300)], (one) => {
    assert.is(tradesIn(one, 'closed'), 1);
    assert.equal(
      [...one.mpesa.paidOut.values()].map(({ amountCents }) => amountCents),
      [3_000],
    );
    assert.is(walletOf(one, tailor), 0);
    for (const unit of ['cents', 'Wh'] as const)
      assert.is(one.hub().books.audit.trialBalance(unit), 0);
  });
});

scenario(
  'S16: the answer is lost and the prompt paid: credited once, by its callback',
  async () => {
    const lost: Happening = { what: 'next push', manner: 'lost-but-ringing' };
    await told([lost, order, pays(0), callback(0), callback(0)], (one) => {
      assert.is(one.mpesa.prompts.length, 1);
      assert.is(tradesIn(one, 'closed'), 1);
    });
  },
);

scenario(
  'S39: killed right after the 200, the hub reads the callback when it is back',
  async () => {
    using kept = aFile();
    using before = given({ file: kept.file });
    const { topup, token } = aRingingTopup(before);
    assert.ok(knock(before, token, aPushClaim()));
    before[Symbol.dispose]();
    using after = given({ file: kept.file, settled: true });
    after.money.says.push.push({ kind: 'paid' });
    const living = livingHub(after);
    await living.start();
    assert.is(after.books.topups.find(topup.id)?.state, 'credited');
    assert.is(after.books.trades.walletOf(kiosk), topup.amountCents);
    assert.equal(living.troubles, []);
  },
);

scenario('S42: an empty answer is no state, neither before the end nor after it', async () => {
  using hub = given();
  const { topup } = aRingingTopup(hub);
  const empty = { kind: 'no-answer', why: '500.001.1001' } as const;
  hub.money.says.push.push(empty, { kind: 'in-flight' }, empty, { kind: 'paid' }, empty);
  const living = livingHub(hub);
  for (let asked = 0; asked < 6; asked++) {
    hub.clock.advance(10_000);
    await living.tick();
  }
  assert.is(hub.books.topups.find(topup.id)?.state, 'credited');
  assert.is(hub.money.asked.length, 4);
  assert.is(hub.books.trades.walletOf(kiosk), topup.amountCents);
});

scenario('S45: a clock that jumps three hours both ways rings no phone twice', async () => {
  const jump = (byMs: number): Happening => ({ what: 'wrong clock', byMs });
  const jumps = [jump(3 * hourMs), later(5_000), jump(-3 * hourMs), later(5_000), jump(0)];
  const lost: Happening = { what: 'next push', manner: 'lost-but-ringing' };
  await told([lost, order, ...jumps, pays(0), ...jumps, callback(0)], (one) => {
    assert.is(one.mpesa.prompts.length, 1);
    assert.is(one.hub().books.topups.byCheckoutRequest('ws_CO_1')?.state, 'credited');
  });
});

scenario('S48: two attempts paid are two credits and one trade', async () => {
  const lost: Happening = { what: 'next push', manner: 'lost-but-ringing' };
  const again = [later(11 * minuteMs), { what: 'late pin', prompt: 0 } as const, order];
  const both = [pays(1), callback(1), callback(0)];
  await told([lost, order, later(4 * minuteMs), ...again, ...both], (one) => {
    assert.is(one.mpesa.prompts.length, 2);
    assert.is(tradesIn(one, 'closed'), 1);
    assert.is(tradesIn(one, 'expired'), 1);
    // The other payment is still there.
    assert.is(walletOf(one, tailor), 3_000);
  });
});

scenario(
  'S50: two trades and a withdrawal that race for one wallet leave it at 0, not below',
  () => {
    using hub = given({ energy: { [corner]: 10_000 }, wallets: { [kiosk]: 3_000 } });
    const [first, second] = [aTrade(hub), aTrade(hub)];
    payTrades(hub, kiosk);
    payTrades(hub, kiosk);
    const { trades } = hub.books;
    assert.equal([trades.find(first.id)?.state, trades.find(second.id)?.state].sort(), [
      'awaiting-funds',
      'paid',
    ]);
    const taken = withdraw(hub, { household: kiosk, amountCents: 1_000, phone: phoneOf(kiosk) });
    assert.is(taken.ok, false);
    assert.is(trades.walletOf(kiosk), 0);
    assert.is(heard(hub, 'trade.paid').length, 1);
  },
);

const [householdsWaiting, perSecond] = [50, 200];

scenario('S46: after two hours without a network fifty questions go out one by one', async () => {
  using hub = given();
  const pushes = Array.from({ length: householdsWaiting }, (_, n) => aPushOf(hub, n));
  hub.clock.advance(2 * hourMs);
  const pace = openPace(perSecond, () => performance.now(), AbortSignal.timeout(30_000));
  const began = performance.now();
  let [under, most] = [0, 0];
  hub.money.askAboutPush = async () => {
    under += 1;
    most = Math.max(most, under);
    await pace.turn();
    under -= 1;
    return { kind: 'paid' };
  };
  const outbox = openOutbox(hub, (what, error) => assert.unreachable(`${what} ${error}`));
  outbox.work();
  while (hub.books.deeds.due(hub.clock.now(), 1, ['ask-about-topup']).length > 0) await sleep(5);
  await outbox.stop();
  assert.is(heard(hub, 'topup.confirmed').length, householdsWaiting);
  assert.ok(most <= 10, `${most} at once`);
  assert.ok(performance.now() - began >= ((householdsWaiting - 1) * 1_000) / perSecond);
  for (const id of pushes) assert.is(hub.books.topups.find(id)?.state, 'credited');
});

/** Another phone rings for the kiosk, two hours ago. */
function aPushOf({ books, clock, ids }: GivenHub, number: number): TopupId {
  const id = ids.fresh() as TopupId;
  const now = clock.now();
  const phone = `2547110000${String(number).padStart(2, '0')}` as Msisdn;
  const topup: Topup = {
    ...{ ...blankTopup, id, household: kiosk, phone, amountCents: cents(1_000) },
    ...{ accountReference: `REF${number}`, createdAt: now, byHand: true },
  };
  books.topups.request(topup, [], now);
  books.topups.markSent(topup, `hash ${number}`, epochMs(now + 48 * hourMs), now);
  books.topups.ringing(topup, `ws_CO_${number}`, `merchant ${number}`, epochMs(now + 5_000));
  return id;
}

scenario(
  'S83: with the books of yesterday nothing is paid out twice and no payment is lost',
  async () => {
    using template = openTemplate();
    using one = adventure(template.file, asWritten);
    const backup = `${one.file}.yesterday`;
    await one.happen({ what: 'next payout', manner: 'not-sent' });
    await one.happen({ ...order, byHand: false });
    assert.is(one.hub().books.payouts.inStates(['intent']).length, 1);
    await one.whileDark(() => copyFileSync(one.file, backup));
    // After the backup the payout goes out, and the tailor pays for a trade of its own.
    for (const happening of [later(2 * minuteMs), order, pays(0), callback(0), later(300)])
      await one.happen(happening);
    assert.is(one.mpesa.paidOut.size, 1);
    assert.is(one.hub().books.topups.byCheckoutRequest('ws_CO_1')?.state, 'credited');
    one.mpesa.results.length = 0;
    await one.whileDark(() => copyFileSync(backup, one.file));
    assert.is(one.hub().books.topups.byCheckoutRequest('ws_CO_1'), undefined);
    await one.comeToRest();
    assert.is(one.mpesa.paidOut.size, 1);
    assert.is(walletOf(one, tailor), 3_000);
    assert.equal([...breachesNow(one), ...breachesAtRest(one)], []);
  },
);

scenario.run();
