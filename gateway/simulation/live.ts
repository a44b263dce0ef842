/** Lives through slots on a clock that jumps from one thing that happens to the next. */
import { type SteppedClock, steppedClock } from '../adapters/clock/stepped-clock.ts';
import { hashOf } from '../adapters/ids/ids.ts';
import type { OpenBooks } from '../adapters/sqlite/open.ts';
import type { InboxId } from '../core/ids.ts';
import type { RoundRule } from '../core/market/round-rule.ts';
import { minuteMs, nextSlot, slotEnd } from '../core/slot.ts';
import { unpaidStates } from '../core/trade.ts';
import { epochMs, type SlotNumber } from '../core/units.ts';
import type { Ids } from '../ports/ids.ts';
import type { Needs } from '../ports/needs.ts';
import type { Away } from './cuts.ts';
import type { Houses } from './houses.ts';
import { type SimulatedHub, simulatedHub } from './hub.ts';
import { type LocalLedger, localLedger } from './local-ledger.ts';
import type { Phones } from './phones.ts';
import { seededIds } from './seeded-ids.ts';

export type Life = {
  readonly books: OpenBooks;
  readonly houses: Houses;
  readonly power: Away;
  readonly rule: RoundRule | undefined;
  readonly phonesFor: (now: SteppedClock['now']) => Phones;
  readonly first: SlotNumber;
  readonly slots: number;
  /** Called after each slot. */
  readonly passed?: (slot: SlotNumber) => void;
};

export type Lived = { readonly phones: Phones; readonly ledger: LocalLedger };

/** Between two slots only what people and deeds wait for; the other parts of a tick are asked once a slot. */
const betweenSlots = ['expiring trades', 'looking for funds'];
const far = epochMs(Number.MAX_SAFE_INTEGER);

/** While the power is away the hub is dark too, and starts again when it is back. */
export async function live(life: Life): Promise<Lived> {
  const { books, houses, power, first, slots } = life;
  const clock = steppedClock(slotEnd((first - 1) as SlotNumber));
  const ledger = localLedger();
  const phones = life.phonesFor(clock.now);
  const ids = seededIds(clock.now);
  const given = needsFor(life, { clock, phones, ledger, ids });
  const hub = simulatedHub(given, books.together);
  let wasDark = false;
  await hub.tick();
  for (let slot = first; slot < first + slots; slot = nextSlot(slot)) {
    houses.live(slot);
    const isDark = power.isAway(slotEnd(slot));
    clock.set(slotEnd(slot));
    if (wasDark && !isDark) await hub.start();
    wasDark = isDark;
    if (!isDark) await liveOn({ books, clock, phones, ids, hub, until: slotEnd(nextSlot(slot)) });
    life.passed?.(slot);
  }
  return { phones, ledger };
}

type Going = {
  readonly books: OpenBooks;
  readonly clock: SteppedClock;
  readonly phones: Phones;
  readonly ids: Ids;
  readonly hub: SimulatedHub;
  readonly until: number;
};

/** The slot closes; then, by the minute, whatever is due before the next one does. */
async function liveOn(going: Going): Promise<void> {
  const { clock, phones, hub, until } = going;
  const hear = () => phones.react(clock.now(), (token, body) => keep(going, token, body));
  hear();
  await hub.tick();
  for (;;) {
    const due = nextMs(going);
    const at = Math.max(clock.now() + minuteMs, Math.ceil(due / minuteMs) * minuteMs);
    if (at >= until) return;
    clock.set(at);
    hear();
    await hub.tick(betweenSlots);
  }
}

/** When the next deed is due, somebody acts at a phone, or a trade expires. */
const nextMs = ({ books, phones }: Going): number =>
  Math.min(
    books.deeds.due(far, 1)[0]?.dueMs ?? far,
    phones.nextMs() ?? far,
    ...books.trades.inStates(unpaidStates).map(({ expiresAt }) => expiresAt),
  );

/** As the callback desk does: kept before it is answered, read by a deed. */
const keep = ({ books, clock, ids }: Going, token: string, body: Uint8Array): void =>
  void books.inbox.keep(hashOf(token), body, hashOf(body), ids.fresh() as InboxId, clock.now());

/** All ports of a simulated hub. */
export const needsFor = (
  { books, houses, rule }: Pick<Life, 'books' | 'houses' | 'rule'>,
  { clock, phones, ledger, ids }: Pick<Going, 'clock' | 'phones' | 'ids'> & Pick<Lived, 'ledger'>,
): Omit<Needs, 'tell'> => ({
  ...{ books, clock, money: phones, ids, chain: ledger, resultsTrusted: true },
  ...(rule === undefined ? {} : { market: rule }),
  readings: {
    registersAt: (slot) => houses.registersAt(slot),
    latest: () => new Map(),
    between: async () => [],
    rollups: async () => [],
    counts: () => ({ stored: 0, settled: 0, duplicates: 0, quarantined: {} }),
    onRecorded: () => {},
  },
  presence: { online: () => new Set() },
  line: { isThere: () => false, tell: () => {}, tellTime: () => {} },
  sun: { latest: () => undefined },
  secondOpinion: {
    ask: async () => ({ ok: false, error: 'nobody to ask' }),
    health: () => ({ mode: 'off', state: 'ok', detail: '' }),
  },
  gates: { decide: () => [] },
  announcer: { announce: () => {} },
  log: { info: () => {}, warn: () => {}, error: () => {} },
});
