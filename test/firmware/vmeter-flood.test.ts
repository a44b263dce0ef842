// uncounted: it starts whole programs, again and again
// needs: g++ cmake ninja libsodium
// timeout: 600s
/** Virtual meters, with the very core of the device, against the real hub that dies in the middle of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MeterId } from '../../gateway/core/ids.ts';
import { builtVmeter, runVmeter, type Vmeters } from '../../gateway/simulators/vmeter/program.ts';
import { freePort } from '../adapters/mosquitto/given.ts';
import { aSignedHub, aStreet, auditStreet, storedOf, streetBegins } from './a-street.ts';

const flood = suite('a street of virtual meters');

const isFull = process.env['JIRANI_TEST_SEEDS'] === 'full';
const size = isFull
  ? { meters: 500, readings: 200, kills: 5 }
  : { meters: 50, readings: 120, kills: 2 };
const patienceMs = 120_000;
/** Of the hub's readings. */
type Counts = { readonly stored: number; readonly quarantined: Record<string, number> };

/** Resolves when so many readings are acknowledged. */
async function delivered(vmeters: Vmeters, count: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (vmeters.progress().delivered < count) {
    if (performance.now() > deadline)
      throw new Error(`only ${vmeters.progress().delivered} of ${count} were acknowledged`);
    await sleep(5);
  }
}

const floodOptions = {
  mode: 'flood',
  from: streetBegins,
  'back-off-max-ms': 400,
  'progress-ms': 20,
};

flood(
  '6: a hub killed in the middle of a flood has all that it acknowledged, without gap or double, to the mWh',
  async () => {
    const program = await builtVmeter();
    using street = aStreet(size.meters);
    const port = await freePort();
    await using hubs = new AsyncDisposableStack();
    let hub = hubs.use(await aSignedHub(street, port));
    const { metersFile: meters, acksFile: acks } = street;
    const { readings } = size;
    await using vmeters = runVmeter(program, {
      ...{ ...floodOptions, port, meters, acks, readings, sectors: 8, patience: 120 },
    });
    const all = size.meters * readings;
    for (let kill = 1; kill <= size.kills; kill++) {
      await delivered(vmeters, Math.floor((all * kill) / (size.kills + 1)));
      assert.ok(vmeters.progress().delivered < all, 'the kill came too late');
      await hub[Symbol.asyncDispose]();
      hub = hubs.use(await aSignedHub(street, port));
    }
    const summary = await vmeters.summary;
    const { counts } = await hub.ask('counts');
    await hub[Symbol.asyncDispose]();
    const audit = auditStreet(street, summary);
    assert.equal(audit.wrongEnergy, []);
    assert.equal({ missing: audit.missing, twice: audit.twice, gaps: audit.gaps }, nothingLost);
    assert.is(audit.stored, all);
    assert.is(audit.acknowledged, all);
    assert.is(summary.waiting, 0);
    assert.ok(summary.dials > size.meters, 'nobody had to dial again');
    assert.equal((counts as Counts).quarantined, {});
  },
);

flood('tell waveforms that the core has measured sample by sample', async () => {
  const program = await builtVmeter();
  using street = aStreet(4);
  const port = await freePort();
  await using hub = await aSignedHub(street, port);
  const { metersFile: meters, acksFile: acks } = street;
  await using vmeters = runVmeter(program, {
    ...{ ...floodOptions, port, meters, acks, readings: 60, source: 'signals' },
  });
  const summary = await vmeters.summary;
  await hub.ask('counts');
  const audit = auditStreet(street, summary);
  assert.equal({ ...audit, acknowledged: 0 }, { ...nothingWrong, stored: 240 });
  for (const { lastMwh } of summary.each) assert.ok(lastMwh[0] + lastMwh[1] > 1_000, `${lastMwh}`);
});

flood(
  'whose power fails together with the hub’s go on where they were, and nothing is lost',
  async () => {
    const program = await builtVmeter();
    using street = aStreet(10);
    const port = await freePort();
    const { metersFile: meters, acksFile: acks, folder: flash } = street;
    const options = { ...floodOptions, port, meters, acks, flash, sectors: 4 };
    for (let life = 0; life < 3; life++) {
      await using hub = await aSignedHub(street, port);
      await using cut = runVmeter(program, { ...options, from: streetBegins + life * 3_600 });
      await delivered(cut, 300);
      // The hub goes first: what is in flight then has only its meter's flash.
      await hub[Symbol.asyncDispose]();
    }
    await using hub = await aSignedHub(street, port);
    await using last = runVmeter(program, {
      ...{ ...options, from: streetBegins + 4 * 3_600, readings: 20 },
    });
    const summary = await last.summary;
    const { quarantined } = (await hub.ask('counts'))['counts'] as Counts;
    assert.equal(quarantined, {});
    // Of the whole street's life, not only of this last part of it.
    const whole = summary.each.map((meter) => ({ ...meter, first: 1 }));
    const audit = auditStreet(street, { ...summary, each: whole });
    assert.equal({ missing: audit.missing, twice: audit.twice, gaps: audit.gaps }, nothingLost);
    for (const { id, last: sequence, lastMwh } of summary.each) {
      const stored = storedOf(street)
        .byMeter.get(id as MeterId)
        ?.get(sequence);
      assert.equal([stored?.importMwh, stored?.exportMwh, stored?.generationMwh], lastMwh);
    }
  },
);

const nothingLost = { missing: 0, twice: 0, gaps: 0 };

flood('whose signature is another one is acknowledged and set aside, never kept', async () => {
  const program = await builtVmeter();
  using street = aStreet(3);
  using forgers = aStreet(3);
  const port = await freePort();
  // The hub knows the public keys of one street and the passwords of both.
  const [honest, forger] = [street.meters[0], forgers.meters[0]];
  if (honest === undefined || forger === undefined) throw new Error('an empty street');
  const mixed = { ...street, meters: [{ ...honest, secret: forger.secret }] };
  await using hub = await aSignedHub(mixed, port);
  await using vmeters = runVmeter(program, {
    ...{ ...floodOptions, port, meters: forgers.metersFile, acks: street.acksFile },
    ...{ readings: 5, patience: 2, seconds: 5 },
  });
  const summary = await vmeters.summary;
  const { stored, quarantined } = (await hub.ask('counts'))['counts'] as Counts;
  assert.is(summary.each[0]?.delivered, 5, 'a forged reading must not block the meter behind it');
  assert.is(stored, 0);
  assert.equal(quarantined, { 'bad-signature': 5 });
});

const nothingWrong = { acknowledged: 0, stored: 0, missing: 0, twice: 0, gaps: 0, wrongEnergy: [] };

flood.run();
