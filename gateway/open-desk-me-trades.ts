/** The journey of a household's trades, in the few words for which its page has sentences. */
import type { MeEventLine, MeTradeLine, MeViews } from './adapters/sqlite/me-views.ts';
import type { MeStep, MeTrade } from './ports/me-desk.ts';

const tradesShown = 12;

/** Newest first. */
export function tradesOf(views: MeViews, household: string): MeTrade[] {
  const events = Map.groupBy(views.events(household, tradesShown), ({ trade }) => trade);
  return views
    .trades(household, tradesShown)
    .map((line) => toTrade(line, events.get(line.id) ?? []));
}

/** What a side waits for, one after the other. A seller never learns how its neighbour pays. */
const ways = {
  sold: ['matched', 'paid', 'tokens-moved', 'sent'],
  bought: ['matched', 'paid', 'tokens-moved'],
  'bought by phone': ['matched', 'phone-asked', 'mpesa-yes', 'tokens-moved'],
} as const satisfies Record<string, readonly MeStep[]>;

const ends: Readonly<Record<string, MeStep>> = {
  expired: 'expired',
  undone: 'undone',
  review: 'review',
};

function toTrade(line: MeTradeLine, events: readonly MeEventLine[]): MeTrade {
  const side = line.sold === 1 ? 'sold' : 'bought';
  const byPhone = side === 'bought' && line.topupSentMs !== null;
  const way: readonly MeStep[] = ways[byPhone ? 'bought by phone' : side];
  const when = (name: string) => events.find(({ event }) => event === name)?.atMs;
  const paidMs = when('trade.paid');
  const moments: Partial<Record<MeStep, number | undefined>> = {
    matched: line.createdMs,
    'phone-asked': line.topupSentMs ?? undefined,
    'mpesa-yes': paidMs,
    paid: paidMs,
    'tokens-moved': when('tokens.settled'),
    sent: line.payoutState === 'done' ? (line.payoutMs ?? undefined) : undefined,
  };
  const done = way.flatMap((step) => {
    const atMs = moments[step];
    return atMs === undefined ? [] : [{ step, at: iso(atMs) }];
  });
  const end = ends[line.state];
  const lastMs = events.at(-1)?.atMs ?? line.createdMs;
  const { id, energyWh, amountCents, state } = line;
  return {
    ...{ id, side, energyWh, amountCents, state },
    at: iso(line.createdMs),
    steps: end === undefined ? done : [...done, { step: end, at: iso(lastMs) }],
    next: end === undefined ? (way.find((step) => moments[step] === undefined) ?? null) : null,
    receipt: line.hasReceipt === 1,
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
