/**
 * What Open-Meteo's forecast looks like on the wire, in the hub's words.
 * Source: open-meteo repository, openapi/forecast.yml; radiation is the mean of the PRECEDING hour.
 */
import { z } from 'zod';
import { hourMs } from '../../core/slot.ts';
import { epochMs } from '../../core/units.ts';
import type { SunHour } from '../../ports/advice.ts';

export type Place = {
  readonly baseUrl: string;
  readonly latitude: number;
  readonly longitude: number;
  /** Only for paid plans. */
  readonly apiKey?: string | undefined;
};

const forecastDays = 2;
/** What was said of the days before, so that a service that is always too bright is known as such. */
const pastDays = 14;
/** Open-Meteo gives at most 92 days back and 16 ahead. */
const hoursMax = (92 + 16) * 24;
/** The sun above the atmosphere gives 1361 W/m2; more than this on the ground is nonsense. */
const wattsMax = 1500;

const forecastForm = z.object({
  hourly: z.object({
    time: z.array(z.int().nonnegative()).min(1).max(hoursMax),
    shortwave_radiation: z.array(z.number().nullable()).min(1).max(hoursMax),
  }),
});

/** The horizontal irradiance is asked for: no tilt and no azimuth, so north and south cannot be mirrored. */
export function forecastUrl({ baseUrl, latitude, longitude, apiKey }: Place): URL {
  const url = new URL(`${baseUrl.replace(/\/+$/, '')}/v1/forecast`);
  url.search = new URLSearchParams({
    latitude: String(latitude),
    longitude: String(longitude),
    hourly: 'temperature_2m,cloud_cover,shortwave_radiation',
    past_days: String(pastDays),
    forecast_days: String(forecastDays),
    timeformat: 'unixtime',
    timezone: 'UTC',
    ...(apiKey === undefined ? {} : { apikey: apiKey }),
  }).toString();
  return url;
}

/** The hours of an answer by the moment at which each begins; undefined when it is not a forecast. */
export function readForecast(text: string): SunHour[] | undefined {
  const checked = forecastForm.safeParse(parse(text));
  if (!checked.success) return undefined;
  const { time, shortwave_radiation: radiation } = checked.data.hourly;
  if (time.length !== radiation.length) return undefined;
  // The answer's label is the hour's end, and the hub speaks of hours by their beginning.
  const hours = time.flatMap((label, index) => {
    const watts = radiation[index];
    const fromMs = label * 1000 - hourMs;
    if (watts === null || watts === undefined || fromMs < 0) return [];
    return { from: epochMs(fromMs), wattsPerM2: Math.round(clamp(0, watts, wattsMax)) };
  });
  return hours.length === 0 ? undefined : hours;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const clamp = (least: number, value: number, most: number): number =>
  Math.max(least, Math.min(value, most));
