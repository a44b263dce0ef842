import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { minuteMs, nextSlot } from '../gateway/core/slot.ts';
import { tradeLog } from '../gateway/open-trade-log.ts';
import { aPushClaim, aResult } from './support/fake-money.ts';
import { given, knock } from './support/given.ts';
import { livingHub } from './support/living-hub.ts';
import { corner, firstSlot, kiosk, meterOf, nine, phoneOf } from './support/neighbourhood.ts';

const following = suite('following a trade through the log');

following('every step of its way bears its id, from the match to the seller’s phone', async () => {
  using hub = given();
  hub.books.settings.change('payoutLeastCents', 1_000, nine);
  hub.books.settings.change('payoutDaily', 0, nine);
  hub.meters.show(meterOf(corner), nextSlot(firstSlot), 0, 4_200);
  hub.meters.show(meterOf(kiosk), nextSlot(firstSlot), 2_300, 0);
  const living = livingHub(hub);
  const lines: { what: string; facts: Record<string, unknown> }[] = [];
  const info = (what: string, facts = {}) => void lines.push({ what, facts });
  const listen = tradeLog({ links: hub.books.load, log: { info, warn: info, error: info } });
  let heard = 0;
  const pass = async (ms: number) => {
    for (const end = hub.clock.now() + ms; hub.clock.now() < end; ) {
      hub.clock.advance(5_000);
      await living.tick();
      for (const event of living.told.slice(heard)) listen(event);
      heard = living.told.length;
    }
  };
  await pass(17 * minuteMs);
  hub.money.says.push.push({ kind: 'paid' });
  knock(hub, hub.money.rung[0]?.callbackToken ?? '', aPushClaim());
  await pass(minuteMs);
  knock(hub, hub.money.paidOut[0]?.resultToken ?? '', aResult());
  await pass(minuteMs);

  const [trade] = hub.books.views.trades(1);
  const way = lines.filter(({ facts }) => facts['trade'] === trade?.id).map(({ what }) => what);
  assert.equal(
    [...new Set(way)],
    [
      ...['trade.matched', 'topup.requested', 'topup.ringing', 'topup.confirmed', 'trade.paid'],
      ...['tokens.sent', 'tokens.settled', 'seller.paid', 'trade.closed'],
    ],
  );
  const [payout] = lines.filter(({ what }) => what === 'payout.started');
  const [paid] = lines.filter(({ what }) => what === 'seller.paid');
  assert.is(paid?.facts['payout'], payout?.facts['payout'], 'and so the payout is found');
  assert.not(JSON.stringify(lines).includes(phoneOf(kiosk)));
});

following('money that is for no trade is told without one', () => {
  const lines: unknown[] = [];
  const info = (what: string, facts = {}) => void lines.push([what, facts]);
  const listen = tradeLog({
    links: { tradesOf: () => [] },
    log: { info, warn: info, error: info },
  });
  listen({
    name: 'topup.refused',
    topup: 'T1',
    why: 'no',
    household: 'h',
    amountCents: 1,
  } as never);
  listen({ name: 'slot.closed', slot: 1, inTime: true } as never);
  assert.equal(lines, [['topup.refused', { topup: 'T1', why: 'no' }]]);
});

following.run();
