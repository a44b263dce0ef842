// uncounted: it starts whole programs, again and again
// needs: g++ cmake ninja libsodium
/** A day's power from a file, as virtual meters measure it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { storedReadings } from '../../gateway/adapters/readings/stored-readings.ts';
import { builtVmeter, runVmeter } from '../../gateway/simulators/vmeter/program.ts';
import { freePort } from '../adapters/mosquitto/given.ts';
import { aSignedHub, aStreet, streetBegins } from './a-street.ts';

const profile = suite('a profile of power');

profile('is measured to the mWh, change by change', async () => {
  const program = await builtVmeter();
  using street = aStreet(2);
  const port = await freePort();
  const [one, other] = street.meters.map(({ id }) => id);
  const startMs = (streetBegins - 1) * 1000;
  const file = join(street.folder, 'profile.csv');
  const lines = [
    'at_ms,meter,import_mw,export_mw,generation_mw,voltage_mv',
    `0,${one},3600000,0,0,230000`,
    // Half-way between two readings.
    `${startMs + 5_500},${one},0,7200000,1800000,231000`,
    `0,${other},0,0,0,229000`,
    `${startMs + 9_000},nobody,1,1,1,230000`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  await using hub = await aSignedHub(street, port);
  await using vmeters = runVmeter(program, {
    ...{ port, meters: street.metersFile, mode: 'flood', from: streetBegins },
    ...{ profile: file, readings: 10 },
  });
  const { each } = await vmeters.summary;
  await hub.ask('counts');
  // 3.6 MW·s make 1 Wh: 5.5 s of import, then 4.5 s of export.
  assert.equal(each[0]?.lastMwh, [5_500, 9_000, 2_250]);
  assert.equal(each[1]?.lastMwh, [0, 0, 0]);
  const last = [...storedReadings(street.readingsFile)].filter(
    ({ meter, sequence }) => meter === one && sequence === 10,
  );
  assert.equal(
    last.map(({ importMwh, exportMwh, powerMw, voltageMv }) => [
      ...[importMwh, exportMwh, powerMw, voltageMv],
    ]),
    [[5_500, 9_000, -7_200_000, 231_000]],
  );
});

profile('that is not to be understood ends the run, and says where', async () => {
  const program = await builtVmeter();
  using street = aStreet(1);
  const file = join(street.folder, 'profile.csv');
  writeFileSync(file, '0,meter-00000,-5,0,0,230000\n');
  await using vmeters = runVmeter(program, {
    ...{
      port: await freePort(),
      meters: street.metersFile,
      profile: file,
      seconds: 1,
      patience: 1,
    },
  });
  const why = await vmeters.summary.then(
    () => 'nothing',
    (problem: Error) => problem.message,
  );
  assert.match(why, /not a line of a profile: 0,meter-00000,-5,0,0,230000/);
});

profile.run();
