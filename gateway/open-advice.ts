/** Opens the outside opinions: weather, refreshed beside the rounds, and the language model. */
import { openGemini } from './adapters/gemini/gemini.ts';
import { openWeather } from './adapters/weather/weather.ts';
import type { Config } from './config.ts';
import { openForecasts } from './open-forecasts.ts';
import type { SecondOpinion, SunForecast, SunHour, Weather } from './ports/advice.ts';
import type { Forecasts } from './ports/advice-desk.ts';
import type { Books } from './ports/books/books.ts';
import type { MachineClock, NeighbourhoodClock } from './ports/clock.ts';

export type Advisors = {
  readonly forecasts: Forecasts;
  readonly weather: Weather;
  readonly sun: SunForecast;
  readonly secondOpinion: SecondOpinion;
  /** Learns what was metered, and looks for newer weather; the adapter asks outside at most hourly. */
  refresh(): Promise<void>;
};

/** Neither is needed: without weather the past speaks alone, without a key nobody words the advice. */
export function openAdvice(
  config: Config,
  clock: NeighbourhoodClock & MachineClock,
  books: Pick<Books, 'energy' | 'households'>,
): Advisors {
  const forecasts = openForecasts({ books });
  const weather = openWeather({
    baseUrl: config.WEATHER_BASE_URL,
    latitude: config.HUB_LATITUDE,
    longitude: config.HUB_LONGITUDE,
    apiKey: config.WEATHER_API_KEY,
    clock,
  });
  const secondOpinion = openGemini({
    apiKey: config.GEMINI_API_KEY,
    baseUrl: config.GEMINI_BASE_URL,
    model: config.GEMINI_MODEL,
    callsPerDay: config.GEMINI_CALLS_PER_DAY,
    elapsedMs: () => clock.elapsedMs(),
  });
  let hours: readonly SunHour[] | undefined;
  return {
    ...{ weather, secondOpinion, forecasts },
    sun: { latest: () => hours },
    refresh: async () => {
      forecasts.catchUp();
      const forecast = await weather.forecast();
      hours = forecast.ok ? forecast.value : undefined;
    },
  };
}
