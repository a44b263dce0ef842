// needs: mosquitto
/** Home Assistant at a Mosquitto that was prepared for the hub. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readExternalUser } from '../../../gateway/adapters/mosquitto/external-user.ts';
import { openExternalBroker } from '../../../gateway/adapters/mosquitto/open-external-broker.ts';
import { run } from '../../commands/programs.ts';
import { aSink, beginIn, freePort, until } from './given.ts';

const showing = suite('Home Assistant at an existing broker');

showing('hears how meters are found from the hub, and may not say it itself', async () => {
  const path = mkdtempSync(join(tmpdir(), 'jirani-display-'));
  using _gone = { [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
  const [data, folder, port] = [join(path, 'data'), join(path, 'broker'), await freePort()];
  const env = { HUB_DATA_DIR: data, HOME_ASSISTANT: 'on' };
  await run(['households', 'add', '--id', 'k', '--name', 'K', '--phone', '0712345678'], env);
  const words = ['broker', 'config', folder, '--persistence', folder, '--port', String(port)];
  const { code, stderr } = await run(words, env);
  assert.is(code, 0, stderr);
  await using _mosquitto = await beginIn(folder, port);
  const users = readExternalUser(data);
  assert.ok(users);
  await using hub = openExternalBroker({
    ...{ url: `mqtt://127.0.0.1:${port}`, ...users.gateway, sink: aSink() },
    ...{ isRegistered: () => true, log: { info: () => {}, warn: () => {}, error: () => {} } },
  });
  const password = readFileSync(join(data, 'home-assistant-password'), 'utf8').trim();
  {
    await using display = await aDisplay(port, password);
    hub.advertise(topicOf('m-1'), '{}');
    await until('it is found', () => display.heard.get(topicOf('m-1')) === '{}');
    const options = { qos: 1, retain: true } as const;
    // Mosquitto hangs up on who says what it may not.
    await display.client.publishAsync(topicOf('m-2'), '{}', options).catch(() => {});
  }
  hub.advertise(topicOf('m-3'), '{}');
  await using display = await aDisplay(port, password);
  await until('the next is found', () => display.heard.has(topicOf('m-3')));
  assert.equal([...display.heard.keys()].sort(), ['m-1', 'm-3'].map(topicOf));
});

const topicOf = (meter: string): string => `homeassistant/device/${meter}/config`;

async function aDisplay(port: number, password: string) {
  const heard = new Map<string, string>();
  const options = { username: 'jirani.display', password, reconnectPeriod: 0 };
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, options);
  client.on('message', (topic, payload) => heard.set(topic, String(payload)));
  await client.subscribeAsync('homeassistant/+/+/config', { qos: 1 });
  return { client, heard, [Symbol.asyncDispose]: () => client.endAsync(true) };
}

showing.run();
