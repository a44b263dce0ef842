/** The whole story on one screen: which event leads to which step, as one unit of energy travels. */

import type { Journey } from './events/hub-event.ts';
import type { Needs } from './ports/needs.ts';
import { askAdvisor } from './steps/ask-advisor.ts';
import { burnUsed } from './steps/burn-used.ts';
import { closeSlots } from './steps/close-slots.ts';
import { closeTrades } from './steps/close-trades.ts';
import { expireRefused, expireTrades } from './steps/expire-trades.ts';
import { findSurplus } from './steps/find-surplus.ts';
import { makeProposal } from './steps/make-proposal.ts';
import { matchBuyers } from './steps/match-buyers.ts';
import { moveRate } from './steps/move-rate.ts';
import { passGates } from './steps/pass-gates.ts';
import { paySellers } from './steps/pay-sellers.ts';
import { payTrades } from './steps/pay-trades.ts';
import { requestTopup } from './steps/request-topup.ts';
import { wordAdvice } from './steps/word-advice.ts';

/** What is not written here happens on the tick (below) or is a recorded deed (outbox.ts). */
export const journeyOf = (hub: Needs): Journey => ({
  'slot.closed': [(e) => moveRate(hub, e), (e) => burnUsed(hub, e), (e) => findSurplus(hub, e)],
  'surplus.found': [(e) => askAdvisor(hub, e)],
  'advice.given': [(e) => makeProposal(hub, e), (e) => wordAdvice(hub, e)],
  'proposal.made': [(e) => passGates(hub, e)],
  'round.ready': [(e) => matchBuyers(hub, e)],

  'trade.matched': [(e) => payTrades(hub, e.buyer)],
  'funds.missing': [(e) => requestTopup(hub, e)],
  'funds.checked': [(e) => payTrades(hub, e.buyer)],
  'topup.confirmed': [(e) => payTrades(hub, e.household)],
  'topup.refused': [(e) => expireRefused(hub, e)],

  'tokens.settled': [() => paySellers(hub)],
  'seller.paid': [(e) => closeTrades(hub, e.household, e.payout), () => paySellers(hub)],
  'earnings.found': [(e) => closeTrades(hub, e.seller, undefined), () => paySellers(hub)],
});

/** What time alone brings; asked several times a second, decided by the neighbourhood's clock. */
export function onTick(hub: Needs): void {
  closeSlots(hub);
  expireTrades(hub);
  for (const { buyer, topup } of hub.books.trades.inStates(['matched', 'awaiting-funds']))
    if (topup === undefined) hub.tell({ name: 'funds.checked', buyer });
  paySellers(hub);
}
