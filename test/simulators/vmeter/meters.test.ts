// needs: g++ cmake ninja libsodium
/** The neighbourhood's meters on the core of the firmware. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startBroker } from '../../../gateway/adapters/broker/start-broker.ts';
import { storedReadings } from '../../../gateway/adapters/readings/stored-readings.ts';
import type { MeterId } from '../../../gateway/core/ids.ts';
import { simulatedClock } from '../../../gateway/simulators/clock/scaled-clock.ts';
import { makeNeighbourhood } from '../../../gateway/simulators/neighbourhood/model.ts';
import { startVmeters } from '../../../gateway/simulators/vmeter/meters.ts';
import { builtVmeter, whyNoVmeter } from '../../../gateway/simulators/vmeter/program.ts';
import { aFile, opened } from '../../adapters/readings/given.ts';

const originMs = Date.parse('2026-03-10T00:00:00+03:00');
const neighbourhood = makeNeighbourhood({ seed: 1, households: 6, originMs });
const meterIds = neighbourhood.households.flatMap(({ meters }) => meters.map(({ id }) => id));
const passwords = Object.fromEntries(meterIds.map((id) => [id, `secret of ${id}`]));
const log = { info: () => {}, warn: () => {}, error: () => {} };

const telling = suite('meters with the core of the firmware');

telling('show to the mWh what flowed in the model, and count on from where they were', async () => {
  const program = await builtVmeter();
  await using disk = await aFile();
  const clock = simulatedClock({
    originMachineNs: process.hrtime.bigint(),
    originNeighbourhoodMs: neighbourhood.startMs,
    speed: 1_200,
  });
  await using readings = await opened(disk.file, { now: () => clock.now() });
  await using broker = await startBroker({
    ...{ host: '127.0.0.1', port: 0, sink: readings, connectionsMax: 50, log },
    credentials: {
      keyOf: (meter) => passwords[meter],
      check: (username, password) =>
        passwords[username] === Buffer.from(password).toString()
          ? { kind: 'meter', meter: username as MeterId }
          : undefined,
    },
  });
  const meters = startVmeters({
    ...{ program, neighbourhood, passwords, clock, boot: 7 },
    url: `mqtt://127.0.0.1:${broker.port}`,
    firstSequence: { 'm-h01-grid': 230 },
  });
  const deadline = performance.now() + 60_000;
  while (meters.acknowledged() < 80 && performance.now() < deadline) await sleep(20);
  await meters.finish();
  await readings.flush();
  assert.ok(meters.acknowledged() >= 80, `${meters.acknowledged()} were acknowledged`);
  const stored = [...storedReadings(disk.file)];
  assert.is(stored.length, meters.acknowledged());
  const households = new Map(
    neighbourhood.households.flatMap(({ id, meters: own }) =>
      own.map((meter) => [meter.id, { household: id, place: meter.place }] as const),
    ),
  );
  for (const reading of stored) {
    const at = households.get(reading.meter);
    assert.ok(at !== undefined);
    const shown = neighbourhood.registersAt(at.household, reading.at);
    const { importMwh, exportMwh, generationMwh, boot } = reading;
    const isGrid = at.place === 'grid';
    assert.equal(
      { importMwh, exportMwh, generationMwh, boot },
      {
        importMwh: isGrid ? shown.importMwh : 0,
        exportMwh: isGrid ? shown.exportMwh : 0,
        generationMwh: isGrid ? 0 : shown.generationMwh,
        boot: 7,
      },
      `${reading.meter} at ${new Date(reading.at).toISOString()}`,
    );
  }
  const firstOf = (meter: string) =>
    Math.min(...stored.filter((one) => one.meter === meter).map(({ sequence }) => sequence));
  assert.is(firstOf('m-h01-grid'), 230);
  assert.is(firstOf('m-h02-pv'), 1);
  assert.ok(meters.acknowledgedBy('m-h01-grid') > 0);
});

telling('say what must be installed where they cannot be built', () => {
  assert.is(
    whyNoVmeter((file) => !file.includes('sodium') && !file.includes('g++')),
    'the virtual meters cannot be built here: apt-get install g++ libsodium-dev',
  );
  assert.is(
    whyNoVmeter(() => true),
    undefined,
  );
});

telling.run();
