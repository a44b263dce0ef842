/** What happens to a trade, to money and to tokens. */
import type { HouseholdId, PayoutId, TokenIntentId, TopupId, TradeId } from '../core/ids.ts';
import type { Cents, WattHours } from '../core/units.ts';

type About = { readonly trade: TradeId };
type Money = { readonly household: HouseholdId; readonly amountCents: Cents };

export type TradeEvent =
  | (About & {
      readonly name: 'trade.matched';
      readonly seller: HouseholdId;
      readonly buyer: HouseholdId;
      readonly energyWh: WattHours;
      readonly amountCents: Cents;
    })
  | { readonly name: 'funds.missing'; readonly buyer: HouseholdId }
  /** After a start or a while: the buyer's open trades deserve another look. */
  | { readonly name: 'funds.checked'; readonly buyer: HouseholdId }
  /** A seller has settled trades that no payout has covered yet. */
  | { readonly name: 'earnings.found'; readonly seller: HouseholdId }
  | (About & { readonly name: 'trade.paid'; readonly intent: TokenIntentId })
  | (About & { readonly name: 'trade.expired'; readonly why: string })
  | (About & { readonly name: 'tokens.sent'; readonly signature: string })
  | (About & {
      readonly name: 'tokens.settled';
      readonly seller: HouseholdId;
      readonly signature: string;
    })
  | (About & { readonly name: 'tokens.unclear'; readonly why: string })
  | (About & { readonly name: 'trade.closed' });

export type MoneyEvent =
  | (Money & { readonly name: 'topup.requested'; readonly topup: TopupId })
  /** M-Pesa took the push; the phone rings. */
  | (Money & { readonly name: 'topup.ringing'; readonly topup: TopupId })
  | (Money & { readonly name: 'topup.confirmed'; readonly topup: TopupId })
  | (Money & { readonly name: 'topup.refused'; readonly topup: TopupId; readonly why: string })
  | (Money & { readonly name: 'topup.unsure'; readonly topup: TopupId; readonly why: string })
  | (Money & { readonly name: 'payout.started'; readonly payout: PayoutId })
  | (Money & { readonly name: 'seller.paid'; readonly payout: PayoutId })
  | (Money & { readonly name: 'payout.failed'; readonly payout: PayoutId; readonly why: string });
