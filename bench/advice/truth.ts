/**
 * A neighbourhood that never was, minute by minute: 24 households with roofs, by the archetypes, shapes and weather
 * statistics of Kenyan homes. The same seed gives the same neighbourhood everywhere.
 */
import { kiambuDays } from '../../gateway/simulators/data/light-series.ts';
import { bell, between, chance } from '../../gateway/simulators/neighbourhood/chance.ts';

export const minutesPerDay = 1440;
export const slotMinutes = 15;
export const slotsPerDay = minutesPerDay / slotMinutes;

export type House = {
  /** Wh per slot, from 06:00 of the first day on. */
  readonly sunWh: Float64Array;
  readonly loadWh: Float64Array;
  /** Cents per kWh that no neighbour covers. */
  readonly ownTariff: number;
};

export type Truth = {
  readonly houses: readonly House[];
  /** W/m2 on the flat, mean of each slot. */
  readonly irradiance: Float64Array;
};

/** Day and light of one minute, W/m2. */
export type Light = (day: number, minute: number) => number;

const morningMinute = 6 * 60;
/** Of what the panels could give in full light, inverter and dirt leave this. */
const performance = 0.8;

/** W/m2 of a sky whose days follow one another and whose clouds are those of a logger near Nairobi. */
export function aSky(seed: number, days: number): Light {
  const textures = cloudTextures();
  const dayOf = Array.from({ length: days }, (_, day) =>
    Math.floor(chance(seed, 2, day) * textures.length),
  );
  const levels: number[] = [];
  let z = 0;
  for (let day = 0; day < days; day++) {
    z = 0.5 * z + Math.sqrt(0.75) * bell(seed, 1, day);
    levels.push(Math.min(1.02, Math.max(0.15, 0.75 + 0.16 * z)));
  }
  return (day, minute) => {
    const cloud = textures[dayOf[day] ?? 0]?.[Math.floor(minute / 10)] ?? 1;
    return (
      Math.min(1.15, (levels[day] ?? 0) * (0.5 + 0.5 * cloud)) * arc((minute + 0.5) / 60) * 1000
    );
  };
}

/** How high the sun stands, 0 to 1. */
const arc = (hour: number): number => Math.max(0, Math.sin((Math.PI * (hour - 6.25)) / 12)) ** 1.25;

/** Parts of the brightest at that time of day, each day with a mean of 1: clouds without season and without shade. */
function cloudTextures(): number[][] {
  const days = kiambuDays();
  const brightest = Array.from({ length: 144 }, (_, at) =>
    Math.max(1, ...days.flatMap(({ lux }) => lux.slice(Math.max(0, at - 2), at + 3))),
  );
  return days.map(({ lux }) => {
    const parts = lux.map((value, at) => value / (brightest[at] ?? 1));
    const weight = (at: number) => arc((at + 0.5) / 6);
    const sums = parts.reduce(
      (sum, part, at) => ({ all: sum.all + part * weight(at), sun: sum.sun + weight(at) }),
      { all: 0, sun: 0 },
    );
    return parts.map((part) => (part * sums.sun) / sums.all);
  });
}

/** Days go from 06:00 to 06:00; the night before the first one is not told. */
export function neighbourhood(
  seed: number,
  houses: number,
  days: number,
  light = aSky(seed, days),
): Truth {
  return {
    houses: Array.from({ length: houses }, (_, house) => aHouse(seed, house, days, light)),
    irradiance: inSlots(days, light).map((sum) => sum / slotMinutes),
  };
}

function aHouse(seed: number, house: number, days: number, light: Light): House {
  const kind = kindOf(chance(seed, 3, house));
  const dailyWh = between(...kind.dailyWh, seed, 4, house);
  const panelsW = between(...kind.panelsW, seed, 5, house);
  const shadeFrom = between(6, 20, seed, 6, house);
  const shade = between(0.3, 1, seed, 7, house);
  const shadeAt = (hour: number) => (hour > shadeFrom && hour < shadeFrom + 3 ? shade : 1);
  const use = useOf(seed, house, days, dailyWh, kind.shape);
  const sunWh = inSlots(days, (day, minute) => {
    const watts = (panelsW * performance * light(day, minute)) / 1000;
    return (watts * shadeAt(minute / 60)) / 60;
  });
  return { sunWh, loadWh: inSlots(days, use), ownTariff: tariffOf(dailyWh) };
}

type Kind = {
  readonly dailyWh: readonly [number, number];
  readonly panelsW: readonly [number, number];
  readonly shape: readonly number[];
};

/** Parts of a day by hour: an evening in a village, and a shop. */
const shareOf = (hours: readonly number[]) => {
  const all = hours.reduce((sum, one) => sum + one, 0);
  return hours.map((one) => one / all);
};
const homeShape = shareOf([
  ...[4.73, 5.56, 5.83, 5.89, 5.67, 8.7, 7.2, 7.2, 7.8, 8.3, 8.4, 8.5],
  ...[9.0, 9.4, 8.6, 8.4, 8.3, 8.7, 11.1, 14.8, 17.4, 18.6, 16.8, 11.3],
]);
const shopShape = shareOf(
  Array.from({ length: 24 }, (_, hour) => (hour >= 8 && hour < 20 ? 1 : 0.15)),
);

const smallRoof = [300, 1000] as const;
const largeRoof = [1000, 4000] as const;

function kindOf(share: number): Kind {
  if (share < 0.35) return { dailyWh: [350, 1050], panelsW: smallRoof, shape: homeShape };
  if (share < 0.7) return { dailyWh: [1100, 2500], panelsW: largeRoof, shape: homeShape };
  if (share < 0.9) return { dailyWh: [4000, 8000], panelsW: largeRoof, shape: homeShape };
  return { dailyWh: [3000, 6000], panelsW: largeRoof, shape: shopShape };
}

/** All-in tariff by monthly use: lifeline, up to 100 kWh, above. */
function tariffOf(dailyWh: number): number {
  const monthlyKwh = (dailyWh * 30) / 1000;
  if (monthlyKwh < 30) return 2000;
  return monthlyKwh < 100 ? 2700 : 3130;
}

/** Wh of a minute: the shape, a level that stays for days, and noise by the half hour. */
function useOf(
  seed: number,
  house: number,
  days: number,
  dailyWh: number,
  shape: readonly number[],
): Light {
  const levels: number[] = [];
  let z = 0;
  for (let day = 0; day < days; day++) {
    z = 0.6 * z + 0.8 * bell(seed, 8, house, day);
    levels.push(Math.max(0.3, 1 + 0.2 * z));
  }
  const halfHours = Array.from({ length: days * 48 }, (_, at) =>
    Math.max(0.05, 1 + 0.45 * bell(seed, 9, house, at)),
  );
  return (day, minute) => {
    const noise = halfHours[day * 48 + Math.floor(minute / 30)] ?? 1;
    return (dailyWh * (shape[Math.floor(minute / 60)] ?? 0) * noise * (levels[day] ?? 1)) / 60;
  };
}

/** Sums of the minutes of each slot, whole days from 06:00 on. */
function inSlots(days: number, of: Light): Float64Array {
  const slots = new Float64Array((days - 1) * slotsPerDay);
  for (let at = 0; at < slots.length * slotMinutes; at++) {
    const minute = at + morningMinute;
    const slot = Math.floor(at / slotMinutes);
    slots[slot] =
      (slots[slot] ?? 0) + of(Math.floor(minute / minutesPerDay), minute % minutesPerDay);
  }
  return slots;
}
