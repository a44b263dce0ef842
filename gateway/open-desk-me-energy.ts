/** What a household's sun and home do now, and slot by slot: from the newest readings and the closed slots. */

import type { HouseholdId, MeterId } from './core/ids.ts';
import { hourMs, minuteMs, nextSlot, slotAt, slotMs, slotStart, startOfDay } from './core/slot.ts';
import { type EpochMs, epochMs, type SlotNumber } from './core/units.ts';
import type { MeteredEnergy } from './ports/books/energy.ts';
import type { MeNow, MeSpan } from './ports/me-desk.ts';
import type { Needs } from './ports/needs.ts';

type Hub = Pick<Needs, 'books' | 'clock' | 'readings'>;

/** A register as it was when somebody last looked; power is how fast it grows. */
type Look = { readonly atMs: number; readonly mwh: number; readonly watts: number | undefined };

const staleMs = 10 * minuteMs;
const leastBetweenMs = 2_000;
const mwPerW = 1000;

export function openMeEnergy(hub: Hub) {
  const looks = new Map<MeterId, Look>();
  const months = new Map<HouseholdId, { readonly upTo: SlotNumber; readonly days: MeSpan[] }>();
  return {
    now: (id: HouseholdId) => nowOf(hub, looks, id),
    /** Closed slots since a moment. */
    slots: (id: HouseholdId, since: EpochMs, now: EpochMs): MeSpan[] => {
      const panels = hasPanels(hub, id);
      return hub.books.energy
        .history(id, slotAt(since), nextSlot(slotAt(now)))
        .map((energy) => spanOf(energy, slotStart(energy.slot), panels));
    },
    /** Days since a moment, remembered until the next slot closes. */
    days: (id: HouseholdId, since: EpochMs, now: EpochMs): MeSpan[] => {
      const upTo = hub.books.energy.nextSlot() ?? slotAt(now);
      const known = months.get(id);
      if (known?.upTo === upTo) return known.days;
      const panels = hasPanels(hub, id);
      const closed = hub.books.energy.history(id, slotAt(since), upTo);
      const byDay = Map.groupBy(closed, ({ slot }) => startOfDay(slotStart(slot)));
      const days = [...byDay].map(([day, energies]) => spanOf(sumOf(energies), day, panels));
      months.set(id, { upTo, days });
      return days;
    },
  };
}

const hasPanels = ({ books }: Hub, id: HouseholdId): boolean =>
  books.households
    .registrations()
    .some(({ household, place }) => household === id && place === 'pv');

type Sum = Pick<MeteredEnergy, 'exportedWh' | 'importedWh' | 'generatedWh'>;

const sumOf = (energies: readonly MeteredEnergy[]): Sum =>
  energies.reduce<Sum>(
    (sum, one) =>
      ({
        exportedWh: sum.exportedWh + one.exportedWh,
        importedWh: sum.importedWh + one.importedWh,
        generatedWh: (sum.generatedWh ?? 0) + (one.generatedWh ?? 0),
      }) as Sum,
    { exportedWh: 0, importedWh: 0, generatedWh: 0 } as Sum,
  );

/** Without a meter at its panels a household that exports keeps its use to itself. */
function spanOf(
  { exportedWh, importedWh, generatedWh }: Sum,
  at: EpochMs,
  panels: boolean,
): MeSpan {
  const sunWh = panels ? (generatedWh ?? 0) : null;
  const useWh = panels || exportedWh === 0 ? (sunWh ?? 0) + importedWh - exportedWh : null;
  return {
    at: new Date(at).toISOString(),
    sunWh,
    useWh: useWh === null ? null : Math.max(0, useWh),
    ...{ exportedWh, importedWh },
  };
}

type Watts = { readonly sunW: number | null; readonly surplusW: number | null };

/** From how fast the registers grow, sun and grid over the same stretch; before that is known, from the last slot. */
function nowOf(hub: Hub, looks: Map<MeterId, Look>, id: HouseholdId): MeNow {
  const now = hub.clock.now();
  const own = hub.books.households.registrations().filter(({ household }) => household === id);
  const seen = own.map(({ meter, place }) => lookAt(hub, looks, meter, place, now));
  const panels = own.some(({ place }) => place === 'pv');
  const { sunW, surplusW } = isSilent(seen)
    ? unknown
    : (wattsOf(seen, panels) ?? (panels ? lastSlot(hub, id, now) : byPower(seen)));
  const useW =
    surplusW === null || (panels ? sunW === null : surplusW > 0) ? null : (sunW ?? 0) - surplusW;
  return {
    at: new Date(now).toISOString(),
    sunW: sunW === null ? null : Math.max(0, Math.round(sunW)),
    useW: useW === null ? null : Math.max(0, Math.round(useW)),
    surplusW: surplusW === null ? null : Math.round(surplusW),
  };
}

const unknown: Watts = { sunW: null, surplusW: null };

type Seen = {
  readonly place: 'grid' | 'pv';
  /** Of the register since the look before; undefined before there were two. */
  readonly watts: number | undefined;
  /** What the meter itself says; undefined when it is silent. */
  readonly powerW: number | undefined;
};

const isSilent = (seen: readonly Seen[]): boolean =>
  !seen.some(({ place }) => place === 'grid') || seen.some(({ powerW }) => powerW === undefined);

const sumOfPlace = (seen: readonly Seen[], wanted: Seen['place']): number =>
  seen.reduce((sum, { place, watts }) => sum + (place === wanted ? (watts ?? 0) : 0), 0);

const wattsOf = (seen: readonly Seen[], panels: boolean): Watts | undefined =>
  seen.some(({ watts }) => watts === undefined)
    ? undefined
    : { sunW: panels ? sumOfPlace(seen, 'pv') : null, surplusW: sumOfPlace(seen, 'grid') };

const byPower = (seen: readonly Seen[]): Watts => ({
  sunW: null,
  surplusW: -seen.reduce((sum, { powerW }) => sum + (powerW ?? 0), 0),
});

/** The mean power in the slot that closed last. */
function lastSlot({ books }: Hub, id: HouseholdId, now: EpochMs): Watts {
  const next = books.energy.nextSlot() ?? slotAt(now);
  const from = slotAt(epochMs(Math.max(0, now - 2 * slotMs)));
  const last = books.energy.history(id, from, next).at(-1);
  if (last?.generatedWh === undefined) return unknown;
  const slotsPerHour = hourMs / slotMs;
  return {
    sunW: last.generatedWh * slotsPerHour,
    surplusW: (last.exportedWh - last.importedWh) * slotsPerHour,
  };
}

function lookAt(
  { readings }: Hub,
  looks: Map<MeterId, Look>,
  meter: MeterId,
  place: 'grid' | 'pv',
  now: EpochMs,
): Seen {
  const reading = readings.latest().get(meter);
  if (reading === undefined || now - reading.at >= staleMs)
    return { place, watts: undefined, powerW: undefined };
  const powerW = reading.powerMw / mwPerW;
  const mwh = place === 'pv' ? reading.generationMwh : reading.exportMwh - reading.importMwh;
  const before = looks.get(meter);
  const betweenMs = before === undefined ? staleMs : reading.at - before.atMs;
  if (before !== undefined && betweenMs < leastBetweenMs)
    return { place, watts: before.watts, powerW };
  const grown = mwh - (before?.mwh ?? 0);
  const watts = betweenMs < staleMs ? (grown * hourMs) / betweenMs / mwPerW : undefined;
  looks.set(meter, { atMs: reading.at, mwh, watts });
  return { place, watts, powerW };
}
