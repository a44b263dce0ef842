/** Writes what happens to a trade into the log, each line with the trade's id: its whole way can be looked up by one word. */
import type { BookLoad } from './adapters/sqlite/load.ts';
import type { HubEvent } from './events/hub-event.ts';
import type { Log } from './ports/log.ts';

type Needs = { readonly links: Pick<BookLoad, 'tradesOf'>; readonly log: Log };

/** Ids alone: whose the trade is, and for how much, stands in the books. */
export const tradeLog =
  ({ links, log }: Needs) =>
  (event: HubEvent): void => {
    if ('trade' in event) return log.info(event.name, { trade: event.trade, ...whyOf(event) });
    const money = moneyIn(event);
    if (money === undefined) return;
    const [kind, id] = money;
    const [first, ...more] = links.tradesOf(kind, id);
    const trades = first === undefined ? {} : { trade: first, ...(more[0] ? { more } : {}) };
    log.info(event.name, { [kind]: id, ...trades, ...whyOf(event) });
  };

function moneyIn(event: HubEvent): readonly ['topup' | 'payout', string] | undefined {
  if ('topup' in event) return ['topup', event.topup];
  return 'payout' in event ? ['payout', event.payout] : undefined;
}

const whyOf = (event: HubEvent): object => ({
  ...('why' in event ? { why: event.why } : {}),
  ...('signature' in event ? { signature: event.signature } : {}),
});
