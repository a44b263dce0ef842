// needs: mosquitto
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  aMosquitto,
  arrived,
  aSink,
  committing,
  corner,
  introduced,
  kiosk,
  publish,
  until,
} from './given.ts';

const restarting = suite('a Mosquitto that is started anew');

const fileTimeMs = (file: string): number =>
  statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** What a hub stores that comes back now; `last` was published after everything else. */
async function storedUntil(url: string, last: string): Promise<string[]> {
  const sink = aSink();
  using commits = committing(sink);
  await using hub = await arrived(sink, url);
  await until('the last came', () => sink.stored.includes(last));
  void [commits, hub];
  return sink.stored.filter((payload) => payload !== last);
}

restarting('in good order has kept every reading for the hub', async () => {
  await using house = await aMosquitto();
  await introduced(house.url);
  const said = await publish(house.port, corner, 1, 500);
  await house.end('SIGTERM');
  await house.begin();
  const [last = ''] = await publish(house.port, kiosk, 1, 1);
  assert.equal(await storedUntil(house.url, last), said);
});

// This is why docs/mosquitto.md calls it weaker than the hub's own broker.
restarting('after it was killed has only what it had saved, whatever it acknowledged', async () => {
  await using house = await aMosquitto();
  const saved = join(house.folder, 'mosquitto.db');
  await introduced(house.url);
  const early = await publish(house.port, corner, 1, 50);
  house.signal('SIGUSR1');
  await until('it was saved', () => fileTimeMs(saved) > 0);
  const late = await publish(house.port, corner, 51, 80);
  await house.end('SIGKILL');
  await house.begin();
  const [last = ''] = await publish(house.port, kiosk, 1, 1);
  assert.equal(await storedUntil(house.url, last), early);
  assert.is(late.length, 30, 'these were acknowledged, and are lost');
});

restarting('without its memory of the hub is noticed and counted', async () => {
  await using house = await aMosquitto();
  const sink = aSink();
  await using hub = await arrived(sink, house.url);
  await house.end('SIGKILL');
  await until('the broker is away', () => hub.health().state === 'away');
  await house.begin();
  await until('the hub is back', () => hub.health().state === 'ok');
  assert.is(hub.refused()['session-lost'], 1);
  await publish(house.port, corner, 1, 1);
  await until('the hub hears meters again', () => sink.taken.length === 1);
});

restarting.run();
