/** Says on the local broker what happened, in the contract's topics: for flows and boards, nothing private. */
import { slotEnd } from './core/slot.ts';
import type { HubEvent } from './events/hub-event.ts';
import type { Needs } from './ports/needs.ts';

/** Hears every event and announces those that others may know. */
export const announceEvents =
  ({ announcer, books }: Pick<Needs, 'announcer' | 'books'>) =>
  (event: HubEvent): void => {
    switch (event.name) {
      case 'surplus.found':
        return announcer.announce(
          `households/${event.household}/surplus`,
          { v: 1, slot: event.slot, energyWh: event.energyWh },
          { retain: true },
        );
      case 'advice.given': {
        const advice = books.rounds.advice(event.advice);
        if (advice === undefined) return undefined;
        const { household, slot, energyWh, keepWh, sellWh, reason } = advice;
        return announcer.announce(`advice/${event.advice}`, {
          ...{ v: 1, household, slot, energyWh, keepWh, sellWh, reason },
        });
      }
      // A proposal is opened by the gates, after they have saved whom they ask.
      case 'proposal.settled': {
        const { proposal, household, slot, energyWh, passedWh } = event;
        return announcer.announce(`proposals/${proposal}/closed`, {
          ...{ v: 1, id: proposal, household, slot, energyWh, passedWh },
          outcome: passedWh === 0 ? 'held' : passedWh < energyWh ? 'shrunk' : 'approved',
        });
      }
      case 'slot.closed': {
        const { rate } = books.settings.at(slotEnd(event.slot));
        return announcer.announce('market/rate', { v: 1, centsPerKwh: rate }, { retain: true });
      }
      default:
        return announceTrade(announcer, books, event);
    }
  };

function announceTrade(
  announcer: Needs['announcer'],
  books: Needs['books'],
  event: HubEvent,
): void {
  if (!('trade' in event)) return;
  const trade = books.trades.find(event.trade);
  if (trade === undefined) return;
  const { id, energyWh, amountCents, state } = trade;
  const body = { v: 1, id, energyWh, amountCents, state, event: event.name };
  announcer.announce(`trades/${id}/state`, body, { retain: true });
}
