/** Pushes of every age: only intended, sent, ringing. */
import type { HouseholdId, InboxId, TopupId, TradeId } from '../../gateway/core/ids.ts';
import { dayMs } from '../../gateway/core/slot.ts';
import type { Topup } from '../../gateway/core/topup.ts';
import { cents, epochMs } from '../../gateway/core/units.ts';
import type { GivenHub } from './given.ts';
import { kiosk, phoneOf } from './neighbourhood.ts';

export type TopupDiffers = {
  readonly household?: HouseholdId;
  readonly amountCents?: number;
  readonly trades?: readonly TradeId[];
};

/** KES 30 are to be asked from the kiosk's phone. */
export function aTopup(hub: GivenHub, differs: TopupDiffers = {}): Topup {
  const { household = kiosk, amountCents = 3_000, trades = [] } = differs;
  const { books, clock, ids } = hub;
  const id = ids.fresh() as TopupId;
  const attempt = books.topups.attemptsOf(household) + 1;
  const topup: Topup = {
    ...{ id, household, phone: phoneOf(household), amountCents: cents(amountCents) },
    ...{ accountReference: `REF${phoneOf(household).slice(-2)}${attempt}`, state: 'intent' },
    ...{ createdAt: clock.now(), sentAt: undefined, polls: 0, code: undefined, detail: '' },
    ...{ checkoutRequestId: undefined, merchantRequestId: undefined, receipt: undefined },
    ...{ byHand: false, claim: undefined },
  };
  books.topups.request(topup, trades, clock.now());
  return topup;
}

/** The push left, and nothing more is known. `token` is its callback path. */
export function aSentTopup(hub: GivenHub, differs: TopupDiffers = {}) {
  const topup = aTopup(hub, differs);
  const { token, hash } = hub.ids.callbackToken();
  const now = hub.clock.now();
  hub.books.topups.markSent(topup, hash, epochMs(now + 2 * dayMs), now);
  return { topup: hub.books.topups.find(topup.id) ?? topup, token };
}

/** The phone of the kiosk rings, as `ws_CO_1` or as the test says. */
export function aRingingTopup(
  hub: GivenHub,
  differs: TopupDiffers & { readonly checkoutRequestId?: string } = {},
) {
  const { topup, token } = aSentTopup(hub, differs);
  const request = differs.checkoutRequestId ?? 'ws_CO_1';
  const askAt = epochMs(hub.clock.now() + 5_000);
  hub.books.topups.ringing(topup, request, `merchant of ${request}`, askAt);
  return { topup: hub.books.topups.find(topup.id) ?? topup, token };
}

/** A callback named this receipt, and nothing else that counts. */
export function receiptHeard({ books, clock }: GivenHub, topup: Topup, receipt: string): void {
  const heard = { message: 'nothing in the inbox' as InboxId, readAs: '', toldAt: clock.now() };
  books.topups.hear(topup, { ...heard, paidCents: undefined, receipt, askAt: undefined });
}
