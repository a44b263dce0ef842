import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dayMs, hourMs, minuteMs } from '../../gateway/core/slot.ts';
import type { Topup } from '../../gateway/core/topup.ts';
import type { PushOutcome } from '../../gateway/ports/mobile-money.ts';
import { confirmTopup } from '../../gateway/steps/confirm-topup.ts';
import { expireRefused } from '../../gateway/steps/expire-trades.ts';
import { notPaid } from '../support/fake-money.ts';
import { aTrade, type GivenHub, given, heard, waitingDeeds } from '../support/given.ts';
import { livingHub } from '../support/living-hub.ts';
import { corner, kiosk, phoneOf } from '../support/neighbourhood.ts';
import { aRingingTopup, aSentTopup } from '../support/topups.ts';

const confirming = suite('finding out whether the phone paid');
const energy = { [corner]: 9_000 };
type Waiting = GivenHub & { readonly topup: Topup };

/** The kiosk's phone rings for KES 30, which a trade needs. */
function rings(): Waiting {
  const hub = given({ energy });
  return Object.assign(hub, { topup: aRingingTopup(hub, { trades: [aTrade(hub).id] }).topup });
}
const now = (hub: Waiting) => hub.books.topups.find(hub.topup.id);
const ask = (hub: Waiting, ...outcomes: PushOutcome[]) => {
  hub.money.says.push.push(...outcomes);
  return confirmTopup(hub, hub.topup.id);
};
const failed = notPaid;
const paid: PushOutcome = { kind: 'paid' };
const tradeOf = ({ books }: GivenHub) => books.trades.ofBuyer(kiosk, ['matched', 'expired'])[0];

confirming(
  'S40: paid, without any callback: the wallet is credited once, however often M-Pesa says so',
  async () => {
    using hub = rings();
    await ask(hub, paid);
    await ask(hub, paid);
    assert.is(now(hub)?.state, 'credited');
    assert.is(hub.books.trades.walletOf(kiosk), 3_000);
    assert.is(heard(hub, 'topup.confirmed').length, 1);
    assert.equal(hub.money.asked, ['ws_CO_1'], 'asked about the id that we bound the amount to');
    assert.equal(waitingDeeds(hub), []);
  },
);

confirming('two who know of the payment at once credit it once', () => {
  using hub = rings();
  const credit = () => hub.books.topups.credit(hub.topup, hub.clock.now());
  assert.equal([credit(), credit(), hub.books.trades.walletOf(kiosk)], [true, false, 3_000]);
});

confirming('a deed that is left over for a credited top-up ends by itself', async () => {
  using hub = rings();
  await ask(hub, paid);
  hub.books.deeds.hasten('ask-about-topup', hub.topup.id, hub.clock.now());
  await ask(hub);
  assert.equal(waitingDeeds(hub), []);
  assert.is(hub.books.trades.walletOf(kiosk), 3_000);
});

confirming('failed: the trade ends, the seller’s energy is free again', async () => {
  using hub = rings();
  await ask(hub, failed('1032'));
  const [refused] = heard(hub, 'topup.refused');
  assert.match(refused?.why ?? '', /1032/);
  assert.ok(refused);
  expireRefused(hub, refused);
  assert.is(tradeOf(hub)?.state, 'expired');
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 9_000);
  assert.equal([now(hub)?.state, now(hub)?.code], ['failed', '1032']);
  assert.equal(waitingDeeds(hub), ['ask-about-topup'], 'watched for a late success');
});

confirming(
  'S23: a late success credits the wallet, and the expired trade is not revived',
  async () => {
    using hub = rings();
    await ask(hub, failed('1037'));
    const [refused] = heard(hub, 'topup.refused');
    assert.ok(refused);
    expireRefused(hub, refused);
    hub.clock.advance(3 * minuteMs);
    await ask(hub, failed('1037'));
    await ask(hub, paid);
    assert.is(heard(hub, 'topup.refused').length, 1, 'told once');
    assert.is(hub.books.trades.walletOf(kiosk), 3_000);
    assert.is(tradeOf(hub)?.state, 'expired');
    assert.equal(waitingDeeds(hub), []);
    assert.equal(hub.books.audit.imbalances(), []);
  },
);

confirming('a failure never takes back what was credited', async () => {
  using hub = rings();
  await ask(hub, paid);
  await ask(hub, failed('1'));
  assert.equal([now(hub)?.state, hub.books.trades.walletOf(kiosk)], ['credited', 3_000]);
});

for (const outcome of [
  { kind: 'no-answer', why: 'timeout' },
  { kind: 'misconfigured', why: 'passkey' },
] as const)
  confirming(
    `S43: ${outcome.kind} for a week ends nowhere, and the money is credited`,
    async () => {
      using hub = rings();
      const life = livingHub(hub);
      hub.money.state = 'unreachable';
      for (let hours = 0; hours < 7 * 24; hours++) {
        hub.clock.advance(hourMs);
        hub.money.says.push.push(outcome);
        await life.tick();
      }
      assert.equal([now(hub)?.state, now(hub)?.polls], ['pending', 0]);
      hub.clock.advance(hourMs);
      hub.money.says.push.splice(0, Number.POSITIVE_INFINITY, paid);
      await life.tick();
      assert.is(hub.books.trades.walletOf(kiosk), 3_000);
    },
  );

