/** Stands in for Open-Meteo's forecast over HTTP; its sky is the neighbourhood's, seen a little wrong. */
import type { ServerResponse } from 'node:http';
import type { NeighbourhoodClock } from '../../ports/clock.ts';
import { type InterruptibleServer, listenInterruptibly } from '../interruptible-server.ts';
import { bell } from '../neighbourhood/chance.ts';
import { dayMs, hourMs, hourOfDay } from '../neighbourhood/local-time.ts';
import type { Neighbourhood } from '../neighbourhood/model.ts';

export type WeatherMode = 'ok' | 'negative' | 'busy' | 'garbage' | 'hang';

export interface WeatherSimulator extends InterruptibleServer {
  setMode(mode: WeatherMode): void;
  /** Forecasts asked for since the start. */
  asked(): number;
}

export type WeatherOptions = {
  readonly neighbourhood: Neighbourhood;
  readonly clock: NeighbourhoodClock;
  /** 0 (default): any free port. */
  readonly port?: number;
};

const forecastError = 0.1;
const daysDefault = 7;
const daysMax = 16;
const pastDaysMax = 92;
const samplesPerHour = 6;

export async function startWeatherSimulator(options: WeatherOptions): Promise<WeatherSimulator> {
  let mode: WeatherMode = 'ok';
  let asked = 0;
  const server = await listenInterruptibly((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://weather');
    if (request.method !== 'GET' || pathname !== '/v1/forecast') {
      return reply(response, 404, { error: true, reason: 'Not Found' });
    }
    asked += 1;
    if (mode === 'hang') return undefined;
    if (mode === 'busy') {
      const reason = 'Hourly API request limit exceeded. Please try again in the next hour.';
      return reply(response, 429, { error: true, reason });
    }
    if (mode === 'garbage') return response.end('<html>Sign in to the network</html>');
    const problem = problemWith(searchParams);
    if (problem !== undefined) return reply(response, 400, { error: true, reason: problem });
    return reply(response, 200, forecast(options, searchParams, mode === 'negative'));
  }, options.port);
  return {
    ...server,
    asked: () => asked,
    setMode: (next) => {
      mode = next;
    },
  };
}

function problemWith(query: URLSearchParams): string | undefined {
  for (const [name, limit] of [['latitude', 90] as const, ['longitude', 180] as const]) {
    const text = query.get(name) ?? '';
    if (!/^-?\d+(\.\d+)?$/.test(text) || Math.abs(Number(text)) > limit) {
      return `Parameter '${name}' is required and must be in range of -${limit} to ${limit}°.`;
    }
  }
  const days = Number(query.get('forecast_days') ?? daysDefault);
  if (!Number.isInteger(days) || days < 1 || days > daysMax) {
    return `Forecast days is invalid. Allowed range 0 to ${daysMax}.`;
  }
  const past = Number(query.get('past_days') ?? 0);
  if (!Number.isInteger(past) || past < 0 || past > pastDaysMax) {
    return `Past days is invalid. Allowed range 0 to ${pastDaysMax}.`;
  }
  return query.get('timeformat') === 'unixtime'
    ? undefined
    : 'This simulator knows timeformat=unixtime only.';
}

/** Shape: open-meteo repository, openapi/forecast.yml. Hours from 00:00 UTC of the current day, or of `past_days` ago. */
function forecast(options: WeatherOptions, query: URLSearchParams, negative: boolean) {
  const past = Number(query.get('past_days') ?? 0);
  const days = past + Number(query.get('forecast_days') ?? daysDefault);
  const firstMs = (Math.floor(options.clock.now() / dayMs) - past) * dayMs;
  const labels = Array.from({ length: days * 24 }, (_, hour) => firstMs + hour * hourMs);
  const wanted = (query.get('hourly') ?? '').split(',');
  const columns: Record<string, (labelMs: number) => number> = {
    temperature_2m: (labelMs) => 19 + 6 * Math.sin((Math.PI * (hourOfDay(labelMs) - 9)) / 12),
    cloud_cover: (labelMs) => options.neighbourhood.sun.cloudPercentAt(labelMs),
    shortwave_radiation: (labelMs) => (negative ? -3.2 : radiation(options.neighbourhood, labelMs)),
  };
  const hourly = Object.entries(columns)
    .filter(([name]) => wanted.includes(name))
    .map(([name, valueAt]) => [name, labels.map((label) => Math.round(valueAt(label) * 10) / 10)]);
  return {
    latitude: Number(query.get('latitude')),
    longitude: Number(query.get('longitude')),
    elevation: 1795,
    generationtime_ms: 0.1,
    utc_offset_seconds: 0,
    timezone: 'GMT',
    timezone_abbreviation: 'GMT',
    hourly_units: { time: 'unixtime' },
    hourly: { time: labels.map((label) => label / 1000), ...Object.fromEntries(hourly) },
  };
}

/** W/m2, the mean of the hour that ENDS at the label, with the forecaster's error of that hour. */
function radiation({ seed, sun }: Neighbourhood, labelMs: number): number {
  let sum = 0;
  for (let sample = 0; sample < samplesPerHour; sample += 1) {
    sum += sun.irradianceAt(labelMs - hourMs + ((sample + 0.5) * hourMs) / samplesPerHour);
  }
  const error = 1 + forecastError * bell(seed, 61, labelMs / hourMs);
  return (sum / samplesPerHour) * Math.max(0, error);
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
