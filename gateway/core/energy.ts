/** What meters counted becomes energy of households, and energy covers need. */
import type { HouseholdId, MeterId } from './ids.ts';
import type { Cover } from './ledger.ts';
import type { BoundaryRegisters } from './reading.ts';
import {
  type MilliWattHours,
  type SlotNumber,
  type WattHours,
  wattHours,
  wholeWattHours,
} from './units.ts';

/** Registers up to which a meter's energy stands in the ledger. */
export type Counted = {
  readonly slot: SlotNumber;
  readonly importMwh: MilliWattHours;
  readonly exportMwh: MilliWattHours;
  /** Of a meter at the panels, once it was seen. */
  readonly generationMwh?: MilliWattHours;
};

export type Registration = {
  readonly meter: MeterId;
  readonly household: HouseholdId;
  readonly place: 'grid' | 'pv';
  /** Undefined until the first slot boundary was seen: that boundary is where counting begins. */
  readonly counted: Counted | undefined;
};

export type EnergyBalance = {
  readonly energyWh: WattHours;
  readonly boughtWh: WattHours;
  readonly needWh: WattHours;
};

export type SlotEnergy = {
  readonly household: HouseholdId;
  readonly exportedWh: WattHours;
  readonly importedWh: WattHours;
  /** Some of it belongs to earlier slots that were already closed. */
  readonly late: boolean;
  /** What the roof made; only where a meter counts it. It is no trade: advice learns from it. */
  readonly generatedWh?: WattHours;
};

/** The same two amounts of one household, of which at least one is 0 afterwards. */
const netted = (exportedWh: number, importedWh: number) => ({
  exportedWh: wattHours(Math.max(0, exportedWh - importedWh)),
  importedWh: wattHours(Math.max(0, importedWh - exportedWh)),
});

/**
 * Energy of one slot per household, from register differences: what a lost message or a long gap hid is in
 * the next difference. `ends` are registers at the end of the slot; a meter without one waits, and so does
 * one whose registers stand below what was counted: a person must look, and nothing is counted twice.
 */
export function slotEnergies(
  slot: SlotNumber,
  registrations: readonly Registration[],
  ends: ReadonlyMap<MeterId, BoundaryRegisters>,
): SlotEnergy[] {
  const sums = new Map<HouseholdId, { exported: number; imported: number; late: boolean }>();
  for (const { meter, household, place, counted } of registrations) {
    const end = ends.get(meter);
    if (place !== 'grid' || end === undefined || counted === undefined) continue;
    if (hasFallen(counted, end)) continue;
    const sum = sums.get(household) ?? { exported: 0, imported: 0, late: false };
    sum.exported += wholeWattHours(end.exportMwh) - wholeWattHours(counted.exportMwh);
    sum.imported += wholeWattHours(end.importMwh) - wholeWattHours(counted.importMwh);
    sum.late ||= counted.slot < slot;
    sums.set(household, sum);
  }
  const generated = generations(registrations, ends);
  return [...sums].map(([household, sum]) => ({
    household,
    ...netted(sum.exported, sum.imported),
    late: sum.late,
    ...(generated.has(household) ? { generatedWh: generated.get(household) as WattHours } : {}),
  }));
}

/** What meters at panels counted since the last slot that was heard of them. */
function generations(
  registrations: readonly Registration[],
  ends: ReadonlyMap<MeterId, BoundaryRegisters>,
): Map<HouseholdId, WattHours> {
  const sums = new Map<HouseholdId, WattHours>();
  for (const { meter, household, place, counted } of registrations) {
    const [from, to] = [counted?.generationMwh, ends.get(meter)?.generationMwh];
    if (place !== 'pv' || from === undefined || to === undefined || to < from) continue;
    const made = wholeWattHours(to) - wholeWattHours(from);
    sums.set(household, wattHours((sums.get(household) ?? 0) + made));
  }
  return sums;
}

/** Registers up to which energy is counted after a slot; a meter that waits stays where it was. */
export const countedAfter = (
  registrations: readonly Registration[],
  ends: ReadonlyMap<MeterId, BoundaryRegisters>,
): Map<MeterId, Counted> =>
  new Map(
    registrations.flatMap(({ meter, place, counted }) => {
      const end = ends.get(meter);
      if (end === undefined || (counted !== undefined && hasFallen(counted, end))) return [];
      const { slot, importMwh, exportMwh, generationMwh } = end;
      const made = place === 'pv' ? { generationMwh } : {};
      return [[meter, { slot, importMwh, exportMwh, ...made }] as const];
    }),
  );

const hasFallen = (counted: Counted, end: BoundaryRegisters): boolean =>
  end.importMwh < counted.importMwh ||
  end.exportMwh < counted.exportMwh ||
  end.generationMwh < (counted.generationMwh ?? 0);

/** Covers need with bought energy first, then with the household's own. */
export function coverOf({ energyWh, boughtWh, needWh }: EnergyBalance): Cover {
  const bought = Math.min(needWh, boughtWh);
  const own = Math.min(needWh - bought, energyWh);
  return { boughtWh: wattHours(bought), ownWh: wattHours(own) };
}
