/** The fields of a reading's payload as plain numbers, reused from one reading to the next. */
import type { NextLine } from '../../core/plain-reading.ts';

/** Contract.md, topic meters/<id>/reading. What a meter did not tell is `untold`. */
export class ReadingFields implements NextLine {
  version = 0;
  sequence = 0;
  boot = 0;
  unixSeconds = 0;
  timeQuality = 1;
  uptimeSeconds: number = untold;
  powerMw = 0;
  voltageMv = 0;
  currentMa: number = untold;
  frequencyMhz: number = untold;
  importMwh = 0;
  exportMwh = 0;
  generationMwh: number = untold;
  flags = 0;
}

export const untold = -1;

const u32Max = 0xffffffff;
export const limits = {
  u32Max,
  powerMaxMw: 1_000_000_000,
  voltageMaxMv: 10_000_000,
  currentMaxMa: 100_000_000,
  frequencyMaxMhz: 1_000_000,
  /** Sequence numbers and registers have at most 15 digits: exact, and so are differences of their differences. */
  wholeMax: 999_999_999_999_999,
} as const;
