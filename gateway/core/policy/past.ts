/** What a household used and what its roof made, slot by slot, as far back as advice looks. */
import type { SlotNumber } from '../units.ts';

export const slotsPerDay = 96;
/** Days of the past that advice looks at. */
export const pastDaysMost = 45;

/** Wh per slot; index 0 is `first`. Where a roof has no meter of its own, import and export stand in for both. */
export type Past = {
  readonly first: SlotNumber;
  readonly loadWh: ArrayLike<number>;
  readonly sunWh: ArrayLike<number>;
};

export type MeteredSlot = {
  readonly slot: SlotNumber;
  readonly importedWh: number;
  readonly exportedWh: number;
  /** Undefined where no meter counts what the roof makes. */
  readonly generatedWh: number | undefined;
};

/** Whole days before `end` that are known. */
export const daysKnown = ({ loadWh }: Past): number => Math.floor(loadWh.length / slotsPerDay);
