import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { epochMs } from '../../gateway/core/units.ts';
import type { Needs } from '../../gateway/ports/needs.ts';
import { closeSlots } from '../../gateway/steps/close-slots.ts';
import { aSettledTrade, aTrade, type GivenHub, given } from '../support/given.ts';
import { type LivingHub, livingHub } from '../support/living-hub.ts';
import { corner, kiosk, meterOf, phoneOf, tailor } from '../support/neighbourhood.ts';
import { aRingingTopup } from '../support/topups.ts';

const picking = suite('picking up the pieces after a power cut');
const market = {
  energy: { [corner]: 3_000, [tailor]: 2_000 },
  need: { [kiosk]: 4_500 },
  wallets: { [kiosk]: 9_000 },
};

/** The lights go out at the n-th of these calls on the books: that one and all later ones do not happen. */
function lightsOut(hub: GivenHub, at: number): GivenHub {
  let calls = 0;
  const guarded = <Port extends object>(port: Port): Port =>
    Object.fromEntries(
      Object.entries(port).map(([name, act]) => [
        name,
        typeof act === 'function' && writes.has(name)
          ? (...args: unknown[]) => {
              calls += 1;
              if (calls >= at) throw new Error('the lights are out');
              return act(...args);
            }
          : act,
      ]),
    ) as Port;
  const { rounds, trades, topups, payouts, tokens, energy } = hub.books;
  const books = {
    ...hub.books,
    ...{ rounds: guarded(rounds), trades: guarded(trades), topups: guarded(topups) },
    ...{ payouts: guarded(payouts), tokens: guarded(tokens), energy: guarded(energy) },
  };
  return { ...hub, books };
}
const writes = new Set([
  ...['closeSlot', 'begin', 'saveAdvice', 'saveProposal', 'settleProposal', 'clear'],
  ...['awaitFunds', 'pay', 'expire', 'settle', 'close', 'request', 'markSent', 'ringing'],
  ...['credit', 'start', 'pending', 'finish', 'saveAttempt', 'intend', 'finish'],
]);

/** The quarter of nine o'clock closes with a market; later M-Pesa and the chain do what they are asked. */
async function live(hub: LivingHub, minutes: number, given_: GivenHub): Promise<void> {
  await hub.start();
  for (let n = 0; n < minutes * 6; n++) {
    given_.clock.advance(10_000);
    await hub.tick();
  }
}
const settledNow = ({ books }: Needs) => ({
  trades: books.trades
    .inStates(['settled', 'closed'])
    .map(({ energyWh }) => energyWh)
    .sort(),
  earned: [corner, tailor].map((id) => books.trades.earningsOf(id)),
  bought: books.energy.balanceOf(kiosk),
  wallet: books.trades.walletOf(kiosk),
});

picking('comes to the same end wherever the lights went out', async () => {
  const undisturbed = given(market);
  await live(livingHub(undisturbed), 30, undisturbed);
  const expected = settledNow(undisturbed);
  assert.equal(expected.trades, [2_000, 2_000]);
  for (let at = 1; at <= 15; at++) {
    using hub = given(market);
    const first = livingHub(lightsOut(hub, at));
    await live(first, 18, hub);
    assert.ok(first.troubles.length > 0, `${at} writes happen`);
    first.cut();
    const second = livingHub(hub);
    await live(second, 12, hub);
    assert.equal(settledNow(hub), expected, `lights out at write ${at}`);
    assert.equal(second.troubles, []);
    assert.equal(hub.books.audit.imbalances(), []);
    assert.is(new Set(hub.chain.movedIntents()).size, hub.chain.movedIntents().length);
  }
  undisturbed[Symbol.dispose]();
});

picking('goes on with a round of which some were heard and some not', async () => {
  using hub = given(market);
  const stopped = livingHub({ ...hub, gates: { decide: () => new Promise(() => {}) } });
  hub.clock.advance(17 * 60_000);
  await stopped.tick();
  const slot = hub.books.rounds.open();
  assert.ok(slot);
  const [first] = hub.books.rounds.proposalsOf(slot);
  assert.ok(first);
  hub.books.rounds.settleProposal(first.id, first.energyWh);
  stopped.cut();
  const again = livingHub(hub);
  await again.start();
  assert.is(hub.books.rounds.open(), undefined);
  assert.is(hub.books.trades.inStates(['settled', 'paid', 'transferring']).length, 2);
  assert.equal(again.troubles, []);
});

picking('begins the round that was due', async () => {
  using hub = given(market);
  hub.clock.advance(17 * 60_000);
  closeSlots(hub);
  assert.ok(hub.books.rounds.due());
  const again = livingHub(hub);
  await again.start();
  assert.is(hub.books.rounds.due(), undefined);
  assert.is(again.told.filter(({ name }) => name === 'trade.matched').length, 2);
});

picking('asks the buyers of open trades, and pays the sellers of settled ones', async () => {
  using hub = given({ ...market, wallets: { [kiosk]: 6_000 } });
  hub.books.settings.change('payoutLeastCents', 1_000, hub.clock.now());
  hub.books.settings.change('payoutFromMinute', 9 * 60, hub.clock.now());
  aSettledTrade(hub);
  aTrade(hub, { energyWh: 1_000, rate: 4_000, seller: tailor });
  const again = livingHub(hub);
  await again.start();
  assert.equal(
    hub.money.rung.map(({ phone, amountCents }) => [phone, amountCents]),
    [[phoneOf(kiosk), 1_000]],
  );
  assert.is(hub.money.paidOut.length, 1);
});

picking('does at once what was to be done later', async () => {
  using hub = given({ energy: market.energy });
  const { topup } = aRingingTopup(hub, { trades: [aTrade(hub).id] });
  hub.books.topups.asked(topup, epochMs(hub.clock.now() + 3_600_000));
  await livingHub(hub).start();
  assert.equal(hub.money.asked, ['ws_CO_1']);
});

picking('is harmless when nothing was begun, and when it happens twice', async () => {
  using hub = given();
  const again = livingHub(hub);
  await again.start();
  await again.start();
  // The last slot is told again, because its night's work may have been cut off; no round comes of it.
  assert.ok(again.told.every((event) => event.name === 'slot.closed' && !event.inTime));
  assert.is(hub.books.deeds.waiting(), 0);
  assert.is(hub.meters.online.has(meterOf(corner)), false);
});

picking.run();
