import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { epochMs } from '../../../gateway/core/units.ts';
import { hourMs } from '../../../gateway/simulators/neighbourhood/local-time.ts';
import { makeNeighbourhood } from '../../../gateway/simulators/neighbourhood/model.ts';
import { startWeatherSimulator } from '../../../gateway/simulators/weather/server.ts';

const originMs = Date.parse('2026-03-10T00:00:00+03:00');
const neighbourhood = makeNeighbourhood({ seed: 1, households: 6, originMs });
const clock = {
  now: () => epochMs(neighbourhood.startMs),
  speed: 1,
  trust: () => 'trusted' as const,
};
const question =
  '/v1/forecast?latitude=-1.2&longitude=36.8&hourly=temperature_2m,cloud_cover,shortwave_radiation&forecast_days=2&timeformat=unixtime&timezone=UTC';

type Answer = { hourly: { time: number[]; shortwave_radiation: number[]; cloud_cover: number[] } };

const forecasting = suite('forecasting the neighbourhood’s sun');

forecasting('labels the mean of an hour with that hour’s end, within a modest error', async () => {
  const server = await startWeatherSimulator({ neighbourhood, clock });
  const { hourly } = (await (await fetch(server.url + question)).json()) as Answer;
  await server.stop();
  assert.is(hourly.time.length, 48);
  assert.is(hourly.shortwave_radiation.length, 48);
  assert.is((hourly.time[1] ?? 0) - (hourly.time[0] ?? 0), 3600);
  // 06:00 EAT ends an hour of night; 07:00 ends the hour in which the sun came up.
  const at = (eatHour: number) => {
    const labelMs = Date.parse('2026-03-12T00:00:00+03:00') + eatHour * hourMs;
    return hourly.shortwave_radiation[hourly.time.indexOf(labelMs / 1000)] ?? -1;
  };
  assert.is(at(6), 0);
  assert.ok(at(7) > 0);
  assert.ok(at(12) > at(7));
  assert.is(at(20), 0);
  const forecastWh = [...Array(24).keys()].slice(4).reduce((sum, hour) => sum + at(hour), 0);
  let trueWh = 0;
  for (let minute = 0; minute < 1440; minute += 1) {
    trueWh +=
      neighbourhood.sun.irradianceAt(Date.parse('2026-03-12T00:00:00+03:00') + minute * 60_000) /
      60;
  }
  assert.ok(Math.abs(forecastWh / trueWh - 1) < 0.15, `${forecastWh} for ${trueWh}`);
});

forecasting('refuses a question without a place', async () => {
  const server = await startWeatherSimulator({ neighbourhood, clock });
  const answer = await fetch(`${server.url}/v1/forecast?longitude=36.8&timeformat=unixtime`);
  assert.is(answer.status, 400);
  assert.is(((await answer.json()) as { error: boolean }).error, true);
  await server.stop();
});

forecasting('can be away and come back on the same port', async () => {
  const server = await startWeatherSimulator({ neighbourhood, clock });
  await server.stop();
  assert.is(await fetch(server.url + question).catch(() => 'away'), 'away');
  await server.resume();
  assert.is((await fetch(server.url + question)).status, 200);
  await server.stop();
});

forecasting.run();
