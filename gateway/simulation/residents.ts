/** Who lives in a simulated neighbourhood. Shares, tariffs and manners are assumptions; docs/market.md lists them. */
import { paymentCode, type StandingRule } from '../core/household.ts';
import type { HouseholdId, MeterId } from '../core/ids.ts';
import type { Msisdn } from '../core/phone.ts';
import { communityHousehold } from '../core/settings.ts';
import { hourMs } from '../core/slot.ts';
import { cents, centsPerKwh, wattHours } from '../core/units.ts';
import { between, chance } from '../simulators/neighbourhood/chance.ts';
import type { LoadShape } from '../simulators/neighbourhood/load.ts';

export type Archetype = 'small home' | 'home' | 'large home' | 'shop' | 'school';

/** How somebody meets a prompt on the phone. */
export type Manner = 'prompt' | 'slow' | 'forgetful' | 'short of money';

export type Resident = {
  readonly id: HouseholdId;
  readonly number: number;
  readonly archetype: Archetype;
  readonly shape: LoadShape;
  readonly dailyLoadWh: number;
  readonly panelsW: number;
  /** Of a battery behind the grid meter; 0 without one. */
  readonly batteryWh: number;
  /** What is left of the sun in the morning (before 09:00) and in the afternoon (from 15:00), in percent. */
  readonly shade: { readonly morning: number; readonly afternoon: number };
  readonly manner: Manner;
  readonly phone: Msisdn;
  readonly code: string;
  readonly role: 'seller' | 'buyer' | 'both';
  readonly rule: StandingRule;
  readonly gridMeter: MeterId;
  /** Undefined without panels. */
  readonly panelMeter: MeterId | undefined;
};

export type ResidentOptions = {
  readonly seed: number;
  readonly households: number;
  readonly panels: boolean;
  readonly batteries: boolean;
};

/** `households` neighbours and the community's school, which receives what keeping costs. */
export const residentsOf = (options: ResidentOptions): Resident[] => [
  ...Array.from({ length: options.households }, (_, number) => neighbour(options, number)),
  school(options.households),
];

const batteryWh = 2_500;
const panelOwners = 0.3;
const netMeteredOwners = 0.3;
const shadedRoofs = 0.33;

function neighbour({ seed, panels, batteries }: ResidentOptions, number: number): Resident {
  const { archetype, least, most, blockCents } = kindOf(chance(seed, 42, number));
  const dailyLoadWh = Math.round(between(least, most, seed, 44, number));
  const [leastW, mostW] = archetype === 'small home' ? [300, 1000] : [1000, 4000];
  const owns = panels && chance(seed, 43, number) < panelOwners;
  const panelsW = owns ? Math.round(between(leastW, mostW, seed, 45, number)) : 0;
  const ownTariff = tariffFor(dailyLoadWh);
  const id = `h${String(number + 1).padStart(5, '0')}` as HouseholdId;
  return {
    ...{ id, number, archetype, dailyLoadWh, panelsW },
    shape: archetype === 'shop' ? 'shop' : 'home',
    batteryWh: owns && batteries ? batteryWh : 0,
    shade: shadeOf(seed, number),
    manner: mannerOf(chance(seed, 47, number)),
    ...namesOf(number),
    role: owns ? 'both' : 'buyer',
    rule: {
      ...usualRule,
      ...{ autoSell: owns, autoBuy: true, blockCents: cents(blockCents), ownTariff },
      buyCeiling: ownTariff,
      sellFloor: outsideValue(seed, number, ownTariff),
    },
    gridMeter: `m-${id}-grid` as MeterId,
    panelMeter: owns ? (`m-${id}-pv` as MeterId) : undefined,
  };
}

const school = (number: number): Resident => ({
  ...{ id: communityHousehold, number, archetype: 'school', shape: 'shop', dailyLoadWh: 4_000 },
  ...{ panelsW: 0, batteryWh: 0, shade: { morning: 100, afternoon: 100 }, manner: 'prompt' },
  ...namesOf(number),
  role: 'buyer',
  rule: {
    ...usualRule,
    ...{ autoSell: false, autoBuy: false, blockCents: cents(0) },
    ...{ ownTariff: tariffFor(4_000), buyCeiling: tariffFor(4_000), sellFloor: centsPerKwh(1200) },
  },
  gridMeter: 'm-community-grid' as MeterId,
  panelMeter: undefined,
});

const usualRule = {
  sellDailyWh: wattHours(20_000),
  buyDailyCents: cents(50_000),
  promptsDaily: 4,
  quietFromMs: 21 * hourMs,
  quietUntilMs: 6.5 * hourMs,
};

/** Use of Kenyan homes as assumed in the project's notes: 35, 35, 20 and 10 percent. */
function kindOf(draw: number) {
  if (draw < 0.35)
    return { archetype: 'small home', least: 350, most: 1050, blockCents: 1_500 } as const;
  if (draw < 0.7) return { archetype: 'home', least: 1100, most: 2500, blockCents: 5_000 } as const;
  if (draw < 0.9)
    return { archetype: 'large home', least: 4000, most: 8000, blockCents: 10_000 } as const;
  return { archetype: 'shop', least: 3000, most: 6000, blockCents: 10_000 } as const;
}

/** Kenya Power's bands of 2025/26 with all levies, cents per kWh by monthly use; rough. */
const tariffFor = (dailyLoadWh: number) => {
  const monthlyKwh = (dailyLoadWh * 30) / 1000;
  return centsPerKwh(monthlyKwh <= 30 ? 2000 : monthlyKwh <= 100 ? 2700 : 3130);
};

/** What a kWh brings elsewhere: half the own tariff where it is net-metered, else wear and bother. */
const outsideValue = (seed: number, number: number, ownTariff: number) =>
  centsPerKwh(
    chance(seed, 46, number) < netMeteredOwners
      ? Math.round(ownTariff / 2)
      : Math.round(between(200, 500, seed, 48, number)),
  );

function shadeOf(seed: number, number: number): Resident['shade'] {
  if (chance(seed, 49, number) >= shadedRoofs) return { morning: 100, afternoon: 100 };
  const left = Math.round(between(40, 80, seed, 50, number));
  return chance(seed, 52, number) < 0.5
    ? { morning: left, afternoon: 100 }
    : { morning: 100, afternoon: left };
}

function mannerOf(draw: number): Manner {
  if (draw < 0.75) return 'prompt';
  if (draw < 0.87) return 'slow';
  return draw < 0.95 ? 'forgetful' : 'short of money';
}

const namesOf = (number: number) => ({
  phone: `2547${String(10_000_000 + number)}` as Msisdn,
  code: paymentCode(number + 1),
});
