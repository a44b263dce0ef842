/** The sun that is to come, from a service in Open-Meteo's form: asked seldom, remembered for six hours. */

import { fail, ok, type Result } from '../../core/result.ts';
import { hourMs } from '../../core/slot.ts';
import type { OutsideHealth, SunHour, Weather } from '../../ports/advice.ts';
import type { MachineClock, NeighbourhoodClock } from '../../ports/clock.ts';
import { forecastUrl, readForecast } from './forecast-form.ts';

export type WeatherOptions = {
  /** Undefined: the hub does without weather. */
  readonly baseUrl: string | undefined;
  readonly latitude: number;
  readonly longitude: number;
  readonly apiKey?: string | undefined;
  readonly clock: NeighbourhoodClock & MachineClock;
  /** Machine ms that one call may take. */
  readonly deadlineMs?: number;
};

type Forecast = { readonly hours: readonly SunHour[]; readonly fetchedAt: number };
type Call = Result<readonly SunHour[], string>;

const freshMs = 6 * hourMs;
/** One call per hub and hour: what the free service asks of its users. */
const betweenCallsMs = hourMs;
/** A demo's hour may be shorter than a second of the machine. */
const betweenCallsFloorMs = 1_000;
const deadlineDefaultMs = 5_000;
const bodyBytesMax = 262_144;

export function openWeather(options: WeatherOptions): Weather {
  const { baseUrl, clock, deadlineMs = deadlineDefaultMs } = options;
  if (baseUrl === undefined) return noWeather;
  const url = forecastUrl({ ...options, baseUrl });
  let last: Forecast | undefined;
  let lastCall: { readonly at: number; readonly machineMs: number } | undefined;
  let calling: Promise<void> | undefined;
  let state: OutsideHealth['state'] = 'unknown';
  let detail = 'not asked yet';

  const mayCall = (): boolean =>
    lastCall === undefined ||
    (clock.now() - lastCall.at >= betweenCallsMs &&
      clock.elapsedMs() - lastCall.machineMs >= betweenCallsFloorMs);

  const call = async (): Promise<void> => {
    lastCall = { at: clock.now(), machineMs: clock.elapsedMs() };
    const answer = await fetchForecast(url, deadlineMs);
    if (answer.ok) last = { hours: answer.value, fetchedAt: clock.now() };
    state = answer.ok ? 'ok' : 'unreachable';
    detail = answer.ok ? '' : answer.error;
  };

  return {
    async forecast() {
      if (calling === undefined && mayCall()) {
        calling = call().finally(() => {
          calling = undefined;
        });
      }
      await calling;
      if (last === undefined) return fail('unreachable');
      return clock.now() - last.fetchedAt > freshMs ? fail('stale') : ok(last.hours);
    },
    health: () => ({ mode: 'on', state, detail }),
  };
}

const noWeather: Weather = {
  forecast: () => Promise.resolve(fail('unreachable')),
  health: () => ({ mode: 'off', state: 'unknown', detail: 'no weather service is set' }),
};

async function fetchForecast(url: URL, deadlineMs: number): Promise<Call> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(deadlineMs),
      // A captive portal answers with a redirect to its own page.
      redirect: 'error',
      headers: { accept: 'application/json' },
    });
    if (!response.ok) {
      await response.body?.cancel();
      return fail(`the weather service answered ${response.status}`);
    }
    const text = await readBody(response);
    const hours = text === undefined ? undefined : readForecast(text);
    return hours === undefined ? fail('the weather service answered nonsense') : ok(hours);
  } catch (problem) {
    const late = problem instanceof DOMException && problem.name === 'TimeoutError';
    return fail(late ? 'the weather service is too slow' : 'the weather service is out of reach');
  }
}

/** Undefined when the body is longer than a forecast can be. */
async function readBody({ body }: Response): Promise<string | undefined> {
  if (body === null) return '';
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.byteLength;
    if (bytes > bodyBytesMax) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
