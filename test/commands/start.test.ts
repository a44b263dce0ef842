// uncounted: it starts whole programs, again and again
// timeout: 300s
/** The daemon as a keeper meets it: from an empty folder to the first reading, and to its end. */
import { once } from 'node:events';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aFolder, begin, type Environment, goneAfterMs, run } from './programs.ts';

const endsWithinMs = 10_000;
/** Generous: this machine may be busy with other tests. */
const firstPubackWithinMs = 15_000;

const starting = suite('starting the hub');

async function freePort(): Promise<string> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await server[Symbol.asyncDispose]();
  return String(port);
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);

/** Dials until the broker is there, and waits for the PUBACK of one reading. */
async function oneReading(url: string, meter: string, password: string): Promise<void> {
  const options = { username: meter, clientId: meter, password, reconnectPeriod: 50 };
  const client = mqtt.connect(url, options);
  const connected = Promise.withResolvers<unknown>();
  client.once('connect', connected.resolve);
  client.on('error', () => {});
  try {
    await connected.promise;
    const t = Math.floor(Date.now() / 1000);
    const reading = { v: 1, s: 1, b: 1, t, tq: 2, ei: 1000, ee: 2000 };
    await client.publishAsync(`jirani/v1/meters/${meter}/reading`, JSON.stringify(reading), {
      qos: 1,
    });
  } finally {
    await client.endAsync(true);
  }
}

starting(
  'takes a first reading from an empty folder, and hides nothing that is simulated',
  async () => {
    using folder = aFolder();
    const ports = { HTTP_PORT: await freePort(), MQTT_PORT: await freePort() };
    const env: Environment = { HUB_DATA_DIR: join(folder.path, 'data'), ...ports };
    const command = async (...words: string[]) => {
      const ended = await run([...words, '--json'], env, { cwd: folder.path });
      assert.is(ended.code, 0, ended.stderr);
      return JSON.parse(ended.stdout);
    };
    await command('households', 'add', '--id', 'k', '--name', 'Kiosk', '--phone', '0712345678');
    const { meterId, password } = await command('meters', 'add', '--household', 'k');

    const began = performance.now();
    await using hub = begin(['start'], env, { cwd: folder.path });
    await oneReading(`mqtt://127.0.0.1:${ports.MQTT_PORT}`, meterId, password);
    const pubackMs = Math.round(performance.now() - began);
    console.log(`first PUBACK ${pubackMs} ms after the start`);
    assert.ok(pubackMs < firstPubackWithinMs);

    await hub.says(/M-Pesa is SIMULATED: no money moves/);
    await hub.says(/local ledger with one operator/);
    const status = await command('status');
    assert.is(status.integrations.mpesa.mode, 'simulator');
    assert.is(status.integrations.solana.mode, 'embedded');
    assert.match(status.integrations.solana.detail, /^local ledger, one operator/);
    assert.equal([status.readings.acknowledged, status.readings.stored], [1, 1]);
    assert.equal(await command('trades', 'list'), []);
    const wallet = await command('wallets', 'show', 'k');
    assert.equal([wallet.walletCents, wallet.phone], [0, '254712***678']);
    const spoken = await run(['status'], env, { cwd: folder.path });
    assert.match(spoken.stdout, /^Jirani, version [\s\S]*\n {2}mpesa {5}simulator /);
    assert.is(hub.stdout(), '');

    const children = childrenOf(hub.pid);
    assert.is(children.length, 2);
    hub.signal('SIGTERM');
    const ms = await goneAfterMs([hub.pid, ...children]);
    assert.ok(ms < endsWithinMs, `it took ${ms} ms to end`);
    assert.is((await hub.ended).code, 0);
    const none = await run(['status'], env, { cwd: folder.path });
    assert.is(none.code, 1);
    assert.match(none.stderr, /No hub answers at http:\/\/127\.0\.0\.1:\d+\. Is it running\?/);
  },
);

starting('keeps what it compiled also when the power ends it', async () => {
  using folder = aFolder();
  const kept = join(folder.path, 'compiled');
  // Under coverage nothing is kept.
  const env = {
    ...{ HUB_DATA_DIR: join(folder.path, 'data'), NODE_COMPILE_CACHE: kept },
    NODE_V8_COVERAGE: '',
  };
  await using hub = begin(['start'], env, { cwd: folder.path });
  await hub.says(/M-Pesa is SIMULATED/);
  // Its children keep theirs when they end.
  const modules = globSync('**/*', { cwd: kept }).length;
  hub.signal('SIGKILL');
  await hub.ended;
  assert.ok(modules > 300, `${modules} files`);
});

starting('can be told to end while it still starts', async () => {
  using folder = aFolder();
  for (const waitMs of [100, 400, 800]) {
    await using hub = begin(['start'], { HUB_DATA_DIR: folder.path }, { cwd: folder.path });
    await sleep(waitMs);
    const began = performance.now();
    hub.signal('SIGTERM');
    // Its children hold its standard error: the end of that is the end of all.
    await hub.ended;
    const ms = performance.now() - began;
    assert.ok(ms < endsWithinMs, `it took ${ms} ms to end`);
  }
});

const refused = async (env: Environment): Promise<string[]> => {
  using folder = aFolder();
  const dataDir = join(folder.path, 'data');
  const place = { cwd: folder.path };
  const { code, stdout, stderr } = await run(['start'], { HUB_DATA_DIR: dataDir, ...env }, place);
  assert.is(code, 1);
  assert.is(stdout, '');
  assert.not.ok(existsSync(dataDir), 'a wrong configuration leaves no trace');
  const [title, ...problems] = stderr.trimEnd().split('\n');
  assert.is(title, 'The configuration is wrong:');
  return problems.map((line) => /^ {2}- (\w+): ./.exec(line)?.[1] ?? line);
};

starting('tells every problem of a wrong configuration at once', async () => {
  const wrong = { HTTP_PORT: 'door', SCHEME: 'barter', SURPLUS_THRESHOLD_WH: '-3' };
  assert.equal((await refused(wrong)).sort(), Object.keys(wrong).sort());
});

const realKeys = {
  MPESA_ENVIRONMENT: 'production',
  MPESA_CONSUMER_KEY: 'a',
  MPESA_CONSUMER_SECRET: 'b',
  MPESA_BUSINESS_SHORTCODE: '174379',
  MPESA_PASSKEY: 'c',
  MPESA_INITIATOR_NAME: 'd',
  MPESA_INITIATOR_PASSWORD: 'e',
  MPESA_CERTIFICATE_PATH: '/dev/null',
  PAYMENT_CALLBACK_URL: 'https://hub.example.org',
};

starting('refuses real money beside anything simulated, or without a scheme', async () => {
  assert.equal(await refused(realKeys), ['SCHEME']);
  const scheme = { ...realKeys, SCHEME: 'mini-grid' };
  assert.equal(await refused({ ...scheme, MPESA_BASE_URL: 'http://127.0.0.1:9' }), [
    'MPESA_BASE_URL',
  ]);
  assert.equal(await refused({ ...scheme, HUB_CLOCK: '0:0:600' }), ['HUB_CLOCK']);
  assert.equal(
    (await refused({ MPESA_ENVIRONMENT: 'production' })).sort(),
    [...Object.keys(realKeys).slice(1), 'SCHEME'].sort(),
  );
});

starting.run();
