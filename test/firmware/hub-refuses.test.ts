// uncounted: it starts whole programs, again and again
/** What the hub does not believe of a meter: set aside and counted, or turned away; the way stays free behind it. */
import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import mqtt from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openReadings } from '../../gateway/adapters/readings/open-readings.ts';
import { epochMs } from '../../gateway/core/units.ts';
import { aBroker, corner, kiosk, readingTopic } from '../adapters/broker/given.ts';
import { aFile } from '../adapters/readings/given.ts';
import { publicKeyOf } from './a-street.ts';

const refusing = suite('what a hub does not believe');

const begins = 1_800_000_000;
const seed = randomBytes(32);
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');
const key = createPrivateKey({
  key: Buffer.concat([pkcs8Head, seed]),
  format: 'der',
  type: 'pkcs8',
});

/** Signed by the corner house's meter, which measures every 10 s. */
function reading(s: number, differs: object = {}): string {
  const usual = { v: 1, s, b: 7, t: begins + s * 10, tq: 2, up: s * 10 };
  const body = JSON.stringify({ ...usual, ei: 1_000_000 + s * 100, ee: 0, ...differs }).slice(
    0,
    -1,
  );
  const signature = sign(null, Buffer.from(`${readingTopic(corner)}\n${body}`), key);
  return `${body},"sig":"${signature.toString('base64')}"}`;
}

refusing('8: forged, replayed, falling, jumping: each is counted, and blocks nobody', async () => {
  await using disk = await aFile();
  await using readings = await openReadings({
    ...{ file: disk.file, commitMs: 1, pendingMax: 100 },
    now: () => epochMs((begins + 3_600) * 1_000),
    publicKeyOf: () => publicKeyOf(seed),
    onFatal: (error) => {
      throw error;
    },
  });
  await using broker = await aBroker(readings);
  const meter = await mqtt.connectAsync({
    ...{ host: '127.0.0.1', port: broker.port, reconnectPeriod: 0 },
    ...{ clientId: corner, username: corner, password: `secret of ${corner}` },
  });
  try {
    const say = (payload: string) => meter.publishAsync(readingTopic(corner), payload, { qos: 1 });
    await say(reading(1));
    const wrong: readonly (readonly [why: string, payload: string])[] = [
      ['bad-signature', reading(2).replace('"ee":0', '"ee":9')],
      ['replayed-with-other-content', reading(1, { ee: 5 })],
      ['falling-register', reading(2, { ei: 999_999 })],
      // 100 kW for 20 s, and 1 kWh that clocks may hide.
      ['impossible-jump', reading(3, { ei: 1_000_100 + 555_555 + 1_000_000 + 2 })],
    ];
    for (const [at, [why, payload]] of wrong.entries()) {
      await say(payload);
      assert.is(readings.counts().quarantined[why as 'malformed'], 1, why);
      await say(reading(10 + at));
      assert.is(readings.counts().stored, 2 + at, `behind ${why}`);
    }
    await say(reading(1));
    assert.is(readings.counts().duplicates, 1, 'the same once more is harmless');
  } finally {
    await meter.endAsync();
  }
});

refusing(
  '8: another meter’s topic is refused with the connection, and its owner goes on',
  async () => {
    await using disk = await aFile();
    await using readings = await openReadings({
      ...{ file: disk.file, commitMs: 1, pendingMax: 100, publicKeyOf: () => undefined },
      now: () => epochMs((begins + 3_600) * 1_000),
      onFatal: (error) => {
        throw error;
      },
    });
    await using broker = await aBroker(readings);
    const inside = (name: string) =>
      mqtt.connectAsync({
        ...{ host: '127.0.0.1', port: broker.port, reconnectPeriod: 0 },
        ...{ clientId: name, username: name, password: `secret of ${name}` },
      });
    const thief = await inside(kiosk);
    const ended = new Promise<void>((resolve) => thief.once('close', () => resolve()));
    thief.publish(readingTopic(corner), reading(1), { qos: 1 });
    await ended;
    assert.equal([broker.refused()['foreign-topic'], readings.counts().stored], [1, 0]);
    await thief.endAsync(true);
    const owner = await inside(corner);
    await owner.publishAsync(readingTopic(corner), reading(1), { qos: 1 });
    assert.is(readings.counts().stored, 1);
    await owner.endAsync();
  },
);

refusing.run();
