// needs: mosquitto
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { usualClientId } from '../../../gateway/adapters/mosquitto/open-external-broker.ts';
import { certificatePem, privateKeyPem } from '../daraja/certificate.ts';
import {
  aHub,
  aMosquitto,
  arrived,
  aSink,
  aVisitor,
  corner,
  freePort,
  hangUp,
  introduced,
  kiosk,
  publish,
  readingTopic,
  until,
} from './given.ts';

const entering = suite('who may do what on the configured Mosquitto');

const badUserNameOrPassword = 4;
const notAuthorized = 5;

async function refusedWith(port: number, options: mqtt.IClientOptions): Promise<unknown> {
  const at = { host: '127.0.0.1', port, reconnectPeriod: 0 };
  const outcome = await mqtt.connectAsync({ ...at, ...options }).catch((error) => error);
  if (outcome instanceof Error) return (outcome as Error & { code?: number }).code;
  await outcome.endAsync(true);
  return 'let in';
}

entering('nobody without a name, with a wrong password or unknown', async () => {
  await using house = await aMosquitto();
  const password = `secret of ${corner}`;
  assert.is(await refusedWith(house.port, { username: corner, password }), 'let in');
  const wrong = await refusedWith(house.port, { username: corner, password: 'guess' });
  const unknown = await refusedWith(house.port, { username: 'thief', password });
  const nameless = await refusedWith(house.port, {});
  for (const code of [wrong, unknown, nameless])
    assert.ok(code === badUserNameOrPassword || code === notAuthorized, String(code));
});

entering('a meter speaks only under its own id', async () => {
  await using house = await aMosquitto();
  const sink = aSink();
  const heard: string[] = [];
  await using hub = await arrived(sink, house.url, { hear: (topic) => void heard.push(topic) });
  for (const topic of [
    readingTopic(kiosk),
    `jirani/v1/meters/${kiosk}/status`,
    `jirani/v1/meters/${kiosk}/ack/1`,
    'jirani/v1/proposals/p1/decision',
    'jirani/v1/flows/gates',
    'jirani/v1/households/h1/card/c',
  ]) {
    // Mosquitto 2.0.11 answers a denied publication with a PUBACK, and then hangs up.
    await using liar = await aVisitor(house.port, corner);
    const hungUp = hangUp(liar);
    liar.publish(topic, 'online', { qos: 1 });
    await hungUp;
  }
  await using meter = await aVisitor(house.port, corner);
  await meter.publishAsync(`jirani/v1/meters/${corner}/ack/1`, '', { qos: 1 });
  await meter.publishAsync(readingTopic(corner), 'own', { qos: 1 });
  await until('its own reading', () => sink.taken.length > 0);
  assert.equal(
    sink.taken.map(({ meter: id, payload }) => [id, payload]),
    [[corner, 'own']],
  );
  assert.equal(heard, [`meters/${corner}/ack/1`]);
  assert.is(hub.online().size, 0);
});

/** Announces on all of the contract's topics, and answers which of them the visitor hears. */
async function audible(name: string, filter: string, last: string): Promise<string[]> {
  await using house = await aMosquitto();
  await using hub = await arrived(aSink(), house.url);
  await using visitor = await aVisitor(house.port, name);
  const heard: string[] = [];
  visitor.on('message', (topic) => void heard.push(topic.slice('jirani/v1/'.length)));
  await visitor.subscribeAsync(filter, { qos: 1 }).catch(() => {});
  for (const topic of [
    `meters/${kiosk}/cmd/relay`,
    ...['households/h1/surplus', 'proposals/p1/open', 'trades/t1/state', 'advice/a1'],
    ...['market/rate', 'board/summary', 'alerts/disk', `meters/${corner}/cmd/relay`, 'time'],
  ])
    hub.announce(topic, {});
  hub.announce(last, {});
  await until('the last was heard', () => heard.at(-1) === last && heard.length > 1);
  return heard.slice(0, -1);
}

entering('a meter hears its own commands and the time', async () => {
  const own = [`meters/${corner}/cmd/relay`, 'time'];
  assert.equal(await audible(corner, 'jirani/v1/#', 'time'), own);
});

entering('flows hear the neighbourhood, and no meter', async () => {
  const heard = await audible('jirani.flows', 'jirani/v1/#', 'alerts/disk');
  assert.equal(heard, [
    ...['households/h1/surplus', 'proposals/p1/open', 'trades/t1/state', 'advice/a1'],
    ...['market/rate', 'board/summary', 'alerts/disk'],
  ]);
});

entering('flows may not command a meter, nor speak as the hub', async () => {
  await using house = await aMosquitto();
  await using meter = await aVisitor(house.port, corner);
  const heard: string[] = [];
  meter.on('message', (topic) => void heard.push(topic));
  await meter.subscribeAsync(`jirani/v1/meters/${corner}/#`, { qos: 1 });
  await using flows = await aVisitor(house.port, 'jirani.flows');
  const hungUp = hangUp(flows);
  flows.publish(`jirani/v1/meters/${corner}/cmd/relay`, '', { qos: 1 });
  await hungUp;
  await using hub = await arrived(aSink(), house.url);
  hub.announce(`meters/${corner}/cmd/clock`, {});
  await until('the hub was heard', () => heard.length > 0);
  assert.equal(heard, [`jirani/v1/meters/${corner}/cmd/clock`]);
});

entering(
  'a meter that takes the name of the hub harms neither it nor what waits for it',
  async () => {
    await using house = await aMosquitto();
    await introduced(house.url);
    const said = await publish(house.port, corner, 1, 3);
    const disguise = { clientId: usualClientId, clean: true };
    await using thief = await aVisitor(house.port, kiosk, disguise);
    const sink = aSink();
    await using hub = await arrived(sink, house.url);
    await using again = await aVisitor(house.port, kiosk, disguise);
    await until('what waited came', () => sink.taken.length === said.length);
    assert.is(hub.health().state, 'ok');
    assert.ok(again.connected && thief !== again);
  },
);

entering('the hub comes over TLS when it knows who signed the certificate', async () => {
  const keys = mkdtempSync(join(tmpdir(), 'jirani-certificate-'));
  const [certificate, key] = [join(keys, 'certificate'), join(keys, 'key')];
  writeFileSync(certificate, certificatePem);
  writeFileSync(key, privateKeyPem);
  const port = await freePort();
  await using house = await aMosquitto({
    tls: { port, certificate, key },
    rewrite: (text) => text.replace(`listener ${port}`, `listener ${port} 127.0.0.1`),
  });
  const sink = aSink();
  const url = `mqtts://localhost:${port}`;
  {
    await using hub = await arrived(sink, url, { ca: certificatePem });
    await publish(house.port, corner, 1, 1);
    await until('a reading', () => sink.taken.length === 1);
    assert.is(hub.tlsPort, undefined, 'it is not the hub that listens');
  }
  await using careful = aHub(sink, url);
  await until('the certificate is refused', () => /SELF_SIGNED/.test(careful.health().detail));
  rmSync(keys, { recursive: true });
});

entering.run();
