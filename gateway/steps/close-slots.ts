/** Closes slots: what meters counted becomes energy and need, and energy covers need. */

import { graceFloorMs, scaledDeadline } from '../core/deadline.ts';
import {
  countedAfter,
  coverOf,
  type EnergyBalance,
  type SlotEnergy,
  slotEnergies,
} from '../core/energy.ts';
import type { HouseholdId, TokenIntentId } from '../core/ids.ts';
import {
  billNeed,
  coverNeed,
  expireEnergy,
  meterEnergy,
  type Posting,
  payForKeeping,
} from '../core/ledger.ts';
import { communityHousehold, type HubSettings } from '../core/settings.ts';
import { nextSlot, slotAt, slotEnd } from '../core/slot.ts';
import { mintNeeded, type TokenIntent } from '../core/token.ts';
import { type SlotNumber, type WattHours, wattHours } from '../core/units.ts';
import { beginsWindow } from '../core/window.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { Keeping } from '../ports/books/energy.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { MeterPresence, ReadingStore } from '../ports/readings.ts';

type Needs = {
  books: Pick<Books, 'energy' | 'households' | 'market' | 'settings'>;
  readings: Pick<ReadingStore, 'registersAt' | 'latest'>;
  presence: MeterPresence;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
};

/** Slots closed in one go after a long time without power; the rest follows at the next tick. */
const slotsAtOnceMost = 20;

/** Closes every slot that is due, oldest first. Only the newest of them may have a round. */
export function closeSlots(needs: Needs): void {
  const { books, clock } = needs;
  // A clock that nobody confirms may be months off: a window must not end by mistake, and readings are not dated yet.
  if (clock.trust() === 'untrusted') return;
  const next = books.energy.nextSlot();
  if (next === undefined) {
    books.energy.beginAt(slotAt(clock.now()));
    return;
  }
  let slot = next;
  for (let closed = 0; closed < slotsAtOnceMost && isDue(needs, slot); closed++) {
    closeSlot(needs, slot);
    slot = nextSlot(slot);
  }
}

/** A slot is over when every meter that is online has reported past its end, at the latest after the grace. */
function isDue(needs: Needs, slot: SlotNumber): boolean {
  const { books, readings, presence, clock } = needs;
  const [now, end] = [clock.now(), slotEnd(slot)];
  if (now < end) return false;
  const { graceMs } = books.settings.at(end);
  if (now >= scaledDeadline(end, clock.speed, graceMs, graceMs === 0 ? 0 : graceFloorMs))
    return true;
  const online = presence.online();
  if (online.size === 0) return false;
  const latest = readings.latest();
  return [...online].every((meter) => (latest.get(meter)?.at ?? 0) >= end);
}

function closeSlot(needs: Needs, slot: SlotNumber): void {
  const { books, readings, tell } = needs;
  const at = slotEnd(slot);
  const settings = books.settings.at(at);
  const ends = new Map(readings.registersAt(nextSlot(slot)).map((end) => [end.meter, end]));
  const registrations = books.households.registrations();
  const energies = slotEnergies(slot, registrations, ends);
  const roundDue = settings.marketOpen && !isDue(needs, nextSlot(slot));
  const { postings, intents, kept } = postingsOf(needs, slot, energies, settings);
  books.energy.closeSlot({
    slot,
    at,
    energies,
    counted: countedAfter(registrations, ends),
    postings,
    intents,
    kept,
    roundDue,
  });
  tell({ name: 'slot.closed', slot, inTime: roundDue });
}

type Owed = {
  readonly postings: Posting[];
  readonly intents: TokenIntent[];
  readonly kept: Map<HouseholdId, WattHours>;
};

function postingsOf(
  needs: Needs,
  slot: SlotNumber,
  energies: readonly SlotEnergy[],
  settings: HubSettings,
): Owed {
  const { books } = needs;
  const counted = new Map(energies.map((energy) => [energy.household, energy]));
  const newWindow = beginsWindow(books.energy.firstSlot(), slot, settings.windowDays);
  const owed: Owed = { postings: [], intents: [], kept: new Map() };
  const [balances, keepings] = [books.market.balances(), books.market.keepings()];
  for (const [id, before] of balances) {
    if (newWindow) owed.postings.push(...endOfWindow(slot, id, before));
    const { exportedWh, importedWh } = counted.get(id) ?? nothing;
    owed.postings.push(...meterEnergy(slot, id, exportedWh, importedWh));
    const balance = added(newWindow ? { ...before, ...emptied } : before, exportedWh, importedWh);
    const cover = coverOf(balance);
    owed.postings.push(...coverNeed(`slot:${slot}`, id, cover));
    const keeping = keepings.get(id);
    const keptWh = keptAfter(keeping, cover.ownWh, owed.kept, id);
    const unusedWh = Math.min(keptWh, balance.energyWh - cover.ownWh);
    // At 06:00 a part of what was kept in vain goes to the community; the rest is on offer again.
    if (keeping !== undefined && keeping.until <= slotEnd(slot))
      payWhatKeepingCost(needs, owed, slot, id, unusedWh, settings);
  }
  return owed;
}

/** Own need takes first what was kept for it. */
function keptAfter(
  keeping: Keeping | undefined,
  usedWh: number,
  kept: Owed['kept'],
  id: HouseholdId,
): number {
  if (keeping === undefined) return 0;
  const left = wattHours(Math.max(0, keeping.energyWh - usedWh));
  if (left !== keeping.energyWh) kept.set(id, left);
  return left;
}

const nothing = { exportedWh: wattHours(0), importedWh: wattHours(0) };
const emptied = { energyWh: wattHours(0), needWh: wattHours(0) };

const added = (b: EnergyBalance, exportedWh: WattHours, importedWh: WattHours): EnergyBalance => ({
  energyWh: wattHours(b.energyWh + exportedWh),
  boughtWh: b.boughtWh,
  needWh: wattHours(b.needWh + importedWh),
});

/** The last clearing is over: what was not sold expires, what was not covered is billed. */
const endOfWindow = (slot: SlotNumber, id: HouseholdId, left: EnergyBalance): Posting[] => [
  ...expireEnergy(`slot:${slot}`, id, left.energyWh),
  ...billNeed(`slot:${slot}`, id, left.needWh),
];

function payWhatKeepingCost(
  { books, ids }: Needs,
  owed: Owed,
  slot: SlotNumber,
  id: HouseholdId,
  unusedWh: number,
  { keepCostPercent }: HubSettings,
): void {
  if (id === communityHousehold) return;
  const costWh = wattHours(Math.floor((unusedWh * keepCostPercent) / 100));
  if (costWh === 0 || books.households.find(communityHousehold) === undefined) return;
  const cause = `keep:${slot}:${id}`;
  owed.postings.push(...payForKeeping(cause, id, communityHousehold, costWh));
  owed.intents.push({
    id: ids.fresh() as TokenIntentId,
    kind: 'transfer',
    trade: undefined,
    reference: cause,
    from: id,
    to: communityHousehold,
    energyWh: costWh,
    mintWh: mintNeeded(costWh, books.energy.onChainWh(id)),
    memo: ids.fresh(),
    state: 'open',
    signature: undefined,
  });
}
