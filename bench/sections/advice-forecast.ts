/** Forecasts beside the best blend of "as now" and "as usual", for each lead, walking forward. */
import { SlotForecaster } from '../../gateway/core/forecast/slot-forecaster.ts';
import { readSeries } from '../advice/series.ts';
import { neighbourhood } from '../advice/truth.ts';
import { atLeast, type Bar, type Section, type SectionOptions } from '../results.ts';
import { breathe, housesPerSeed, seedsOf } from './advice-policy.ts';

const days = 60;
const minutesPerSlot = 15;
const housesQuickly = 6;

/** Squared misses of all series, each in parts of its own mean. */
class Tally {
  readonly #sums = new Map<number, { own: number; reference: number; count: number }>();

  walk(kind: 'sun' | 'load', series: Float64Array): void {
    const forecaster = new SlotForecaster(kind);
    series.forEach((value, slot) => {
      forecaster.observe(slot, value);
    });
    const mean = series.reduce((sum, one) => sum + one, 0) / series.length;
    for (const { lead, book } of forecaster.books()) {
      const { own, reference, count } = book.squares();
      const sum = this.#sums.get(lead) ?? { own: 0, reference: 0, count: 0 };
      this.#sums.set(lead, {
        own: sum.own + own / mean ** 2,
        reference: sum.reference + reference / mean ** 2,
        count: sum.count + count,
      });
    }
  }

  skills(): { readonly minutes: number; readonly skill: number; readonly count: number }[] {
    return [...this.#sums].map(([lead, { own, reference, count }]) => ({
      ...{ minutes: lead * minutesPerSlot, count },
      skill: 1 - Math.sqrt(own / reference),
    }));
  }
}

export const forecast: Section = async (options) => {
  const light = readSeries(options.series);
  const { sun, load, seeds } = await walkAll(options);
  const measured = new Tally();
  measured.walk('sun', neighbourhood(1, 1, light.days, light.at).irradiance);
  const figures: Record<string, number> = { 'forecast: seeds': seeds };
  const bars: Bar[] = [];
  for (const [name, tally] of [
    ['sun', sun],
    ['load', load],
    [light.name, measured],
  ] as const)
    for (const { minutes, skill, count } of tally.skills()) {
      figures[`forecast: ${name}, ${minutes} min ahead, comparisons`] = count;
      bars.push(atLeast(`forecast: skill of ${name}, ${minutes} min ahead`, skill, '', 0));
    }
  return { figures, bars };
};

async function walkAll({ quick, say, isLate }: SectionOptions) {
  const [sun, load] = [new Tally(), new Tally()];
  let seeds = 0;
  for (const seed of seedsOf(quick)) {
    if (seeds > 0 && isLate()) break;
    seeds += 1;
    await breathe();
    const { houses } = neighbourhood(seed, housesPerSeed, days);
    for (const house of quick ? houses.slice(0, housesQuickly) : houses) {
      sun.walk('sun', house.sunWh);
      load.walk('load', house.loadWh);
    }
    say(`forecast, seed ${seed}`);
  }
  return { sun, load, seeds };
}
