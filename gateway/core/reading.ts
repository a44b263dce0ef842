/** One line from a meter, checked and dated. */
import type { MeterId } from './ids.ts';
import type { EpochMs, MilliWattHours, SlotNumber } from './units.ts';

export type Reading = {
  readonly meter: MeterId;
  /** Counts up per meter for ever; the key of a reading is (meter, sequence). */
  readonly sequence: number;
  /** Changes at each restart of the meter. */
  readonly boot: number;
  /** When it was measured, in neighbourhood time. */
  readonly at: EpochMs;
  /** Whether `at` is the meter's own clock or the moment of receipt. */
  readonly timeSource: 'meter' | 'receipt';
  readonly importMwh: MilliWattHours;
  readonly exportMwh: MilliWattHours;
  readonly generationMwh: MilliWattHours;
  /** Present power in mW; above 0 imports, below 0 exports. */
  readonly powerMw: number;
  readonly voltageMv: number;
  readonly flags: number;
};

/** What a meter's registers showed at the start of a slot, interpolated between neighbours at most 1 h apart. */
export type BoundaryRegisters = {
  readonly meter: MeterId;
  readonly slot: SlotNumber;
  readonly importMwh: MilliWattHours;
  readonly exportMwh: MilliWattHours;
  readonly generationMwh: MilliWattHours;
};

export type Registers = Pick<Reading, 'importMwh' | 'exportMwh' | 'generationMwh'>;