for (const outcome of [{ kind: 'in-flight' }, { kind: 'unknown-code', code: '7777' }] as const)
  confirming(`S33, S41: ${outcome.kind} concludes nothing and asks again`, async () => {
    using hub = rings();
    hub.clock.advance(5_000);
    await ask(hub, outcome);
    assert.equal([now(hub)?.state, now(hub)?.polls, hub.told], ['pending', 1, []]);
    const again = (ms: number) => hub.books.deeds.due((hub.clock.now() + ms) as never, 9).length;
    assert.equal([again(4_999), again(5_000)], [0, 1]);
  });

confirming('asks ever more slowly, about fifty times in a day, then calls a person', async () => {
  using hub = rings();
  const start = hub.clock.now();
  const askedAt: number[] = [];
  while (waitingDeeds(hub).length > 0 && askedAt.length < 200) {
    const wait = [1_000, 60_000, hourMs].find(
      (ms) => hub.books.deeds.due((hub.clock.now() + ms) as never, 1).length > 0,
    );
    hub.clock.advance(Math.min(wait ?? hourMs, 1_000 + askedAt.length * 500));
    if (hub.books.deeds.due(hub.clock.now(), 1).length === 0) continue;
    askedAt.push(hub.clock.now() - start);
    await ask(hub, { kind: 'in-flight' });
  }
  assert.is(now(hub)?.state, 'review');
  assert.ok(askedAt.length > 40 && askedAt.length < 60, `${askedAt.length} questions`);
  assert.ok((askedAt.at(-1) ?? 0) >= dayMs - hourMs && (askedAt.at(-1) ?? 0) < dayMs + 2 * hourMs);
  assert.is(hub.books.topups.openOn(phoneOf(kiosk)), undefined, 'the phone may ring again');
});

for (const code of ['E9999', '7777'])
  confirming(`S33: ${code} for a day: a person is called, and a late success credits`, async () => {
    using hub = rings();
    while (now(hub)?.state === 'pending') {
      hub.clock.advance(hourMs);
      await ask(hub, { kind: 'unknown-code', code });
    }
    assert.is(now(hub)?.state, 'review');
    await ask(hub, paid);
    assert.is(hub.books.trades.walletOf(kiosk), 3_000);
  });

confirming(
  'a failure is not final for a day; then it is closed, and still no credit is lost',
  async () => {
    using hub = rings();
    await ask(hub, failed('1032'));
    const start = hub.clock.now();
    while (now(hub)?.state === 'failed') {
      hub.clock.advance(10 * minuteMs);
      await ask(hub, failed('1032'));
      if ((now(hub)?.polls ?? 0) > 99) break;
    }
    assert.is(now(hub)?.state, 'closed');
    assert.ok((now(hub)?.polls ?? 0) > 40, 'asked all day long');
    assert.ok(hub.clock.now() > start);
    assert.equal(waitingDeeds(hub), []);
    await ask(hub, paid);
    assert.is(hub.books.trades.walletOf(kiosk), 3_000);
  },
);

confirming('a push that fails by our own fault is told to the keeper', async () => {
  using hub = rings();
  await ask(hub, { kind: 'failed', code: '2028', words: 'The product is wrong.', isOurs: true });
  assert.equal(
    hub.books.watch.alarms(9).map(({ words }) => words),
    ['Pushes fail: The product is wrong.'],
  );
});

confirming(
  'what waits for a person is not asked about for ever when M-Pesa does not know it',
  async () => {
    using hub = rings();
    hub.books.topups.review(hub.topup, 'no certain answer for a day');
    await ask(hub, { kind: 'no-answer', why: 'does not exist' });
    assert.equal([now(hub)?.state, waitingDeeds(hub)], ['review', []]);
  },
);

confirming('money that comes while a person looks still finds its wallet', async () => {
  using hub = rings();
  hub.books.topups.review(hub.topup, 'no certain answer for a day');
  await ask(hub, paid);
  assert.equal([now(hub)?.state, hub.books.trades.walletOf(kiosk)], ['credited', 3_000]);
});

const unknown = suite('a push whose answer was lost');

unknown('waits a quarter of an hour for a callback, asks nobody, then calls a person', async () => {
  using hub = given({ energy });
  const { topup } = aSentTopup(hub, { trades: [aTrade(hub).id] });
  const look = () => confirmTopup(hub, topup.id);
  await look();
  hub.clock.advance(15 * minuteMs - 1);
  await look();
  assert.is(hub.books.topups.find(topup.id)?.state, 'unknown');
  assert.ok(waitingDeeds(hub).includes('ask-about-topup'));
  hub.clock.advance(1);
  await look();
  assert.is(hub.books.topups.find(topup.id)?.state, 'review');
  assert.equal(hub.money.asked, [], 'there is no id to ask about');
  assert.equal(waitingDeeds(hub), []);
  assert.is(hub.books.trades.walletOf(kiosk), 0);
});

unknown('holds the phone for itself meanwhile, and its trade ends in its own time', async () => {
  using hub = given({ energy });
  const living = livingHub(hub);
  const trade = aTrade(hub);
  hub.money.says.ring.push({ kind: 'unclear', why: 'lost' });
  await living.tick();
  hub.clock.advance(10 * minuteMs);
  await living.tick();
  assert.is(hub.books.trades.find(trade.id)?.state, 'expired');
  aTrade(hub);
  await living.tick();
  assert.is(hub.money.rung.length, 1);
  hub.clock.advance(6 * minuteMs);
  await living.tick();
  assert.is(hub.books.topups.openOn(phoneOf(kiosk)), undefined);
  assert.equal(living.troubles, []);
});

confirming.run();
unknown.run();
