/** Registers of 32 bits begin again at 0 after 4,294.967296 kWh; the hub counts on. Our own meters never wrap. */
import type { Registers } from './reading.ts';
import { type MilliWattHours, milliWattHours } from './units.ts';

/** Where a register of 32 bits begins again, in mWh. */
export const wrapMwh = 2 ** 32;
/**
 * A register that seems to have wrapped may have risen by this much since the reading before: 20 kWh. What falls
 * and would have risen more was reset, and is no business of ours to guess.
 */
export const wrapRiseMaxMwh = 20_000_000;

/**
 * What the registers show when those that wrapped since `before` are counted on. A reading in which every
 * register that ever moved has fallen is a reset, not a wrap, and stays as it was told.
 */
export function countedOn<Told extends Registers>(told: Told, before: Registers | undefined): Told {
  if (before === undefined) return told;
  const importMwh = counted(told.importMwh, before.importMwh);
  const exportMwh = counted(told.exportMwh, before.exportMwh);
  const generationMwh = counted(told.generationMwh, before.generationMwh);
  const isWhole = importMwh !== undefined && exportMwh !== undefined && generationMwh !== undefined;
  return isWhole ? { ...told, importMwh, exportMwh, generationMwh } : told;
}

/** Undefined when the register fell and no wrap explains it. */
function counted(told: MilliWattHours, before: MilliWattHours): MilliWattHours | undefined {
  if (told >= before) return told;
  if (told >= wrapMwh) return undefined;
  // It wrapped so often already; within the same round it may have risen by any amount.
  const same = told + Math.floor(before / wrapMwh) * wrapMwh;
  if (same >= before) return milliWattHours(same);
  const next = same + wrapMwh;
  return next - before <= wrapRiseMaxMwh ? milliWattHours(next) : undefined;
}
