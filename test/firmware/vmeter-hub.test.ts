// uncounted: it starts whole programs, again and again
// needs: g++ cmake ninja libsodium
// timeout: 300s
/** A whole hub, started as a keeper starts it, and a meter on the firmware's own core. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hashOf } from '../../gateway/adapters/ids/ids.ts';
import { openBooks } from '../../gateway/adapters/sqlite/open.ts';
import type { HouseholdId, MeterId } from '../../gateway/core/ids.ts';
import type { Msisdn } from '../../gateway/core/phone.ts';
import { epochMs } from '../../gateway/core/units.ts';
import type { CommandView } from '../../gateway/ports/meter-desk.ts';
import {
  builtVmeter,
  credentialLines,
  runVmeter,
} from '../../gateway/simulators/vmeter/program.ts';
import { enrolHousehold } from '../../gateway/steps/enrol-household.ts';
import { registerMeter } from '../../gateway/steps/register-meter.ts';
import { freePort } from '../adapters/mosquitto/given.ts';
import { aFolder, begin, type Environment, run, until } from '../commands/programs.ts';
import { publicKeyOf } from './a-street.ts';

const hubs = suite('a hub and its meter');

type Access = { readonly meterId: string; readonly password: string };

/** In the books that the hub will open. */
function enrolled(path: string): Access {
  mkdirSync(join(path, 'data'), { mode: 0o700 });
  using books = openBooks(join(path, 'data/books.db'));
  const phone = '254712345678' as Msisdn;
  const household = { id: 'k' as HouseholdId, name: 'Kiosk', phone };
  enrolHousehold({ books }, { ...household, role: 'both', language: 'en' }, epochMs(1));
  const password = randomBytes(24).toString('base64url');
  const order = { household: household.id, meter: undefined, place: 'grid' as const };
  const added = registerMeter({ books }, { ...order, passwordHash: hashOf(password) }, epochMs(1));
  if (!added.ok) throw new Error(added.error);
  return { meterId: added.value, password };
}

