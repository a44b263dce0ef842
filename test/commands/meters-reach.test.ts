// uncounted: it starts whole programs, again and again
// needs: mosquitto, mosquitto_pub
/** The ways in which a meter can reach a hub that was started as a keeper starts it. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { storedReadings } from '../../gateway/adapters/readings/stored-readings.ts';
import { beginIn, freePort } from '../adapters/mosquitto/given.ts';
import { aFolder, begin, type Environment, run, until } from './programs.ts';

const reaching = suite('a meter reaches a started hub');

const aReading = (s: number): string => {
  const t = Math.floor(Date.now() / 1000);
  return JSON.stringify({ v: 1, s, b: 1, t: t + s, tq: 2, ei: 1000 + s, ee: 0 });
};

async function aHubFolder() {
  const folder = aFolder();
  const env: Environment = {
    HUB_DATA_DIR: join(folder.path, 'data'),
    HTTP_PORT: String(await freePort()),
  };
  const command = async (...words: string[]) => {
    const ended = await run(words, env, { cwd: folder.path });
    assert.is(ended.code, 0, ended.stderr);
    return ended.stdout;
  };
  await command('households', 'add', '--id', 'k', '--name', 'Kiosk', '--phone', '0712345678');
  const meter = JSON.parse(await command('meters', 'add', '--household', 'k', '--json'));
  return {
    ...{ path: folder.path, env, command, meter },
    stored: () => [...storedReadings(join(folder.path, 'data/readings.db'))].length,
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

const publish = (port: number, meterId: string, payload: string, ...words: string[]) => {
  const at = ['-h', '127.0.0.1', '-p', String(port), '-i', meterId, '-q', '1'];
  const what = ['-t', `jirani/v1/meters/${meterId}/reading`, '-m', payload];
  const { status, stderr } = spawnSync('mosquitto_pub', [...at, ...what, ...words]);
  return status === 0 ? 'acknowledged' : String(stderr);
};

reaching(
  'over TLS with the key that is the SHA-256 of its password, and with no other',
  async () => {
    using folder = await aHubFolder();
    const { meterId, password } = folder.meter;
    const port = await freePort();
    const env = { ...folder.env, MQTTS_PORT: String(port) };
    await using hub = begin(['start'], env, { cwd: folder.path });
    await hub.says(/Jirani runs/);
    const psk = createHash('sha256').update(password).digest('hex');
    const withKey = (key: string) => [
      '--psk-identity',
      meterId,
      '--psk',
      key,
      '--tls-version',
      'tlsv1.2',
    ];
    assert.is(publish(port, meterId, aReading(1), ...withKey(psk)), 'acknowledged');
    assert.is(folder.stored(), 1);
    const wrong = psk.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    assert.is.not(publish(port, meterId, aReading(2), ...withKey(wrong)), 'acknowledged');
    assert.is(folder.stored(), 1);
  },
);

reaching(
  'through an existing Mosquitto, also with what it sent while the hub was away',
  async () => {
    using folder = await aHubFolder();
    const { meterId, password } = folder.meter;
    const port = await freePort();
    const env = { ...folder.env, MQTT_BROKER: `mqtt://127.0.0.1:${port}` };
    const early = await run(['start'], env, { cwd: folder.path });
    assert.is(early.code, 1);
    assert.match(early.stderr, /hub broker config FOLDER` first/);

    const broker = join(folder.path, 'broker');
    await folder.command(
      'broker',
      'config',
      broker,
      '--port',
      String(port),
      '--persistence',
      broker,
    );
    await using _house = await beginIn(broker, port);
    const user = ['-u', meterId, '-P', password];
    for (const first of [1, 11]) {
      await using hub = begin(['start'], env, { cwd: folder.path });
      await hub.says(/Jirani runs/);
      const status = async () =>
        JSON.parse((await run(['status', '--json'], env, { cwd: folder.path })).stdout);
      await until(
        'the hub at the broker',
        async () => (await status()).integrations.broker.state === 'ok',
      );
      assert.is((await status()).integrations.broker.mode, 'external');
      assert.is(publish(port, meterId, aReading(first), ...user), 'acknowledged');
      await until('its reading', async () => folder.stored() === (first === 1 ? 1 : 3));
      hub.signal('SIGTERM');
      await hub.ended;
      assert.is(publish(port, meterId, aReading(first + 1), ...user), 'acknowledged');
    }
  },
);

reaching.run();
