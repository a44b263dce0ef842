/** Payouts of every age. */
import type { PayoutId } from '../../gateway/core/ids.ts';
import type { Payout } from '../../gateway/core/payout.ts';
import { dayMs } from '../../gateway/core/slot.ts';
import { epochMs } from '../../gateway/core/units.ts';
import { paySellers } from '../../gateway/steps/pay-sellers.ts';
import { aSettledTrade, type GivenHub, given, heard } from './given.ts';
import { corner, kiosk } from './neighbourhood.ts';

/** The corner house has earned KES 30 times `trades`; payouts start from KES 10, at once. */
export function earned(trades = 2, changes: Parameters<typeof given>[0] = {}): GivenHub {
  const hub = given({
    energy: { [corner]: 50_000 },
    wallets: { [kiosk]: trades * 3_000 },
    ...changes,
  });
  hub.books.settings.change('payoutLeastCents', 1_000, epochMs(0));
  hub.books.settings.change('payoutDaily', 0, epochMs(0));
  for (let n = 0; n < trades; n++) aSettledTrade(hub);
  return hub;
}

/** Its payout was asked for, and M-Pesa's answer to that was lost. */
export function aSentPayout(hub: GivenHub): { payout: Payout; token: string; timeout: string } {
  paySellers(hub);
  const id = heard(hub, 'payout.started').at(-1)?.payout as PayoutId;
  const payout = hub.books.payouts.find(id);
  if (payout === undefined) throw new Error('nothing is due');
  const [result, timeout] = [hub.ids.callbackToken(), hub.ids.callbackToken()];
  const now = hub.clock.now();
  const expires = epochMs(now + 7 * dayMs);
  const paths = { resultHash: result.hash, timeoutHash: timeout.hash, expires };
  hub.books.payouts.markSent(payout, paths, now);
  return {
    payout: hub.books.payouts.find(id) ?? payout,
    token: result.token,
    timeout: timeout.token,
  };
}
