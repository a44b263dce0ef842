// uncounted: it starts whole programs, again and again
/** The vectors that the meter's own tests read too: what a meter says is what the hub understands, to the byte. */
import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ReadingFields } from '../../gateway/adapters/readings/reading-fields.ts';
import { readPayload } from '../../gateway/adapters/readings/reading-line.ts';
import { scanReading } from '../../gateway/adapters/readings/scan-reading.ts';
import type { MeterId } from '../../gateway/core/ids.ts';
import { epochMs } from '../../gateway/core/units.ts';
import { aFile, offered, opened } from '../adapters/readings/given.ts';

type Vectors = {
  readonly readings: readonly ReadingVector[];
  readonly commandKey: {
    readonly secret: string;
    readonly pskHex: string;
    readonly keyHex: string;
  };
  readonly commands: readonly {
    readonly name: string;
    readonly meter: string;
    readonly topic: string;
    readonly payload: string;
    readonly outcome: string | null;
  }[];
};
type Signed = { readonly sig: string };
type ReadingVector = {
  readonly name: string;
  readonly meter: string;
  readonly topic: string;
  readonly sequence: number;
  readonly boot: number;
  readonly unixSeconds: number;
  readonly powerMw: number;
  readonly importUj: string;
  readonly exportUj: string;
  readonly generationUj: string;
  readonly flags: number;
  readonly body: string;
  readonly hs256: Signed & { readonly keyHex: string };
  readonly ed25519: Signed & { readonly publicKey: string };
};

const { readings, commandKey, commands } = JSON.parse(
  readFileSync(new URL('../../firmware/vectors.json', import.meta.url), 'utf8'),
) as Vectors;
const mwh = (uj: string): number => Number(BigInt(uj) / 3_600_000n);
const payloadOf = ({ body, ed25519 }: ReadingVector): Buffer =>
  Buffer.from(`${body},"sig":"${ed25519.sig}"}`);

const vectors = suite('the vectors shared with the meter');

vectors(
  '9: the hub keeps each reading under its signature, and no other content under it',
  async () => {
    assert.ok(readings.length >= 3);
    for (const vector of readings) {
      await using disk = await aFile();
      const now = epochMs(Math.max(vector.unixSeconds, 1_795_431_446) * 1000 + 60_000);
      await using hub = await opened(disk.file, {
        now: () => now,
        publicKeyOf: () => Buffer.from(vector.ed25519.publicKey, 'base64'),
      });
      const good = payloadOf(vector);
      const meter = vector.meter as MeterId;
      const changed = Buffer.from(
        good.toString().replace(`"fl":${vector.flags}`, `"fl":1${vector.flags}`),
      );
      const forged = { kept: false, reason: 'bad-signature' };
      assert.equal(await offered(hub, changed, meter), forged, vector.name);
      assert.equal(await offered(hub, good, 'another' as MeterId), forged, vector.name);
      assert.equal(await offered(hub, good, meter), { kept: true, duplicate: false }, vector.name);
      assert.equal(await offered(hub, good, meter), { kept: true, duplicate: true }, vector.name);
    }
  },
);

vectors('9: the quick reader and the whole one find the same numbers in a reading', () => {
  for (const vector of readings) {
    const payload = payloadOf(vector);
    const fields = new ReadingFields();
    assert.ok(scanReading(payload, 0, payload.length, fields), vector.name);
    const told = {
      ...{ sequence: vector.sequence, boot: vector.boot, unixSeconds: vector.unixSeconds },
      ...{ powerMw: vector.powerMw, flags: vector.flags },
      ...{ importMwh: mwh(vector.importUj), exportMwh: mwh(vector.exportUj) },
      generationMwh: mwh(vector.generationUj),
    };
    for (const [name, value] of Object.entries(told))
      assert.is(fields[name as keyof typeof told], value, `${vector.name}: ${name}`);
    const whole = new ReadingFields();
    assert.ok(readPayload(payload, whole), vector.name);
    assert.equal({ ...whole }, { ...fields }, vector.name);
  }
});

vectors('are signed as the protocol says, by another hand', () => {
  for (const { topic, body, hs256 } of readings) {
    const key = Buffer.from(hs256.keyHex, 'hex');
    assert.is(createHmac('sha256', key).update(`${topic}\n${body}`).digest('base64'), hs256.sig);
  }
  const psk = createHash('sha256').update(commandKey.secret).digest();
  const key = createHmac('sha256', psk).update('jirani/v1/commands').digest();
  assert.is(psk.toString('hex'), commandKey.pskHex);
  assert.is(key.toString('hex'), commandKey.keyHex);
  for (const { name, topic, payload, meter, outcome } of commands) {
    const [body = '', mac] = payload.split(/,"mac":"|"\}$/);
    const own = createHmac('sha256', key).update(`${topic}\n${body}`).digest('base64');
    const isForThisMeter = meter === 'em-7c9ebd112233';
    assert.is(own === mac && isForThisMeter, outcome !== null, name);
  }
});

vectors.run();
