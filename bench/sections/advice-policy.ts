/** How much of what perfect foresight would bring each way of keeping and selling brings. */
import { setImmediate } from 'node:timers/promises';
import { policies } from '../../gateway/core/policy/policies.ts';
import { bestChoice, worthCents } from '../../gateway/core/policy/replay.ts';
import { bestByProgramme } from '../advice/linear-programme.ts';
import {
  dayOf,
  type Player,
  play,
  type SunAhead,
  shareOf,
  withoutWeather,
} from '../advice/play.ts';
import { readSeries } from '../advice/series.ts';
import { neighbourhood, slotsPerDay, type Truth } from '../advice/truth.ts';
import { atLeast, atMost, type Bar, type Section, type SectionOptions } from '../results.ts';

export const housesPerSeed = 24;
const days = 60;
const seedsFully = 20;
const seedsQuickly = 3;
const aimPercent = 90;
/** Of twenty seeds eighteen. */
const seedsWonLeast = 0.9;

/** Days that are only learned from; a short series has few to give. */
const learned = (all: number): number => (all >= 30 ? 7 : 3);

/** Whoever ends the bench is heard between two seeds. */
export const breathe = (): Promise<void> => setImmediate();

export const seedsOf = (quick: boolean): number[] =>
  Array.from({ length: quick ? seedsQuickly : seedsFully }, (_, index) => index + 1);

const [ours, ...thumbs] = policies;
export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length);

/** Percent by policy. */
type Shares = Readonly<Record<string, number>>;

function sharesOf(truth: Truth, players: Readonly<Record<string, [Player, SunAhead]>>): Shares {
  const sum = (player: Player, sunAhead: SunAhead = withoutWeather) =>
    truth.houses.reduce(
      (cents, house) =>
        cents + play(house, player, learned(house.loadWh.length / slotsPerDay), sunAhead),
      0,
    );
  const [base, best] = [sum('sell at once'), sum('best')];
  return Object.fromEntries(
    Object.entries(players).map(([name, [player, sunAhead]]) => [
      name,
      shareOf(sum(player, sunAhead), base, best),
    ]),
  );
}

/** A policy whose forecast is the truth, in whole Wh. */
const knowing: Record<string, [Player, SunAhead]> = {
  'perfect forecast': ['best', withoutWeather],
};

async function compare(
  what: string,
  { quick, say, isLate }: SectionOptions,
  truthOf: (seed: number) => Truth,
): Promise<{ readonly figures: Record<string, number>; readonly bars: Bar[] }> {
  const players = Object.fromEntries(policies.map((one) => [one.name, [one, withoutWeather]]));
  const seeds: Shares[] = [];
  for (const seed of seedsOf(quick)) {
    if (seeds.length > 1 && isLate()) break;
    await breathe();
    const shares = sharesOf(truthOf(seed), { ...players, ...knowing } as typeof knowing);
    seeds.push(shares);
    const told = Object.entries(shares).map(([name, share]) => `${name} ${share.toFixed(1)}`);
    say(`${what}, seed ${seed}: ${told.join(', ')}`);
  }
  const of = (name: string) => seeds.map((shares) => shares[name] ?? 0);
  const own = of(ours?.name ?? '');
  const figures: Record<string, number> = { [`${what}: seeds`]: seeds.length };
  for (const name of Object.keys(seeds[0] ?? {}))
    figures[`${what}: ${name}, percent of the possible`] = meanOf(of(name));
  figures[`${what}: the forecast costs, points`] = meanOf(of('perfect forecast')) - meanOf(own);
  const bars = thumbs.flatMap(({ name }) => {
    const won = of(name).filter((share, seed) => (own[seed] ?? 0) > share).length;
    return [
      atLeast(`${what}: above "${name}" in the mean`, meanOf(own) - meanOf(of(name)), 'points', 0),
      atLeast(
        `${what}: seeds above "${name}"`,
        won,
        `of ${seeds.length}`,
        Math.floor(seedsWonLeast * seeds.length),
      ),
    ];
  });
  return { figures, bars: [...bars, atLeast(`${what}: aim`, meanOf(own), '%', aimPercent)] };
}

export const neighbourhoods: Section = async (options) =>
  compare('neighbourhoods', options, (seed) => neighbourhood(seed, housesPerSeed, days));

/** The light of a real place, above roofs and houses of each seed. */
export const kiambu: Section = async (options) => {
  const light = readSeries(options.series);
  options.say(`${light.days} whole days of ${light.name}`);
  return compare(light.name, options, (seed) =>
    neighbourhood(seed, housesPerSeed, light.days, light.at),
  );
};

/** The hub's optimum beside a solver's. */
export const oracle: Section = async ({ quick }) => {
  const { houses } = neighbourhood(1, housesPerSeed, 8);
  const wanted = quick ? 12 : 100;
  let [worst, compared, beaten] = [0, 0, 0];
  for (let at = 0; at < wanted; at++) {
    const house = houses[at % houses.length];
    if (house === undefined) continue;
    const day = dayOf(house, at % 7);
    const own = worthCents(day, bestChoice(day));
    const programme = bestByProgramme(day);
    compared += 1;
    worst = Math.max(worst, Math.abs(programme - own));
    if (programme < own - 1) beaten += 1;
  }
  return {
    figures: { 'oracle: days compared with the linear programme': compared },
    bars: [
      atMost('oracle: furthest from the linear programme', worst, 'cents', 1),
      atMost('oracle: days on which the programme found less', beaten, 'days', 0),
    ],
  };
};
