// uncounted: it starts whole programs, again and again
// needs: g++ cmake ninja libsodium mosquitto
// timeout: 600s
/** The same meters against Debian's Mosquitto, with the hub behind it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mosquittoHashOf } from '../../gateway/adapters/mosquitto/password-hash.ts';
import type { MeterId } from '../../gateway/core/ids.ts';
import { builtVmeter, runVmeter, type Vmeters } from '../../gateway/simulators/vmeter/program.ts';
import { aMosquitto, aVisitor, until } from '../adapters/mosquitto/given.ts';
import { aSignedHub, aStreet, auditStreet, type Street, streetBegins } from './a-street.ts';

const outside = suite('11: virtual meters behind Mosquitto');

const isFull = process.env['JIRANI_TEST_SEEDS'] === 'full';
const size = isFull ? { meters: 200, readings: 100 } : { meters: 20, readings: 40 };
const gateway = { username: 'jirani.gateway', password: 'secret of jirani.gateway' };

const aBrokerFor = ({ meters }: Street) =>
  aMosquitto({
    meters: new Map(meters.map(({ id, secret }) => [id as MeterId, mosquittoHashOf(secret)])),
  });

const delivered = (vmeters: Vmeters, count: number) =>
  until(`${count} readings were acknowledged`, () => vmeters.progress().delivered >= count);

outside(
  'all they told is stored once, though the hub and then the broker die in between',
  async () => {
    const program = await builtVmeter();
    using street = aStreet(size.meters);
    await using broker = await aBrokerFor(street);
    const outsideBroker = { url: broker.url, ...gateway };
    await using hubs = new AsyncDisposableStack();
    let hub = hubs.use(await aSignedHub(street, 0, outsideBroker));
    // Mosquitto keeps for the hub what comes while it is dead, once it has been there.
    await sleep(1_000);
    const { metersFile: meters, acksFile: acks } = street;
    await using vmeters = runVmeter(program, {
      ...{ port: broker.port, meters, acks, mode: 'flood', from: streetBegins },
      ...{ readings: size.readings, patience: 60, 'back-off-max-ms': 400, 'progress-ms': 20 },
    });
    const all = size.meters * size.readings;
    await delivered(vmeters, all / 4);
    await hub[Symbol.asyncDispose]();
    await delivered(vmeters, all / 2);
    // It writes down what it has, and goes; the meters dial until it is back.
    await broker.end('SIGTERM');
    await broker.begin();
    hub = hubs.use(await aSignedHub(street, 0, outsideBroker));
    const summary = await vmeters.summary;
    const isStored = async () => {
      const { counts } = (await hub.ask('counts')) as { counts: { stored: number } };
      return counts.stored;
    };
    let [before, now] = [-1, await isStored()];
    while (now !== before) {
      await sleep(1_000);
      [before, now] = [now, await isStored()];
    }
    await hub[Symbol.asyncDispose]();
    const audit = auditStreet(street, summary);
    assert.equal(audit, {
      ...{ acknowledged: all, stored: all, missing: 0, twice: 0, gaps: 0, wrongEnergy: [] },
    });
  },
);

outside('12: the broker tells the last will of a meter that falls silent', async () => {
  const program = await builtVmeter();
  using street = aStreet(1);
  const name = street.meters[0]?.id ?? '';
  await using broker = await aBrokerFor(street);
  await using ear = await aVisitor(broker.port, 'jirani.gateway');
  const said: string[] = [];
  ear.on('message', (_topic, payload) => void said.push(payload.toString()));
  await ear.subscribeAsync(`jirani/v1/meters/${name}/status`, { qos: 1 });
  await using vmeters = runVmeter(program, {
    ...{ port: broker.port, meters: street.metersFile, keepalive: 1, 'every-ms': 200 },
  });
  await until('it is online', () => said.includes('online'));
  const stalledAtMs = performance.now();
  process.kill(vmeters.pid, 'SIGSTOP');
  await until('it is offline', () => said.at(-1) === 'offline');
  // One and a half keepalives of a second, and what a busy machine takes besides.
  assert.ok(performance.now() - stalledAtMs < 10_000);
  process.kill(vmeters.pid, 'SIGCONT');
  await until('it is back', () => said.at(-1) === 'online');
});

outside.run();
