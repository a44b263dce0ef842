/**
 * What a household should do with what it has to spare: sell now, or keep what it will itself need before 06:00. A
 * policy decides from its own metered past; a language model may word it, and may only be more careful.
 */

import { type KnownThen, knownThen, type Outlook, outlookOf } from './policy/outlook.ts';
import type { Policy, Situation } from './policy/policies.ts';
import { daysCompared, sunAheadOf } from './policy/sun-ahead.ts';
import type { Advice } from './round.ts';
import { dayMs, hourMs, nextTimeOfDay, slotMs, timeOfDayMs } from './slot.ts';
import {
  type CentsPerKwh,
  centsPerKwh,
  type EpochMs,
  epochMs,
  type WattHours,
  wattHours,
} from './units.ts';
import { type Words, wordsFor } from './words-of-advice.ts';

/** Mean W/m2 over the hour that begins at `from`. */
export type SunHourFact = { readonly from: EpochMs; readonly wattsPerM2: number };

const keptUntilMs = 6 * hourMs;

/** The moment until which energy may be kept: the next 06:00. */
export const keepUntil = (now: EpochMs): EpochMs => nextTimeOfDay(epochMs(now + 1), keptUntilMs);

/** The sun until tonight against the usual, by a forecast that also tells of the days before; undefined without. */
export function sunAhead(
  forecast: readonly SunHourFact[] | undefined,
  now: EpochMs,
): number | undefined {
  if (forecast === undefined) return undefined;
  const begin = keepUntil(now) - (daysCompared + 1) * dayMs;
  const said = new Float64Array(((daysCompared + 1) * dayMs) / slotMs).fill(Number.NaN);
  for (const { from, wattsPerM2 } of forecast) {
    const at = (from - begin) / slotMs;
    if (at >= 0) said.fill(wattsPerM2, at, at + hourMs / slotMs);
  }
  return sunAheadOf(said, Math.ceil((now - begin) / slotMs));
}

export type Decision = {
  /** All that stays until 06:00, with what was kept before. */
  readonly keepWh: WattHours;
  readonly sellWh: WattHours;
  readonly outlook: Outlook;
  readonly known: KnownThen;
  readonly words: Words;
};

/** Of what is at hand, decides by the policy; what is kept already stays kept. */
export function adviseBy(policy: Policy, situation: Situation): Decision {
  const { atHandWh, keptWh, rate, ownTariff } = situation;
  const more = Math.max(0, Math.min(atHandWh, Math.trunc(policy.keepWh(situation))));
  const [keepWh, sellWh] = [wattHours(keptWh + more), wattHours(atHandWh - more)];
  const outlook = outlookOf(situation);
  const pays = ownTariff > rate;
  const words = wordsFor({ keepWh, sellWh, pays, ...outlook });
  return { keepWh, sellWh, outlook, known: knownThen(situation), words };
}

/** In the window's last round nothing is worth keeping: what is not sold expires. */
export const sellBeforeTheEnd = (energyWh: WattHours, decision: Decision): Decision => ({
  ...decision,
  keepWh: wattHours(0),
  sellWh: energyWh,
  words: {
    en: 'Sell all now. What is not sold expires with the window.',
    sw: 'Uza zote sasa. Zisizouzwa zitaisha muda wake.',
  },
});

/** What of a household's energy is kept until 06:00 and still there. */
export const stillKept = (keepingWh: number, energyWh: number): WattHours =>
  wattHours(Math.max(0, Math.min(keepingWh, energyWh)));

/**
 * A model's opinion can only be more careful than the policy: it sells less or nothing, never more. Whoever would sell
 * all that was asked about agrees: the question is rounded, the policy's amount is not.
 */
export function clampOpinion(
  { sellWh, energyWh }: { readonly sellWh: number; readonly energyWh: number },
  opinion: { readonly action: 'sell' | 'hold'; readonly sellWh: number },
): WattHours {
  // The envelope itself is bounded first: a wrong base must not open it.
  const most = Math.max(0, Math.min(sellWh, energyWh));
  if (opinion.action === 'hold') return wattHours(0);
  const wanted = opinion.sellWh >= roundDown(most, energyStepWh) ? most : opinion.sellWh;
  return wattHours(Math.max(0, Math.min(most, Math.trunc(wanted) || 0)));
}

/** What the policy alone would sell. */
export const ruleSellWh = ({ keepWh, sellWh, record }: Advice): WattHours =>
  wattHours(keepWh + sellWh - (record?.ruleKeepWh ?? keepWh));

const energyStepWh = 100;
const priceStepCents = 50;
const roundDown = (value: number, step: number): number => value - (value % step);

/** What the model is told: numbers alone, of the policy's own decision. */
export type Question = {
  readonly energyWh: WattHours;
  readonly nightNeedWh: WattHours;
  readonly sunLeftWh: WattHours;
  readonly keepWh: WattHours;
  readonly sellWh: WattHours;
  readonly rate: CentsPerKwh;
  readonly ownTariff: CentsPerKwh;
  readonly hour: number;
};

/** Rounded, so that the same situation is one question; asked before and after it is given, an advice is the same. */
export function questionAbout(advice: Advice): Question {
  const wh = (value: number) => wattHours(roundDown(value, energyStepWh));
  const cents = (value: number) => centsPerKwh(roundDown(value, priceStepCents));
  return {
    energyWh: wh(advice.energyWh),
    nightNeedWh: wh(advice.nightNeedWh),
    sunLeftWh: wh(advice.sunLeftWh),
    keepWh: wh(advice.record?.ruleKeepWh ?? advice.keepWh),
    sellWh: wh(ruleSellWh(advice)),
    rate: cents(advice.rate),
    ownTariff: cents(advice.ownTariff),
    hour: Math.floor(timeOfDayMs(advice.at) / hourMs),
  };
}

/** The figures of a question that words may hold. */
export const figuresOf = ({
  energyWh,
  nightNeedWh,
  sunLeftWh,
  keepWh,
  sellWh,
}: Question): number[] => [...[energyWh, nightNeedWh, sunLeftWh, keepWh, sellWh]];
