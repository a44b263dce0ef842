import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { steppedClock } from '../../../gateway/adapters/clock/stepped-clock.ts';
import { readForecast } from '../../../gateway/adapters/weather/forecast-form.ts';
import { openWeather } from '../../../gateway/adapters/weather/weather.ts';
import { sunAhead } from '../../../gateway/core/advice.ts';
import { hourMs } from '../../../gateway/core/slot.ts';
import { makeNeighbourhood } from '../../../gateway/simulators/neighbourhood/model.ts';
import { startWeatherSimulator } from '../../../gateway/simulators/weather/server.ts';

const originMs = Date.parse('2026-03-10T00:00:00+03:00');
const neighbourhood = makeNeighbourhood({ seed: 1, households: 6, originMs });

async function given() {
  const clock = steppedClock(neighbourhood.startMs);
  const sky = await startWeatherSimulator({ neighbourhood, clock });
  const place = { latitude: -1.17, longitude: 36.83, clock, deadlineMs: 400 };
  return { clock, sky, weather: openWeather({ baseUrl: sky.url, ...place }) };
}

/** A service that answers as the test says. */
async function aService(listener: RequestListener) {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    weather: openWeather({
      baseUrl: `http://127.0.0.1:${port}`,
      latitude: -1.17,
      longitude: 36.83,
      clock: steppedClock(neighbourhood.startMs),
      deadlineMs: 400,
    }),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const looking = suite('looking at the sky to come');

looking('tells of the two weeks before too, so that today can be compared with them', async () => {
  const { clock, sky, weather } = await given();
  const answer = await weather.forecast();
  await sky.stop();
  assert.ok(answer.ok);
  const first = Math.min(...answer.value.map(({ from }) => from));
  assert.ok(clock.now() - first >= 14 * 24 * hourMs);
  const ahead = sunAhead(answer.value, clock.now());
  assert.ok(ahead !== undefined && ahead > 0.3 && ahead < 2, `${ahead}`);
});

looking('speaks of an hour by its beginning, though the service labels its end', async () => {
  const { sky, weather } = await given();
  const answer = await weather.forecast();
  await sky.stop();
  assert.ok(answer.ok);
  if (!answer.ok) return;
  const day = Date.parse('2026-03-12T00:00:00+03:00');
  const from = (hour: number) =>
    answer.value.find((sun) => sun.from === day + hour * hourMs)?.wattsPerM2;
  assert.is(from(5), 0, 'the hour from five is night');
  assert.ok((from(6) ?? 0) > 0, 'the sun comes up in the hour from six');
  let trueWatts = 0;
  for (let minute = 0; minute < 60; minute += 1) {
    trueWatts += neighbourhood.sun.irradianceAt(day + 10 * hourMs + minute * 60_000) / 60;
  }
  assert.ok(Math.abs((from(10) ?? 0) / trueWatts - 1) < 0.4);
  assert.equal(weather.health(), { mode: 'on', state: 'ok', detail: '' });
});

looking('reads a label as the end of its hour, to the second', () => {
  const text = JSON.stringify({
    hourly: { time: [7200, 10_800], shortwave_radiation: [150.4, null] },
  });
  assert.equal(readForecast(text), [{ from: 3_600_000, wattsPerM2: 150 }]);
});

looking('takes no negative light', async () => {
  const { sky, weather } = await given();
  sky.setMode('negative');
  const answer = await weather.forecast();
  await sky.stop();
  assert.ok(answer.ok && answer.value.every(({ wattsPerM2 }) => wattsPerM2 === 0));
});

looking('asks at most once an hour, and once for all who ask together', async () => {
  const { clock, sky, weather } = await given();
  await Promise.all([weather.forecast(), weather.forecast(), weather.forecast()]);
  clock.advance(hourMs - 1);
  await weather.forecast();
  assert.is(sky.asked(), 1);
  clock.advance(1);
  await weather.forecast();
  assert.is(sky.asked(), 2);
  await sky.stop();
});

looking('waits a second of the machine even where an hour is shorter', async () => {
  const sky = await startWeatherSimulator({ neighbourhood, clock: steppedClock(originMs) });
  const inner = steppedClock(originMs);
  let machineMs = 0;
  const clock = { ...inner, elapsedMs: () => machineMs };
  const weather = openWeather({ baseUrl: sky.url, latitude: 0, longitude: 0, clock });
  await weather.forecast();
  inner.advance(2 * hourMs);
  machineMs = 999;
  await weather.forecast();
  assert.is(sky.asked(), 1);
  machineMs = 1_000;
  await weather.forecast();
  assert.is(sky.asked(), 2);
  await sky.stop();
});

looking('remembers a forecast for six hours of outage, then calls it stale', async () => {
  const { clock, sky, weather } = await given();
  assert.ok((await weather.forecast()).ok);
  await sky.stop();
  clock.advance(6 * hourMs);
  assert.ok((await weather.forecast()).ok);
  assert.is(weather.health().state, 'unreachable');
  clock.advance(1);
  assert.equal(await weather.forecast(), { ok: false, error: 'stale' });
  await sky.resume();
  clock.advance(hourMs);
  assert.ok((await weather.forecast()).ok);
  await sky.stop();
});

looking('says that nothing can be reached when nothing ever was', async () => {
  const { sky, weather } = await given();
  await sky.stop();
  assert.equal(await weather.forecast(), { ok: false, error: 'unreachable' });
  assert.equal(weather.health(), {
    mode: 'on',
    state: 'unreachable',
    detail: 'the weather service is out of reach',
  });
});

looking('does without a service that is slow, busy or talks nonsense', async () => {
  for (const mode of ['hang', 'busy', 'garbage'] as const) {
    const { sky, weather } = await given();
    sky.setMode(mode);
    const begun = performance.now();
    assert.equal(await weather.forecast(), { ok: false, error: 'unreachable' }, mode);
    assert.ok(performance.now() - begun < 900, mode);
    assert.is(weather.health().state, 'unreachable');
    await sky.stop();
  }
});

looking('reads no body without end, no body that drips, and follows nobody elsewhere', async () => {
  const flood: RequestListener = (_request, response) => {
    const pour = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      if (!response.destroyed) response.once('drain', pour);
    };
    pour();
  };
  const drip: RequestListener = (_request, response) => void response.write('{"hourly":');
  const portal: RequestListener = (_request, response) =>
    void response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end();
  const uneven: RequestListener = (_request, response) =>
    void response.end('{"hourly":{"time":[3600,7200],"shortwave_radiation":[1]}}');
  const padded: RequestListener = (_request, response) =>
    void response.end(`{"hourly":{"time":[3600],"shortwave_radiation":[1]}}${' '.repeat(300_000)}`);
  for (const listener of [flood, padded, drip, portal, uneven]) {
    const { weather, close } = await aService(listener);
    assert.equal(await weather.forecast(), { ok: false, error: 'unreachable' });
    close();
  }
});

looking('is off when no service is set', async () => {
  const weather = openWeather({
    baseUrl: undefined,
    latitude: 0,
    longitude: 0,
    clock: steppedClock(0),
  });
  assert.equal(await weather.forecast(), { ok: false, error: 'unreachable' });
  assert.is(weather.health().mode, 'off');
});

looking.run();
