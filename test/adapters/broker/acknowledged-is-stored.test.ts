import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type mqtt from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { storedReadings } from '../../../gateway/adapters/readings/stored-readings.ts';
import { aFile, aReading, onDisk, opened, storedSequences } from '../readings/given.ts';
import { aBroker, connected, corner, readingTopic } from './given.ts';

const promise = suite('what is acknowledged is stored');

const storedRows = (file: string): string[] =>
  [...storedReadings(file)].map(({ meter, sequence }) => `${meter} ${sequence}`);

promise('finds the row on the disk at the moment of the PUBACK', async () => {
  await using disk = await aFile();
  await using readings = await opened(disk.file, { commitMs: 100 });
  await using broker = await aBroker(readings);
  await using meter = await connected(broker.port, corner);
  for (let s = 0; s < 5; s++) {
    await meter.publishAsync(readingTopic(corner), aReading(s), { qos: 1 });
    assert.is(storedSequences(disk.file).at(-1), s);
  }
});

promise('stores 100 readings of each of 20 meters once, though each comes twice', async () => {
  await using disk = await aFile();
  await using readings = await opened(disk.file);
  await using broker = await aBroker(readings);
  const names = Array.from({ length: 20 }, (_, n) => `meter-${n}`);
  await Promise.all(
    names.map(async (name) => {
      await using meter = await connected(broker.port, name);
      const numbers = Array.from({ length: 200 }, (_, n) => n % 100);
      await Promise.all(
        numbers.map((s) => meter.publishAsync(readingTopic(name), aReading(s), { qos: 1 })),
      );
    }),
  );
  const rows = storedRows(disk.file);
  assert.is(rows.length, 2000);
  assert.is(new Set(rows).size, 2000);
  assert.equal(readings.counts(), {
    ...{ stored: 2000, settled: 4000, duplicates: 2000, quarantined: {} },
  });
});

promise('adds no row when meters send everything again after a restart', async () => {
  await using disk = await aFile();
  for (let life = 0; life < 2; life++) {
    await using readings = await opened(disk.file);
    await using broker = await aBroker(readings);
    await using meter = await connected(broker.port, corner);
    const all = Array.from({ length: 50 }, (_, s) => aReading(s));
    await Promise.all(
      all.map((payload) => meter.publishAsync(readingTopic(corner), payload, { qos: 1 })),
    );
    assert.is(storedSequences(disk.file).length, 50);
  }
});

/** Sends one reading after another, ten in flight, until the hub is gone. */
function sendUntilGone(meter: mqtt.MqttClient, name: string, from: number, acked: Set<string>) {
  return new Promise<number>((resolve) => {
    let next = from;
    const send = () => {
      const s = next++;
      meter.publish(readingTopic(name), aReading(s), { qos: 1 }, (error) => {
        if (error || !meter.connected) return;
        acked.add(`${name} ${s}`);
        send();
      });
    };
    meter.once('close', () => resolve(next));
    for (let n = 0; n < 10; n++) send();
  });
}

promise('keeps every acknowledged reading through three kills under load', async () => {
  await using disk = await aFile();
  const acked = new Set<string>();
  const names = ['meter-a', 'meter-b', 'meter-c', 'meter-d'];
  let from = 0;
  for (let round = 0; round < 3; round++) {
    const target = fileURLToPath(new URL('kill-target.ts', import.meta.url));
    const hub = spawn(process.execPath, [target, disk.file, '20'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(hub.stdout, 'data');
    const port = Number(String(line));
    const meters = await Promise.all(names.map((name) => connected(port, name)));
    const sending = names.map((name, index) =>
      sendUntilGone(meters[index] as mqtt.MqttClient, name, from, acked),
    );
    setTimeout(() => hub.kill('SIGKILL'), 200 + Math.random() * 300);
    from = Math.max(...(await Promise.all(sending)));
    for (const meter of meters) meter.end(true);
    if (hub.exitCode === null && hub.signalCode === null) await once(hub, 'exit');
  }
  const [check] = onDisk<{ quick_check: string }>(disk.file, 'PRAGMA quick_check');
  assert.is(check?.quick_check, 'ok');
  const rows = storedRows(disk.file);
  const stored = new Set(rows);
  assert.is(stored.size, rows.length, 'nothing twice');
  assert.ok(acked.size > 100, `only ${acked.size} were acknowledged`);
  assert.equal(
    [...acked].filter((name) => !stored.has(name)),
    [],
  );
});

promise.run();
