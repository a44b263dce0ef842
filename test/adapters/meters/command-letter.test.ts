/** Commands, labels and words of meters, against the vectors that the firmware's own tests read. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { letterOf } from '../../../gateway/adapters/meters/command-letter.ts';
import { readWord } from '../../../gateway/adapters/meters/meter-words.ts';
import { fingerprintOf } from '../../../gateway/adapters/meters/secret-hash.ts';
import { configurationOf, labelOf } from '../../../gateway/adapters/meters/setup-label.ts';
import type { MeterId } from '../../../gateway/core/ids.ts';
import type { CommandOrder } from '../../../gateway/core/meter-command.ts';
import { epochMs } from '../../../gateway/core/units.ts';

type Vectors = {
  readonly commandKey: { readonly secret: string };
  readonly commands: readonly {
    readonly name: string;
    readonly meter: string;
    readonly topic: string;
    readonly payload: string;
    readonly outcome: string | null;
  }[];
};
const { commandKey, commands } = JSON.parse(
  readFileSync(new URL('../../../firmware/vectors.json', import.meta.url), 'utf8'),
) as Vectors;
const secretHash = createHash('sha256').update(commandKey.secret).digest('hex');

const meters = suite('what the hub and a meter say to each other beside readings');

meters('9: a command of the hub is to the byte what the meter obeys', () => {
  const obeyed = commands.filter(({ outcome }) => outcome === 'done');
  assert.ok(obeyed.length >= 4);
  for (const { name, meter, topic, payload } of obeyed) {
    const { id, exp, args } = JSON.parse(payload) as { id: string; exp: number; args: object };
    const order = { name: topic.split('/').at(-1), args } as CommandOrder;
    const now = epochMs(0);
    const letter = letterOf(
      {
        ...order,
        ...{ id, meter: meter as MeterId, madeAt: now, expiresAt: epochMs(exp * 1_000) },
        ...{ toldAt: undefined, tellings: 0, outcome: undefined },
      },
      secretHash,
    );
    assert.is(`jirani/v1/${letter.topic}`, topic, name);
    assert.is(JSON.stringify(letter.body), payload, name);
  }
});

meters('the label follows from id and secret as the firmware makes it', () => {
  const label = labelOf('em-7c9ebd112233', commandKey.secret);
  assert.is(label.claim, '1JJJ4RD0KW4W');
  assert.is(label.text, 'WIFI:T:WPA;S:jirani-112233;P:1JJJ4RD0KW4W;;');
  assert.is(labelOf('a:b', 'x').network, 'jirani-a-b');
});

meters('the file for flashing has the lines that the firmware wants', () => {
  const hub = { host: '192.168.1.10', port: 8883, isTls: true };
  assert.is(
    configurationOf('m-h02-grid', 'sixteen letters!', hub),
    'jirani-meter=1\nid=m-h02-grid\nsecret=sixteen letters!\nhub=mqtts://192.168.1.10:8883\n',
  );
});

const key = 'Zr5+Myx6RTMyvZ0Kf32wVfXF7xoGraZtmLOftoEMRzo=';
const keyHex = Buffer.from(key, 'base64').toString('hex');
const infoOf = (change: object) =>
  Buffer.from(JSON.stringify({ v: 1, fw: '1', frontend: 'x', alg: 'ed25519', key, ...change }));

meters('a meter’s word is its key, or its answer, and nothing malformed', () => {
  const meter = 'em-1';
  const info = (change: object) => readWord(`meters/${meter}/info`, infoOf(change));
  assert.equal(info({}), { kind: 'info', meter, publicKey: keyHex });
  assert.equal(info({ alg: 'hs256', key: undefined }), {
    ...{ kind: 'info', meter, publicKey: undefined },
  });
  for (const change of [
    { v: 2 },
    { alg: 'none' },
    { key: key.slice(4) },
    { key: 7 },
    { key: 'x'.repeat(44) },
  ])
    assert.is(info(change), undefined, JSON.stringify(change));
  assert.is(readWord(`meters/${meter}/info`, Buffer.from('{')), undefined);
  assert.is(readWord(`meters/${meter}/info`, Buffer.alloc(2_000, 32)), undefined);
  const said = (id: string, outcome: unknown) =>
    readWord(`meters/${meter}/ack/c-1`, Buffer.from(JSON.stringify({ v: 1, id, outcome })));
  assert.equal(said('c-1', 'done'), { kind: 'answer', meter, command: 'c-1', outcome: 'done' });
  assert.is(said('c-2', 'done'), undefined);
  assert.is(said('c-1', 'Done!'), undefined);
  assert.is(readWord(`meters/${meter}/state`, infoOf({})), undefined);
  assert.is(readWord('flows/gates', infoOf({})), undefined);
});

meters('a fingerprint is short enough to compare by eye', () => {
  assert.match(fingerprintOf(keyHex), /^([0-9a-f]{4}-){3}[0-9a-f]{4}$/);
  assert.is.not(fingerprintOf(keyHex), fingerprintOf('00'.repeat(32)));
});

meters.run();
