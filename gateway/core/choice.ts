/** What a household chose on its page, beyond its standing rule. */
import { type EpochMs, epochMs, type WattHours, wattHours } from './units.ts';

export type Tonight = 'advice' | 'keep' | 'sell';

export type Choice = {
  /** Never on offer. */
  readonly reserveWh: WattHours;
  readonly tonight: Tonight;
  /** From then on advice decides again. */
  readonly tonightUntil: EpochMs;
  /** Its proposals wait for a yes on its page, and lapse on silence. */
  readonly askFirst: boolean;
};

export const noChoice: Choice = {
  reserveWh: wattHours(0),
  tonight: 'advice',
  tonightUntil: epochMs(0),
  askFirst: false,
};

export const tonightOf = ({ tonight, tonightUntil }: Choice, now: EpochMs): Tonight =>
  now < tonightUntil ? tonight : 'advice';

/** What of the energy at hand may be offered: as advised, nothing, or all, and never the reserve. */
export function chosenWh(
  advisedWh: WattHours,
  atHandWh: WattHours,
  choice: Choice,
  now: EpochMs,
): WattHours {
  const free = Math.max(0, atHandWh - choice.reserveWh);
  const wanted = { advice: advisedWh, keep: 0, sell: free }[tonightOf(choice, now)];
  return wattHours(Math.min(wanted, free));
}
