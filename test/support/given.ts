/** A hub whose outside is scripted and whose books are real: what a test of one step needs. */
import Database from 'better-sqlite3';
import { type SteppedClock, steppedClock } from '../../gateway/adapters/clock/stepped-clock.ts';
import { openIds } from '../../gateway/adapters/ids/ids.ts';
import { migrate } from '../../gateway/adapters/sqlite/migrate.ts';
import { type OpenBooks, openBooks } from '../../gateway/adapters/sqlite/open.ts';
import type { HouseholdId, TokenIntentId, TradeId } from '../../gateway/core/ids.ts';
import type { GateDecision } from '../../gateway/core/proposal.ts';
import { slotEnd } from '../../gateway/core/slot.ts';
import type { TokenIntent } from '../../gateway/core/token.ts';
import { priceOf, type Trade } from '../../gateway/core/trade.ts';
import {
  type CentsPerKwh,
  centsPerKwh,
  epochMs,
  type SlotNumber,
  type WattHours,
  wattHours,
} from '../../gateway/core/units.ts';
import type { EventName, EventOf, HubEvent } from '../../gateway/events/hub-event.ts';
import { openCallbackDesk } from '../../gateway/open-desk.ts';
import type { SunHour } from '../../gateway/ports/advice.ts';
import type { Claim } from '../../gateway/ports/mobile-money.ts';
import type { Needs } from '../../gateway/ports/needs.ts';
import { type FakeChain, fakeChain } from './fake-chain.ts';
import { type FakeMeters, fakeMeters } from './fake-meters.ts';
import { type FakeMoney, fakeMoney } from './fake-money.ts';
import { type Belongings, corner, firstSlot, kiosk, moveIn, nine } from './neighbourhood.ts';

export type GivenHub = Needs & {
  readonly books: OpenBooks;
  readonly money: FakeMoney;
  readonly chain: FakeChain;
  readonly meters: FakeMeters;
  readonly clock: SteppedClock;
  readonly told: HubEvent[];
  readonly warnings: string[];
  sunHours: readonly SunHour[] | undefined;
  gateSays: readonly GateDecision[];
  [Symbol.dispose](): void;
};

type Changes = Belongings & {
  readonly file?: string;
  readonly resultsTrusted?: boolean;
  /** Books that others moved into already. */
  readonly settled?: boolean;
  readonly at?: number;
  /** A clock that outlives the hub. */
  readonly clock?: SteppedClock;
};

let empty: Buffer | undefined;

/** Books in memory before anybody moved in. Their schema is made once, because a property needs thousands of them. */
function emptyBooks(): Buffer {
  if (empty !== undefined) return empty;
  const db = new Database(':memory:');
  migrate(db, new URL('../../gateway/adapters/sqlite/migrations/', import.meta.url));
  empty = db.serialize();
  db.close();
  return empty;
}

/** Nine o'clock on a Monday; everybody has moved in and owns what `changes` say. */
export function given(changes: Changes = {}): GivenHub {
  const { file = emptyBooks(), resultsTrusted = false, settled = false, at = nine } = changes;
  const books = openBooks(file);
  const { clock = steppedClock(at) } = changes;
  const meters = fakeMeters();
  const [told, warnings]: [HubEvent[], string[]] = [[], []];
  const warn = (message: string, facts?: object) =>
    void warnings.push(`${message} ${JSON.stringify(facts ?? {})}`);
  if (!settled) moveIn(books, changes);
  const hub: GivenHub = {
    ...{ books, clock, meters, told, warnings, resultsTrusted },
    ...{ readings: meters.readings, presence: meters.presence },
    ...{ money: fakeMoney(), chain: fakeChain() },
    line: { isThere: () => false, tell: () => {}, tellTime: () => {} },
    ids: openIds({ hubKey: Buffer.alloc(32, 7), now: () => clock.now() }),
    sunHours: undefined,
    sun: { latest: () => hub.sunHours },
    secondOpinion: {
      ask: async () => ({ ok: false, error: 'nobody to ask' }),
      health: () => ({ mode: 'off', state: 'ok', detail: '' }),
    },
    gateSays: [],
    gates: { decide: async () => hub.gateSays },
    announcer: { announce: () => {} },
    log: { info: () => {}, warn, error: warn },
    tell: (event) => void told.push(event),
    [Symbol.dispose]: () => books[Symbol.dispose](),
  };
  return hub;
}