/** A hub that runs, with one household and one meter of it, and a folder that goes with the test. */
async function aHub() {
  const program = await builtVmeter();
  const folder = aFolder();
  const [http, mqttPort] = [await freePort(), await freePort()];
  const env: Environment = {
    ...{ HUB_DATA_DIR: join(folder.path, 'data'), HTTP_PORT: String(http) },
    ...{ MQTT_PORT: String(mqttPort), HOME_ASSISTANT: 'on', READINGS_COMMIT_MS: '20' },
  };
  const say = (...words: string[]) => run(words, env, { cwd: folder.path });
  const json = async <T>(...words: string[]): Promise<T> => {
    const { code, stdout, stderr } = await say(...words, '--json');
    assert.is(code, 0, stderr);
    return JSON.parse(stdout) as T;
  };
  const meter = enrolled(folder.path);
  const hub = begin(['start'], env, { cwd: folder.path });
  await hub.says(/Jirani runs/);
  const figures = async (): Promise<string> =>
    (await fetch(`http://127.0.0.1:${http}/metrics`)).text();
  const figure = async (pattern: RegExp): Promise<number> =>
    Number(pattern.exec(await figures())?.[1] ?? 0);
  let boards = 0;
  return {
    ...{ path: folder.path, mqttPort, env, say, json, meter },
    stored: () => figure(/^jirani_readings_stored (\d+)$/m),
    forged: () => figure(/^jirani_readings_quarantined_total\{reason="bad-signature"\} (\d+)$/m),
    books: () => openBooks(join(folder.path, 'data/books.db')),
    /** A board with this signing key and the meter's secret. */
    vmeter: (seed: Uint8Array, options: { lastSequence?: number; keepalive?: number } = {}) => {
      const file = join(folder.path, `board-${boards++}`);
      const zero = { importMwh: 0, exportMwh: 0, generationMwh: 0 };
      const from = { ...zero, lastSequence: options.lastSequence ?? 0 };
      const credentials = { id: meter.meterId, secret: meter.password, seed, from };
      writeFileSync(file, credentialLines([credentials]), { mode: 0o600 });
      return runVmeter(program, {
        ...{ port: mqttPort, meters: file, 'every-ms': 100, 'progress-ms': 50, sectors: 16 },
        ...{ clock: `${process.hrtime.bigint()}:${Date.now()}:1`, 'back-off-max-ms': 300 },
        ...{ patience: 0.1, keepalive: options.keepalive ?? 30 },
      });
    },
    [Symbol.asyncDispose]: async () => {
      await hub[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

hubs('pins the key of its first contact; a swapped board waits for the keeper', async () => {
  await using hub = await aHub();
  const { meterId } = hub.meter;
  const [first, second] = [randomBytes(32), randomBytes(32)];
  const [firstKey, secondKey] = [first, second].map((seed) => publicKeyOf(seed).toString('hex'));
  const counting = () => {
    using books = hub.books();
    return books.households.publicKeyOf(meterId as MeterId);
  };
  const offers = () => {
    using books = hub.books();
    return books.meters.keyOffers().length;
  };
  {
    await using board = hub.vmeter(first);
    await until('readings', async () => board.progress().delivered > 5);
    assert.is(counting(), firstKey);
    assert.equal([await hub.forged(), offers()], [0, 0]);
  }
  const stored = await hub.stored();
  const nobody = await hub.say('meters', 'trust-key', meterId);
  assert.is(nobody.code, 1);
  await using swapped = hub.vmeter(second, { lastSequence: 1_000 });
  await until('refused readings', async () => (await hub.forged()) > 3);
  await until('they are acknowledged', async () => swapped.progress().delivered > 3);
  assert.equal([counting(), offers(), await hub.stored()], [firstKey, 1, stored]);

  const look = await hub.json<{ offered: string; counts: string }>('meters', 'trust-key', meterId);
  assert.is.not(look.offered, look.counts);
  const wrong = await hub.say('meters', 'trust-key', meterId, look.counts);
  assert.match(wrong.stderr, /offers/);
  assert.equal([counting(), offers()], [firstKey, 1]);
  const spoken = await hub.say('meters', 'trust-key', meterId);
  assert.ok(spoken.stdout.includes(look.offered) && spoken.stdout.includes(look.counts));
  await hub.json('meters', 'trust-key', meterId, look.offered);
  assert.equal([counting(), offers()], [secondKey, 0]);
  await until('readings under the new key', async () => (await hub.stored()) > stored + 3);
  // Its connection stood all the time, and the old board is the stranger now.
  const forged = await hub.forged();
  await swapped[Symbol.asyncDispose]();
  await using _old = hub.vmeter(first, { lastSequence: 2_000 });
  await until('the old key is refused', async () => (await hub.forged()) > forged + 3);
  assert.is(offers(), 1);
});

hubs('tells it what to do: obeyed once, and not at all when it was away too long', async () => {
  await using hub = await aHub();
  const { meterId } = hub.meter;
  const tell = async (...words: string[]) => {
    const { stdout, stderr } = await hub.say('meters', 'command', meterId, ...words, '--json');
    assert.ok(stdout, stderr);
    return JSON.parse(stdout) as CommandView;
  };
  const away = await tell('identify', '--within', '1');
  assert.equal([away.state, away.outcome, away.tellings], ['expired', null, 0]);
  const waits = tell('relay', 'off', '--for', '60', '--within', '60');
  await until('it is kept', async () => {
    using books = hub.books();
    return books.meters.commandsOf(meterId as MeterId, 9).length === 2;
  });
  await using board = hub.vmeter(randomBytes(32));
  const obeyed = await waits;
  assert.equal([obeyed.state, obeyed.outcome, obeyed.tellings], ['answered', 'done', 1]);
  for (const words of [
    ['relay', 'on'],
    ['limit', '2000'],
    ['identify', '--for', '5'],
    ['calibrate', '--voltage-ppm', '-500', '--lag-ns', '120'],
  ])
    assert.is((await tell(...words)).outcome, 'done', words.join(' '));
  const bad = await hub.say('meters', 'command', meterId, 'limit', 'much');
  assert.match(bad.stderr, /whole number of watts/);
  const stranger = await hub.say('meters', 'command', 'nobody', 'identify');
  assert.match(stranger.stderr, /No such meter/);
  assert.ok(board.progress().delivered > 0);
});

hubs('12: is said to be offline within 1.5 times its keepalive of falling silent', async () => {
  await using hub = await aHub();
  const { meterId } = hub.meter;
  const password = readFileSync(join(hub.path, 'data/home-assistant-password'), 'utf8').trim();
  const heard = new Map<string, string>();
  const display = await mqtt.connectAsync({
    ...{ host: '127.0.0.1', port: hub.mqttPort, reconnectPeriod: 0 },
    ...{ username: 'jirani.display', password },
  });
  try {
    const times = { said: 0 };
    display.on('message', (topic, payload) => {
      heard.set(topic, String(payload));
      if (topic.startsWith('homeassistant/')) times.said += 1;
    });
    const filters = ['homeassistant/+/+/config', 'jirani/v1/meters/+/status'];
    await display.subscribeAsync([...filters, 'jirani/v1/meters/+/display'], { qos: 1 });
    const keepalive = 2;
    await using board = hub.vmeter(randomBytes(32), { keepalive });
    const status = `jirani/v1/meters/${meterId}/status`;
    await until('it is online', async () => heard.get(status) === 'online');
    await until('it is shown', async () => heard.has(`jirani/v1/meters/${meterId}/display`));
    process.kill(board.pid, 'SIGSTOP');
    const stalledAt = performance.now();
    await until('it is offline', async () => heard.get(status) === 'offline');
    const tookMs = performance.now() - stalledAt;
    process.kill(board.pid, 'SIGCONT');
    // The last packet may be that much older than the stop, and walks over all meters are a second apart.
    assert.ok(
      tookMs > (keepalive - 1) * 1_000 && tookMs < 1.5 * keepalive * 1_000 + 2_500,
      `${tookMs} ms`,
    );
    await assertDiscovery(hub, heard, times);
  } finally {
    await display.endAsync();
  }
});

type Hub = Awaited<ReturnType<typeof aHub>>;

/** One retained message for the meter, said once, and taken back when it is revoked. */
async function assertDiscovery(
  hub: Hub,
  heard: ReadonlyMap<string, string>,
  times: { readonly said: number },
): Promise<void> {
  const { meterId } = hub.meter;
  const topic = `homeassistant/device/${meterId}/config`;
  const config = JSON.parse(heard.get(topic) ?? '{}');
  assert.is(config.availability[0].topic, `jirani/v1/meters/${meterId}/status`);
  const shown = JSON.parse(heard.get(config.components.import.state_topic) ?? '{}');
  for (const { value_template, unique_id } of Object.values<Record<string, string>>(
    config.components,
  )) {
    assert.match(unique_id ?? '', new RegExp(`^jirani-${meterId}-`));
    const field = /value_json\.(\w+)/.exec(value_template ?? '')?.[1] ?? '';
    assert.type(shown[field], 'number', field);
  }
  assert.is(times.said, 1);
  await hub.say('meters', 'revoke', meterId);
  await until('it is taken back', async () => heard.get(topic) === '');
  assert.is(times.said, 2);
}

hubs('flash-config writes a file that only its owner reads, and the old secret ends', async () => {
  await using hub = await aHub();
  const { meterId, password } = hub.meter;
  const out = join(hub.path, 'meter.conf');
  writeFileSync(out, 'old', { mode: 0o644 });
  const words = ['meters', 'flash-config', meterId, '--out', out, '--hub', '192.168.1.20'];
  const { stdout } = await hub.say(...words);
  assert.match(stdout, /this one is new/);
  assert.is((statSync(out).mode & 0o777).toString(8), '600');
  const lines = readFileSync(out, 'utf8').split('\n');
  assert.equal(lines.slice(0, 2), ['jirani-meter=1', `id=${meterId}`]);
  const secret = /^secret=(.*)$/.exec(lines[2] ?? '')?.[1] ?? '';
  assert.match(lines[3] ?? '', /^hub=mqtts:\/\/192\.168\.1\.20:\d+$/);
  assert.not.ok(stdout.includes(secret));
  const enters = async (given: string): Promise<boolean> => {
    const options = { host: '127.0.0.1', port: hub.mqttPort, reconnectPeriod: 0 };
    const who = { clientId: meterId, username: meterId, password: given };
    const client = await mqtt.connectAsync({ ...options, ...who }).catch(() => undefined);
    await client?.endAsync();
    return client !== undefined;
  };
  assert.equal([await enters(secret), await enters(password)], [true, false]);
});

hubs.run();
