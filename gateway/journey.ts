/** The whole story on one screen: which event leads to which step, as one unit of energy travels. */

import { unpaidStates } from './core/trade.ts';
import type { Journey } from './events/hub-event.ts';
import type { Needs } from './ports/needs.ts';
import { askAdvisor } from './steps/ask-advisor.ts';
import { auditBooks, auditEveryHour } from './steps/audit-books.ts';
import { burnUsed } from './steps/burn-used.ts';
import { closeReceipts } from './steps/close-receipts.ts';
import { closeSlots } from './steps/close-slots.ts';
import { closeTrades } from './steps/close-trades.ts';
import { expireRefused, expireTrades } from './steps/expire-trades.ts';
import { findSurplus } from './steps/find-surplus.ts';
import { forgetPaths } from './steps/forget-paths.ts';
import { rememberWallets } from './steps/look-at-wallet.ts';
import { makeProposal } from './steps/make-proposal.ts';
import { matchBuyers } from './steps/match-buyers.ts';
import { moveRate } from './steps/move-rate.ts';
import { passGates } from './steps/pass-gates.ts';
import { paySellers } from './steps/pay-sellers.ts';
import { payTrades } from './steps/pay-trades.ts';
import { pickUpPieces } from './steps/pick-up-pieces.ts';
import { rememberRents } from './steps/reclaim-rent.ts';
import { requestTopup } from './steps/request-topup.ts';
import { resumeWhenFunded } from './steps/resume-payouts.ts';
import { resumeRound } from './steps/resume-round.ts';
import { scoreAdvice } from './steps/score-advice.ts';
import { compareAfterStart, watchMoney } from './steps/watch-money.ts';
import { wordAdvice } from './steps/word-advice.ts';

/** What is not written here happens on the tick (below) or is a recorded deed (outbox.ts). */
export const journeyOf = (hub: Needs): Journey => ({
  'slot.closed': [
    (e) => moveRate(hub, e),
    (e) => burnUsed(hub, e),
    (e) => rememberRents(hub, e),
    (e) => closeReceipts(hub, e),
    (e) => rememberWallets(hub, e),
    (e) => forgetPaths(hub, e),
    (e) => auditEveryHour(hub, e),
    (e) => scoreAdvice(hub, e),
    (e) => findSurplus(hub, e),
  ],
  'round.waiting': [(e) => resumeRound(hub, e)],
  'surplus.found': [(e) => askAdvisor(hub, e)],
  'advice.given': [(e) => makeProposal(hub, e), (e) => wordAdvice(hub, e)],
  'proposal.made': [(e) => passGates(hub, e)],
  'round.ready': [(e) => matchBuyers(hub, e)],

  'trade.matched': [(e) => payTrades(hub, e.buyer)],
  'funds.missing': [(e) => requestTopup(hub, e)],
  'funds.checked': [(e) => payTrades(hub, e.buyer)],
  'topup.confirmed': [(e) => payTrades(hub, e.household)],
  'paybill.credited': [(e) => payTrades(hub, e.household)],
  'topup.refused': [(e) => expireRefused(hub, e)],

  'tokens.settled': [(e) => paySellers(hub, [e.seller])],
  'seller.paid': [(e) => closeTrades(hub, e.household, e.payout), () => paySellers(hub)],
  'earnings.found': [(e) => closeTrades(hub, e.seller, undefined), () => paySellers(hub)],
});

/** What time alone brings; asked every second, decided by the neighbourhood's clock. One failing stops no other. */
export const onTick = (hub: Needs): Readonly<Record<string, () => void>> => ({
  'closing slots': () => closeSlots(hub),
  'expiring trades': () => expireTrades(hub),
  'looking for funds': () => {
    const unpaid = hub.books.trades.inStates(unpaidStates);
    const waiting = unpaid.filter(({ topup }) => topup === undefined);
    for (const buyer of new Set(waiting.map((trade) => trade.buyer)))
      hub.tell({ name: 'funds.checked', buyer });
  },
  'watching the money': () => watchMoney(hub),
  'resuming payouts': () => resumeWhenFunded(hub),
  'paying sellers': () => paySellers(hub),
});

/** The first deeds of a start: what is over ends before anything that was begun goes on. */
export function onStart(hub: Needs): void {
  auditBooks(hub);
  expireTrades(hub);
  pickUpPieces(hub);
  compareAfterStart(hub);
}