/** Everything of one name that was told. */
export const heard = <Name extends EventName>(
  { told }: { readonly told: readonly HubEvent[] },
  name: Name,
): EventOf<Name>[] => told.filter((event): event is EventOf<Name> => event.name === name);

export type TradeDiffers = Partial<
  Pick<Trade, 'seller' | 'buyer' | 'funding' | 'state' | 'createdAt' | 'expiresAt' | 'origin'>
> & { readonly energyWh?: number; readonly rate?: number; readonly key?: string };

/** The corner house sells 2 kWh to the kiosk for KES 30; its energy is reserved. */
export function aTrade({ books, clock, ids }: GivenHub, differs: TradeDiffers = {}): Trade {
  const energyWh: WattHours = wattHours(differs.energyWh ?? 2_000);
  const rate: CentsPerKwh = centsPerKwh(differs.rate ?? 1_500);
  const trade: Trade = {
    id: ids.fresh() as TradeId,
    origin: differs.origin ?? 'round',
    slot: firstSlot,
    seller: differs.seller ?? corner,
    buyer: differs.buyer ?? kiosk,
    energyWh,
    rate,
    amountCents: priceOf(energyWh, rate),
    funding: differs.funding ?? 'wallet',
    state: differs.state ?? 'matched',
    createdAt: differs.createdAt ?? clock.now(),
    expiresAt: differs.expiresAt ?? epochMs(clock.now() + 600_000),
    topup: undefined,
    signature: undefined,
    payout: undefined,
  };
  books.trades.order(trade, differs.key);
  return trade;
}

/** The tokens that a trade owes. */
export const intentOf = ({ ids }: GivenHub, trade: Trade): TokenIntent => ({
  id: ids.fresh() as TokenIntentId,
  kind: 'transfer',
  trade: trade.id,
  reference: `trade:${trade.id}`,
  from: trade.seller,
  to: trade.buyer,
  energyWh: trade.energyWh,
  mintWh: trade.energyWh,
  memo: trade.id,
  state: 'open',
  signature: undefined,
});

/** A trade that the buyer's wallet has paid. */
export function aPaidTrade(hub: GivenHub, differs: TradeDiffers = {}) {
  const trade = aTrade(hub, differs);
  const intent = intentOf(hub, trade);
  hub.books.trades.pay(trade, intent, hub.clock.now());
  return { trade, intent };
}

/** A trade whose tokens are final: the seller has earned. */
export function aSettledTrade(hub: GivenHub, differs: TradeDiffers = {}): Trade {
  const { trade, intent } = aPaidTrade(hub, differs);
  const cover = { boughtWh: wattHours(0), ownWh: wattHours(0) };
  const signature = `final-${trade.id}`;
  const attempt = {
    ...{ signature, raw: Buffer.from(signature), lastValidHeight: 1 },
    genesisHash: 'the fake chain',
  };
  hub.books.tokens.saveAttempt(intent, attempt, hub.clock.now());
  hub.books.trades.settle(trade, intent, signature, cover, hub.clock.now());
  return trade;
}

/** The slot that runs now closes with a round due, and these households are in it. */
export function aRound(
  { books, clock }: GivenHub,
  sellers: Readonly<Record<string, number>>,
): SlotNumber {
  const slot = books.energy.nextSlot() ?? firstSlot;
  clock.set(Math.max(slotEnd(slot), clock.now()));
  const nothing = { energies: [], counted: new Map(), postings: [], intents: [] };
  books.energy.closeSlot({ slot, at: slotEnd(slot), roundDue: true, ...nothing });
  const found = Object.entries(sellers).map(([household, energyWh]) => ({
    household: household as HouseholdId,
    energyWh: wattHours(energyWh),
  }));
  books.rounds.begin(slot, found);
  return slot;
}

/** M-Pesa, or somebody who knows the path, knocks at it; returns the deed's subject when the bytes are new. */
export function knock(hub: Needs, token: string, claim: Claim): string | undefined {
  const before = hub.books.deeds.waiting();
  openCallbackDesk({ hub }, () => {}).keep(token, Buffer.from(JSON.stringify(claim)));
  if (hub.books.deeds.waiting() === before) return undefined;
  const due = hub.books.deeds.due(hub.clock.now(), 1_000);
  return due.filter(({ kind }) => kind.startsWith('read-')).at(-1)?.subject;
}

/** Deeds that wait, as `kind` in alphabetical order. */
export const waitingDeeds = ({ books }: Needs): string[] =>
  books.deeds
    .due(epochMs(Number.MAX_SAFE_INTEGER), 1_000)
    .map(({ kind }) => kind)
    .sort();
