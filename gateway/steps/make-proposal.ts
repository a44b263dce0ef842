/** Turns advice into a proposal of whole lots, inside the household's own limits. */

import { chosenWh, noChoice } from '../core/choice.ts';
import type { ProposalId } from '../core/ids.ts';
import { postedRule, type RoundRule } from '../core/market/round-rule.ts';
import { offerableWh } from '../core/own-wallet.ts';
import { proposedWh } from '../core/proposal.ts';
import { startOfDay } from '../core/slot.ts';
import { wattHours } from '../core/units.ts';
import { settingsOfRound } from '../core/window.ts';
import type { EventOf, Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';

type Needs = {
  books: Pick<
    Books,
    'choices' | 'energy' | 'households' | 'rounds' | 'settings' | 'trades' | 'wallets'
  >;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
  market?: RoundRule;
};

/** A proposal below one lot is kept as 'none': the household was heard, and its energy carries over. */
export function makeProposal(
  { books, clock, ids, tell, market = postedRule }: Needs,
  { slot, household, sellWh }: EventOf<'advice.given'>,
): void {
  if (books.rounds.hasProposal(slot, household)) return;
  const now = clock.now();
  const first = books.energy.firstSlot();
  const { rate, lotWh } = settingsOfRound(books.settings.at(now), first, slot);
  const rule = books.households.ruleOf(household, now);
  const soldToday = books.trades.soldSince(household, startOfDay(now));
  const wallet = books.wallets.of(household);
  // Only a wallet of its own holds anything back.
  const committedWh = wallet === undefined ? wattHours(0) : books.wallets.committedWh(household);
  const choice = books.choices.at(household, now);
  const chosen =
    choice === noChoice
      ? sellWh
      : chosenWh(sellWh, books.energy.balanceOf(household).energyWh, choice, now);
  const offerable = offerableWh(wallet, committedWh) ?? chosen;
  const price = market.isPosted ? rate : rule.sellFloor;
  const wanted = wattHours(Math.min(chosen, offerable));
  const energyWh = proposedWh(wanted, rule, soldToday, price, lotWh);
  const id = ids.fresh() as ProposalId;
  const state = energyWh > 0 ? 'open' : 'none';
  books.rounds.saveProposal({ id, slot, household, energyWh, passedWh: undefined, state });
  if (state === 'open') tell({ name: 'proposal.made', slot, household, proposal: id, energyWh });
  else if (books.rounds.isHeard(slot)) tell({ name: 'round.ready', slot });
}
