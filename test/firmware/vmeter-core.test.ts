// uncounted: it starts whole programs, again and again
// needs: g++ cmake ninja libsodium
// timeout: 600s
/** The virtual meters are no stand-in: they are linked from the core itself, and its faults reach the hub. */
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { storedReadings } from '../../gateway/adapters/readings/stored-readings.ts';
import { runVmeter } from '../../gateway/simulators/vmeter/program.ts';
import { freePort } from '../adapters/mosquitto/given.ts';
import { aSignedHub, aStreet, streetBegins } from './a-street.ts';
import { makeFirmware, run } from './make.ts';

const core = suite('the core in virtual meters');

const symbolsOf = (file: string): string[] => {
  const { stdout, status } = run('nm', ['-C', '--defined-only', '--extern-only', file]);
  assert.is(status, 0);
  return stdout
    .split('\n')
    .map((line) => / [TW] (jirani::.*)$/.exec(line)?.[1] ?? '')
    .filter((name) => name !== '');
};

core('1: is the library that the core’s own tests check', () => {
  const program = makeFirmware('vmeter');
  const library = symbolsOf(join(dirname(program), 'core/libjirani_core.a'));
  const linked = new Set(symbolsOf(program));
  for (const one of ['Metering::increment', 'FlashLog::append', 'MqttClient::feed', 'Meter::tick'])
    assert.ok(
      [...linked].some((name) => name.startsWith(`jirani::${one}(`)),
      one,
    );
  assert.ok(library.filter((name) => linked.has(name)).length > 40);
});

/** What a minute of the same waveforms adds at the hub, mWh by meter. */
async function energyOf(fault: number): Promise<Map<string, [imported: number, exported: number]>> {
  const program = makeFirmware('vmeter', { fault });
  using street = aStreet(6);
  const port = await freePort();
  await using hub = await aSignedHub(street, port);
  await using vmeters = runVmeter(program, {
    ...{ port, meters: street.metersFile, mode: 'flood', from: streetBegins, readings: 60 },
    ...{ source: 'signals', seed: 5 },
  });
  await vmeters.summary;
  await hub.ask('counts');
  const energy = new Map<string, [number, number]>();
  for (const { meter, importMwh, exportMwh } of storedReadings(street.readingsFile)) {
    const [imported, exported] = energy.get(meter) ?? [0, 0];
    energy.set(meter, [Math.max(imported, importMwh), Math.max(exported, exportMwh)]);
  }
  assert.is(energy.size, 6);
  return energy;
}

core('1: a flipped current sign or a wrong phase is seen at the hub', async () => {
  const good = await energyOf(0);
  const again = await energyOf(0);
  assert.equal([...again], [...good], 'the same waveforms are the same energy');
  const flipped = await energyOf(1);
  for (const [meter, [imported, exported]] of good) {
    const [otherImported, otherExported] = flipped.get(meter) ?? [0, 0];
    assert.is(imported > exported, otherExported > otherImported, meter);
  }
  const shifted = await energyOf(2);
  const worst = Math.max(
    ...[...good].map(([meter, [imported, exported]]) => {
      const [otherImported, otherExported] = shifted.get(meter) ?? [0, 0];
      return Math.abs(otherImported + otherExported - imported - exported) / (imported + exported);
    }),
  );
  // The class of the accuracy table is 0.1 %.
  assert.ok(worst > 0.003, `${worst}`);
});

core.run();
