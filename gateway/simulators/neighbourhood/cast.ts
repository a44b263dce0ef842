/** Who lives in the simulated neighbourhood. The first nine have parts to play in the demo. */
import { between, chance } from './chance.ts';
import type { LoadShape } from './load.ts';

export type Archetype = 'small-home' | 'home' | 'large-home' | 'shop' | 'kiosk';

export type SimulatedMeter = { readonly id: string; readonly place: 'grid' | 'pv' };

export type SimulatedHousehold = {
  readonly id: string;
  readonly name: string;
  /** Twelve digits. Only the two of the published example do not end in 00. */
  readonly phone: string;
  readonly language: 'en' | 'sw';
  readonly archetype: Archetype;
  readonly panelsW: number;
  readonly dailyLoadWh: number;
  readonly role: 'seller' | 'buyer' | 'both';
  readonly autoSell: boolean;
  readonly autoBuy: boolean;
  readonly meters: readonly SimulatedMeter[];
  /** When set: its use is scaled so that it imports this much in the two days and nine hours before the start. */
  readonly needAtStartWh: number | undefined;
};

export const householdsMin = 6;
export const householdsMax = 200;

type Part = {
  readonly name: string;
  readonly archetype: Archetype;
  readonly dailyLoadWh: number;
  readonly panelsW?: number;
  readonly byHand?: boolean;
  readonly phone?: string;
  readonly needAtStartWh?: number;
};

/** `count` households, 6 to 200; with fewer than nine the demo's cast is cut from the end. */
export function makeCast(seed: number, count: number): SimulatedHousehold[] {
  if (!Number.isInteger(count) || count < householdsMin || count > householdsMax) {
    throw new RangeError(`a neighbourhood has ${householdsMin} to ${householdsMax} households`);
  }
  const leads = demoParts(seed);
  return Array.from({ length: count }, (_, index) =>
    household(leads[index] ?? neighbour(seed, index), index),
  );
}

/** The day's use of a shop follows its opening hours, that of a home its evenings. */
export const shapeOf = (archetype: Archetype): LoadShape =>
  archetype === 'shop' || archetype === 'kiosk' ? 'shop' : 'home';

function demoParts(seed: number): Part[] {
  // Just under one lot of 1 kWh: a kiosk that uses 32 W by day crosses it within four hours of the start.
  const nearlyOneLot = (index: number) => Math.round(between(962, 986, seed, 41, index));
  const kiosk = { archetype: 'kiosk', dailyLoadWh: 450 } as const;
  return [
    {
      name: "Wanjiku's house",
      archetype: 'home',
      dailyLoadWh: 2400,
      panelsW: 4000,
      byHand: true,
      phone: '254700123456',
    },
    { name: "Otieno's house", archetype: 'home', dailyLoadWh: 1800, panelsW: 4000 },
    { name: 'Baraka shop', archetype: 'shop', dailyLoadWh: 6000 },
    { name: 'Tumaini cold drinks', archetype: 'shop', dailyLoadWh: 6000 },
    {
      name: "Achieng's house",
      archetype: 'home',
      dailyLoadWh: 1300,
      byHand: true,
      phone: '254708374149',
    },
    { name: "Njeri's salon", ...kiosk, needAtStartWh: nearlyOneLot(1) },
    { name: "Mutua's phone charging", ...kiosk, needAtStartWh: nearlyOneLot(2) },
    { name: "Halima's kiosk", ...kiosk, needAtStartWh: nearlyOneLot(3) },
    { name: "Mzee Kiprop's house", archetype: 'small-home', dailyLoadWh: 400 },
    { name: "Mwende's house", archetype: 'home', dailyLoadWh: 2200, panelsW: 4000 },
    { name: "Wafula's house", archetype: 'large-home', dailyLoadWh: 4500, panelsW: 1000 },
    { name: "Chebet's house", archetype: 'home', dailyLoadWh: 1600 },
  ];
}

/** 35 % small homes, 35 % homes, 20 % large homes, 10 % shops; three in ten have panels. */
function neighbour(seed: number, index: number): Part {
  const { archetype, least, most } = kindOf(chance(seed, 42, index));
  const [leastW, mostW] = archetype === 'small-home' ? [300, 1000] : [1000, 4000];
  const hasPanels = chance(seed, 43, index) < 0.3;
  const owner = families[index % families.length];
  return {
    name: `${owner}'s ${archetype === 'shop' ? 'shop' : 'house'} ${index + 1}`,
    archetype,
    dailyLoadWh: roundTo(10, between(least, most, seed, 44, index)),
    panelsW: hasPanels ? roundTo(50, between(leastW, mostW, seed, 45, index)) : 0,
  };
}

function kindOf(draw: number): { archetype: Archetype; least: number; most: number } {
  if (draw < 0.35) return { archetype: 'small-home', least: 350, most: 1050 };
  if (draw < 0.7) return { archetype: 'home', least: 1100, most: 2500 };
  if (draw < 0.9) return { archetype: 'large-home', least: 4000, most: 8000 };
  return { archetype: 'shop', least: 3000, most: 6000 };
}

function household(part: Part, index: number): SimulatedHousehold {
  const id = `h${String(index + 1).padStart(2, '0')}`;
  const { panelsW = 0, byHand = false } = part;
  const hasPanels = panelsW > 0;
  // A kW of panels makes about 4 kWh a day, so such a roof hardly ever leaves its household in need.
  const sellsOnly = hasPanels && panelsW >= part.dailyLoadWh;
  return {
    id,
    name: part.name,
    phone: part.phone ?? demoPhone(index),
    language: index % 2 === 0 ? 'sw' : 'en',
    archetype: part.archetype,
    panelsW,
    dailyLoadWh: part.dailyLoadWh,
    role: roleOf(hasPanels, sellsOnly),
    autoSell: hasPanels && !byHand,
    autoBuy: !sellsOnly && !byHand,
    meters: [
      { id: `m-${id}-grid`, place: 'grid' },
      ...(hasPanels ? [{ id: `m-${id}-pv`, place: 'pv' } as const] : []),
    ],
    needAtStartWh: part.needAtStartWh,
  };
}

const roleOf = (hasPanels: boolean, sellsOnly: boolean): SimulatedHousehold['role'] => {
  if (!hasPanels) return 'buyer';
  return sellsOnly ? 'seller' : 'both';
};

/** The M-Pesa simulator reads a person's manners from the last two digits: 00 always pays. */
const demoPhone = (index: number): string => `2547${String(110_000 + index * 1009)}00`;

const roundTo = (step: number, value: number): number => Math.round(value / step) * step;

const families = [
  'Kamau',
  'Odhiambo',
  'Mutiso',
  'Barasa',
  'Kiptoo',
  'Nyambura',
  'Fatuma',
  'Wekesa',
  'Atieno',
  'Mumbi',
  'Juma',
  'Chepkoech',
  'Ndunge',
  'Omondi',
  'Rehema',
  'Githinji',
];
