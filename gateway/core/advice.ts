/**
 * What a household should do with what it has to spare: sell now, or keep what it will itself import before
 * 06:00. A rule, from its own metered past; a language model may word it and may only be more careful.
 */
import type { SlotEnergy } from './energy.ts';
import { dayOf, hourMs, nextTimeOfDay, slotAt, timeOfDayMs } from './slot.ts';
import {
  type CentsPerKwh,
  type EpochMs,
  epochMs,
  type SlotNumber,
  type WattHours,
  wattHours,
} from './units.ts';

export type PastSlot = Pick<SlotEnergy, 'exportedWh' | 'importedWh'> & {
  readonly slot: SlotNumber;
};
export type SunHourFact = { readonly from: EpochMs; readonly wattsPerM2: number };

export type Outlook = { readonly nightNeedWh: WattHours; readonly sunLeftWh: WattHours };

const keptUntilMs = 6 * hourMs;
const slotsPerDay = 96;
/** Days of the past that the rule looks at. */
export const pastDays = 7;

/** The moment until which energy may be kept: the next 06:00. */
export const keepUntil = (now: EpochMs): EpochMs => nextTimeOfDay(epochMs(now + 1), keptUntilMs);

/**
 * What the household will probably import before 06:00 and export before midnight: means of the same
 * times of its past days, which end before `now`. `sunFactor` in percent scales the export (100 = as usual).
 */
export function outlook(past: readonly PastSlot[], now: EpochMs, sunFactor: number): Outlook {
  const first = slotAt(now);
  const oldest = Math.min(first, ...past.map(({ slot }) => slot));
  const ahead = (until: EpochMs) => slotAt(until) - first;
  const nightSlots = ahead(keepUntil(now));
  const sunSlots = ahead(nextTimeOfDay(epochMs(now + 1), 0));
  let [need, sun] = [0, 0];
  for (const { slot, exportedWh, importedWh } of past) {
    const away = (((slot - first) % slotsPerDay) + slotsPerDay) % slotsPerDay;
    // Slots that were not heard count too: their energy came late, with a slot that was.
    const times = Math.floor((first - oldest + away) / slotsPerDay);
    if (away < nightSlots) need += importedWh / times;
    if (away < sunSlots) sun += exportedWh / times;
  }
  return {
    nightNeedWh: wattHours(Math.round(need)),
    sunLeftWh: wattHours(Math.round((sun * sunFactor) / 100)),
  };
}

/** Kenya's mean day brings 5.4 kWh/m2 between 06:15 and 18:15; a half sine has this peak in W/m2. */
const usualPeakWatts = 700;
const [sunriseMs, daylightMs] = [6.25 * hourMs, 12 * hourMs];
const [factorLeast, factorMost] = [30, 150];

/** Percent of the usual sun that a forecast promises for the rest of today; 100 without one. */
export function sunFactor(forecast: readonly SunHourFact[] | undefined, now: EpochMs): number {
  const rest = (forecast ?? []).filter(
    (hour) => hour.from >= now && dayOf(hour.from) === dayOf(now),
  );
  let [promised, usual] = [0, 0];
  for (const { from, wattsPerM2 } of rest) {
    const angle = (Math.PI * (timeOfDayMs(from) + hourMs / 2 - sunriseMs)) / daylightMs;
    promised += wattsPerM2;
    usual += Math.max(0, usualPeakWatts * Math.sin(angle));
  }
  if (usual < usualPeakWatts) return 100;
  return Math.max(factorLeast, Math.min(factorMost, Math.round((100 * promised) / usual)));
}

export type Situation = Outlook & {
  readonly energyWh: WattHours;
  readonly rate: CentsPerKwh;
  readonly ownTariff: CentsPerKwh;
};
export type Decision = {
  readonly keepWh: WattHours;
  readonly sellWh: WattHours;
  /** One sentence with no figure that the hub did not compute. */
  readonly reason: string;
};

/** Keeps what the night needs and the sun will not bring, where a kept kWh is worth more than a sold one. */
export function adviseByRule(situation: Situation): Decision {
  const { energyWh, nightNeedWh, sunLeftWh, rate, ownTariff } = situation;
  const missing = Math.max(0, nightNeedWh - sunLeftWh);
  const keep = ownTariff > rate ? Math.min(energyWh, missing) : 0;
  const keepWh = wattHours(keep);
  const sellWh = wattHours(energyWh - keep);
  return { keepWh, sellWh, reason: reasonFor(situation, keepWh) };
}

function reasonFor({ nightNeedWh, sunLeftWh }: Situation, keepWh: WattHours): string {
  if (keepWh > 0)
    return `Keep ${keepWh} Wh: until 06:00 you will probably use ${nightNeedWh} Wh and the sun still brings ${sunLeftWh} Wh.`;
  if (nightNeedWh > sunLeftWh)
    return 'Sell: what you sell earns at least what you pay for the energy that you need until 06:00.';
  return `Sell: the sun will probably still bring ${sunLeftWh} Wh, and you need ${nightNeedWh} Wh until 06:00.`;
}

/** A model's opinion can only be more careful than the rule: it never sells more. */
export const clampOpinion = (
  decision: Decision,
  opinion: { action: 'sell' | 'hold'; sellWh: number },
) =>
  wattHours(
    opinion.action === 'hold'
      ? 0
      : Math.max(0, Math.min(decision.sellWh, Math.trunc(opinion.sellWh) || 0)),
  );
