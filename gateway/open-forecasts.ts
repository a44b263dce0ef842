/** Keeps a forecaster for each household's use and roof, always on; rounds never wait for them. */
import type { Forecast } from './core/forecast/lead.ts';
import { SlotForecaster } from './core/forecast/slot-forecaster.ts';
import type { HouseholdId } from './core/ids.ts';
import { slotMs } from './core/slot.ts';
import { type SlotNumber, slotNumber } from './core/units.ts';
import type { ForecastLine, Forecasts, SeriesForecast } from './ports/advice-desk.ts';
import type { Books } from './ports/books/books.ts';

/** Slots learned in one go: some milliseconds of a small computer. */
const slotsAtOnce = 400;
const minutesPerSlot = slotMs / 60_000;

type House = {
  readonly sun: SlotForecaster;
  readonly load: SlotForecaster;
  next: SlotNumber | undefined;
};
type Needs = { readonly books: Pick<Books, 'energy' | 'households'> };

export function openForecasts({ books }: Needs): Forecasts {
  const houses = new Map<HouseholdId, House>();
  let behind = true;

  /** Answers how many slots were learned. */
  const learn = (id: HouseholdId, house: House, end: SlotNumber, most: number): number => {
    const past = books.energy.pastOf(id, end);
    const from = Math.max(house.next ?? past.first, past.first);
    const to = Math.min(end, from + most);
    for (let slot = from; slot < to; slot++) {
      house.load.observe(slot, past.loadWh[slot - past.first] ?? 0);
      house.sun.observe(slot, past.sunWh[slot - past.first] ?? 0);
    }
    if (to > from) house.next = slotNumber(to);
    return Math.max(0, to - from);
  };

  return {
    catchUp() {
      const end = books.energy.nextSlot();
      if (end === undefined) return;
      let left = slotsAtOnce;
      for (const { id } of books.households.all()) {
        const house = houses.get(id) ?? fresh();
        houses.set(id, house);
        if (house.next === end) continue;
        left -= learn(id, house, end, left);
        if (left <= 0) break;
      }
      behind = left <= 0;
    },
    view: () => ({
      caughtUp: !behind,
      households: [...houses].flatMap(([id, house]) => [
        seriesOf(id, 'sun', house.sun),
        seriesOf(id, 'load', house.load),
      ]),
    }),
  };
}

const fresh = (): House => ({
  ...{ sun: new SlotForecaster('sun'), load: new SlotForecaster('load') },
  next: undefined,
});

function seriesOf(
  householdId: string,
  series: SeriesForecast['series'],
  forecaster: SlotForecaster,
): SeriesForecast {
  const said = new Map(forecaster.forecasts().map((one) => [one.lead, one]));
  return {
    ...{ householdId, series },
    leads: forecaster.skills().map(
      ({ lead, skill, count, bias, rmse, coveragePercent }): ForecastLine => ({
        minutesAhead: lead * minutesPerSlot,
        ...saidOf(said.get(lead)),
        skill: skill === undefined ? null : rounded(skill),
        comparisons: count,
        ...{ biasWh: rounded(bias), rmseWh: rounded(rmse) },
        coveragePercent: rounded(coveragePercent),
      }),
    ),
  };
}

const saidOf = (forecast: Forecast | undefined) => ({
  meanWh: forecast === undefined ? null : rounded(forecast.mean),
  lowWh: forecast === undefined ? null : rounded(forecast.low),
  highWh: forecast === undefined ? null : rounded(forecast.high),
});

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
