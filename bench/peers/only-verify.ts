/** Checks signatures and does nothing else, as many at once as keep every core busy. usage: only-verify.ts KEYS PAYLOADS */
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { meterName } from '../load.ts';
import { serveBench } from './peer-process.ts';

/** Checks under way. */
const atOnce = 1000;
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const tail = ',"sig":"'.length + 88 + '"}'.length;
const [, , keysFile = '', payloadsFile = ''] = process.argv;

const raw = JSON.parse(readFileSync(keysFile, 'utf8')) as Record<string, string>;
const bytes = readFileSync(payloadsFile);
const [meters, each] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];

function* checks() {
  let at = 8;
  for (let meter = 0; meter < meters; meter++) {
    const name = meterName(meter);
    const der = Buffer.concat([spkiPrefix, Buffer.from(raw[name] ?? '', 'hex')]);
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    for (let k = 0; k < each; k++) {
      const payload = bytes.subarray(at + 2, at + 2 + bytes.readUInt16LE(at));
      at += 2 + payload.length;
      const told = payload.subarray(0, payload.length - tail);
      const signature = payload.toString('latin1', payload.length - 90, payload.length - 2);
      yield {
        key,
        told: Buffer.concat([Buffer.from(`jirani/v1/meters/${name}/reading\n`), told]),
        signature: Buffer.from(signature, 'base64'),
      };
    }
  }
}

async function verifyAll() {
  const all = [...checks()];
  let [next, good, open] = [0, 0, 0];
  const began = performance.now();
  await new Promise<void>((resolve) => {
    const more = (): void => {
      for (; open < atOnce && next < all.length; next++, open++) {
        const { key, told, signature } = all[next] as (typeof all)[number];
        verify(null, told, key, signature, (_error, isGood) => {
          good += Number(isGood);
          open -= 1;
          if (next < all.length) more();
          else if (open === 0) resolve();
        });
      }
    };
    more();
  });
  return { perSecond: (all.length / (performance.now() - began)) * 1000, good, all: all.length };
}

serveBench({}, { verify: verifyAll });
