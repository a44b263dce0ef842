/** What strangers may hear of an event: the fields written here, and no other. */
import type { EventName, EventOf, HubEvent } from '../../events/hub-event.ts';

type PublicFields = {
  readonly [Name in EventName]: readonly Exclude<keyof EventOf<Name>, 'name'>[];
};

/** Never a household, a seller, a buyer or a reason: a reason may be made of somebody's words. */
const publicFields: PublicFields = {
  'slot.closed': ['slot'],
  'surplus.found': ['slot', 'energyWh'],
  'advice.given': ['slot', 'sellWh'],
  'proposal.made': ['slot', 'energyWh'],
  'proposal.settled': ['slot', 'energyWh', 'passedWh'],
  'round.waiting': ['slot'],
  'round.ready': ['slot'],
  'round.cleared': ['slot', 'trades'],
  'trade.matched': ['trade', 'energyWh', 'amountCents'],
  'funds.missing': [],
  'funds.checked': [],
  'earnings.found': [],
  'trade.paid': ['trade'],
  'trade.expired': ['trade'],
  'tokens.sent': ['trade'],
  'tokens.settled': ['trade'],
  'tokens.unclear': ['trade'],
  'trade.closed': ['trade'],
  'topup.requested': ['amountCents'],
  'topup.ringing': ['amountCents'],
  'topup.confirmed': ['amountCents'],
  'paybill.credited': ['amountCents'],
  'topup.refused': ['amountCents'],
  'topup.unsure': ['amountCents'],
  'payout.started': ['amountCents'],
  'seller.paid': ['amountCents'],
  'withdrawal.paid': ['amountCents'],
  'payout.failed': ['amountCents'],
  'payout.unsure': ['amountCents'],
  'payouts.paused': ['cause'],
  'payouts.resumed': ['cause'],
  'reversal.ordered': ['amountCents'],
  'reversal.done': ['amountCents'],
  'reversal.failed': ['amountCents'],
  'reversal.unsure': ['amountCents'],
};

/** The event as a stranger hears it. */
export function publicEvent(event: HubEvent): Readonly<Record<string, unknown>> {
  const allowed: readonly string[] = publicFields[event.name];
  const shown = Object.entries(event).filter(([key]) => allowed.includes(key));
  return { name: event.name, ...Object.fromEntries(shown) };
}
