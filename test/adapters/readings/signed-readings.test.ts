import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MeterId } from '../../../gateway/core/ids.ts';
import {
  aFile,
  aReading,
  corner,
  offered,
  opened,
  readingTopic,
  storedSequences,
} from './given.ts';

const signing = suite('signed readings');

/** An Ed25519 key whose seed is 32 times the same byte; the prefix is PKCS #8 of RFC 8410. */
const keyOf = (byte: number): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([
      Buffer.from('302e020100300506032b657004220420', 'hex'),
      Buffer.alloc(32, byte),
    ]),
    format: 'der',
    type: 'pkcs8',
  });
const publicOf = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);

const cornerKey = keyOf(0x0b);

function signed(payload: Buffer, key: KeyObject = cornerKey, meter: string = corner): Buffer {
  const body = payload.subarray(0, payload.length - 1);
  const told = Buffer.concat([Buffer.from(`${readingTopic(meter)}\n`), body]);
  return Buffer.from(`${body},"sig":"${sign(null, told, key).toString('base64')}"}`);
}

const aSigningHub = (file: string) =>
  opened(file, {
    publicKeyOf: (meter) => (meter === corner ? publicOf(cornerKey) : undefined),
  });
const kept = { kept: true, duplicate: false };
const forged = { kept: false, reason: 'bad-signature' };

signing('are checked as the vectors of the meter say', async () => {
  await using disk = await aFile();
  const meter = 'em-7c9ebd112233' as MeterId;
  await using readings = await opened(disk.file, {
    now: () => 1_795_431_500_000 as never,
    publicKeyOf: () => Buffer.from('Zr5+Myx6RTMyvZ0Kf32wVfXF7xoGraZtmLOftoEMRzo=', 'base64'),
  });
  const body =
    '{"v":1,"s":123456,"b":4120478593,"t":1795431446,"tq":2,"up":86400,"p":-1393882,"u":230012,' +
    '"i":6397,"f":50012,"ei":123456789,"ee":98765432,"eg":210987654,"fl":0';
  const signature =
    'fCawOk1dFiJLBX96WJY1BIl96Y4lYVsi7KQrZ6RwjN0715sk0fIieMf32XWa4WXxd0VPQlmDf9qi5D3S7v7FBA==';
  const payload = Buffer.from(`${body},"sig":"${signature}"}`);
  assert.equal(await offered(readings, payload, meter), kept);
  const changed = Buffer.from(payload.toString().replace('"p":-1393882', '"p":-1393883'));
  assert.equal(await offered(readings, changed, meter), forged);
});

signing(
  'are kept, and nothing unsigned, misdirected or changed of a meter that has a key',
  async () => {
    await using disk = await aFile();
    await using readings = await aSigningHub(disk.file);
    assert.equal(await offered(readings, signed(aReading(1))), kept);
    const good = signed(aReading(2));
    const wrong = [
      aReading(2),
      signed(aReading(2), keyOf(7)),
      signed(aReading(2), cornerKey, 'meter-kiosk'),
      Buffer.from(good.toString().replace('"p":36000', '"p":36001')),
      Buffer.from(good.toString().replace('"sig":"', '"sig":"x')),
      Buffer.from(good.toString().replace('"}', '","x":1}')),
      Buffer.from('{'),
      Buffer.alloc(0),
    ];
    for (const payload of wrong)
      assert.equal(await offered(readings, payload), forged, `${payload}`);
    assert.equal(await offered(readings, good), kept, 'a forgery uses no number up');
    assert.equal(storedSequences(disk.file), [1, 2]);
  },
);

signing('must bear the key that counts now, also on a way in that was open before', async () => {
  await using disk = await aFile();
  let counts: Buffer | undefined;
  await using readings = await opened(disk.file, { publicKeyOf: () => counts });
  const verdicts: unknown[] = [];
  const entry = readings.enter(corner, (_ticket, verdict) => verdicts.push(verdict));
  const says = async (payload: Buffer) => {
    entry.offer(payload, 0, payload.length, 0);
    await readings.flush();
  };
  await says(aReading(1));
  counts = publicOf(cornerKey);
  readings.lookAtKeys();
  await says(aReading(2));
  await says(signed(aReading(2)));
  counts = publicOf(keyOf(7));
  readings.lookAtKeys();
  await says(signed(aReading(3)));
  await says(signed(aReading(3), keyOf(7)));
  assert.equal(verdicts, [kept, forged, kept, forged, kept]);
});

signing('stay in order with those of meters that do not sign', async () => {
  await using disk = await aFile();
  await using readings = await aSigningHub(disk.file);
  const kiosk = 'meter-kiosk' as MeterId;
  const verdicts = await Promise.all(
    Array.from({ length: 60 }, (_, s) =>
      s % 2 === 0 ? offered(readings, signed(aReading(s))) : offered(readings, aReading(s), kiosk),
    ),
  );
  assert.equal(verdicts, Array(60).fill(kept));
  assert.is(readings.counts().stored, 60);
});

signing.run();
