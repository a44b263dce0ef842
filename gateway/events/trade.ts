/** What happens to a trade, to money and to tokens. */
import type {
  HouseholdId,
  PayoutId,
  ReversalId,
  TokenIntentId,
  TopupId,
  TradeId,
} from '../core/ids.ts';
import type { PauseCause } from '../core/pause.ts';
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
  /** Money that was sent to the paybill by hand, or a person assigned, is in the wallet. */
  | (Money & { readonly name: 'paybill.credited'; readonly receipt: string })
  | (Money & { readonly name: 'topup.refused'; readonly topup: TopupId; readonly why: string })
  | (Money & { readonly name: 'topup.unsure'; readonly topup: TopupId; readonly why: string })
  | (Money & { readonly name: 'payout.started'; readonly payout: PayoutId })
  | (Money & { readonly name: 'seller.paid'; readonly payout: PayoutId })
  /** A withdrawal has reached the household's phone. */
  | (Money & { readonly name: 'withdrawal.paid'; readonly payout: PayoutId })
  /** It is certain that it did not go: the money is back where it came from. */
  | (Money & { readonly name: 'payout.failed'; readonly payout: PayoutId; readonly why: string })
  /** A person must look; nothing is sent meanwhile. */
  | (Money & { readonly name: 'payout.unsure'; readonly payout: PayoutId; readonly why: string })
  | PauseEvent
  | ReversalEvent;

/** `household` undefined: everybody's payouts. */
type Pausing = {
  readonly cause: PauseCause;
  readonly household: HouseholdId | undefined;
  readonly why: string;
};
export type PauseEvent =
  | (Pausing & { readonly name: 'payouts.paused' })
  | (Pausing & { readonly name: 'payouts.resumed' });

type GivenBack = { readonly reversal: ReversalId; readonly amountCents: Cents };
export type ReversalEvent =
  | (GivenBack & { readonly name: 'reversal.ordered' })
  | (GivenBack & { readonly name: 'reversal.done' })
  | (GivenBack & { readonly name: 'reversal.failed'; readonly why: string })
  /** A person must look. */
  | (GivenBack & { readonly name: 'reversal.unsure'; readonly why: string });
