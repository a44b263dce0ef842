/** Readings that meters sign: the hub beside nothing but checking the same signatures. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { closeSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { compare, rateOf } from '../audit.ts';
import { startNode } from '../children.ts';
import { storedIn } from '../competitors.ts';
import {
  firstSequence,
  firstUnixSeconds,
  meterName,
  publishReadings,
  readAcks,
  type Scenario,
} from '../load.ts';
import { atLeast, type Section } from '../results.ts';
import { spreadOf } from '../spread.ts';

const hubModule = new URL('../hub-target.ts', import.meta.url);
const verifyModule = new URL('../peers/only-verify.ts', import.meta.url);
const scenario: Scenario = { meters: 50, window: 20 };

export const signed: Section = async ({ quick, folder, say }) => {
  const each = quick ? 100 : 800;
  const rounds = quick ? 2 : 5;
  const files = signReadings(folder, each);
  const rates: { hub: number[]; bare: number[] } = { hub: [], bare: [] };
  for (let round = 0; round < rounds; round++) {
    rates.bare.push(await onlyVerify(files));
    const hub = await throughHub(folder, files);
    if ('refused' in hub)
      return { figures: {}, bars: [], absent: [`signed readings: ${hub.refused}`] };
    rates.hub.push(hub.perSecond);
    say(
      `signed, round ${round + 1}: ${Math.round(hub.perSecond)}/s, crypto.verify alone ${Math.round(rates.bare.at(-1) ?? 0)}/s`,
    );
  }
  const [hub, bare] = [spreadOf(rates.hub), spreadOf(rates.bare)];
  return {
    figures: {
      'signed readings per second': hub.median,
      'signed readings per second least': hub.least,
      'signed readings per second most': hub.most,
      'crypto.verify alone per second': bare.median,
      'crypto.verify alone per second least': bare.least,
      'crypto.verify alone per second most': bare.most,
    },
    bars: [
      atLeast(
        'signed readings: part of crypto.verify alone',
        hub.median / bare.median,
        'times',
        0.7,
      ),
    ],
  };
};

type Files = { readonly keys: string; readonly payloads: string };

/** `each` readings of every meter, in the form that bench/loadgen replays. */
function signReadings(folder: string, each: number): Files {
  const files = { keys: join(folder, 'keys.json'), payloads: join(folder, 'payloads') };
  const keys: Record<string, string> = {};
  const out = openSync(files.payloads, 'w');
  const head = Buffer.alloc(8);
  head.writeUInt32LE(scenario.meters, 0);
  head.writeUInt32LE(each, 4);
  writeSync(out, head);
  for (let meter = 0; meter < scenario.meters; meter++) {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const name = meterName(meter);
    keys[name] = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
    for (let k = 0; k < each; k++) {
      const payload = signedReading(name, k, privateKey);
      const length = Buffer.alloc(2);
      length.writeUInt16LE(payload.length);
      writeSync(out, Buffer.concat([length, payload]));
    }
  }
  closeSync(out);
  writeFileSync(files.keys, JSON.stringify(keys));
  return files;
}

/** Signed is the topic, a line feed and the payload up to its last field. */
function signedReading(meter: string, k: number, key: KeyObject): Buffer {
  const reading = {
    ...{ v: 1, s: firstSequence + k, b: 4_120_478_593, t: firstUnixSeconds + k, tq: 2 },
    ...{ up: 1_000_000 + k, p: 1_234_567, u: 230_012, i: 5367, f: 50_003 },
    ...{ ei: 100_000_000 + k * 343, ee: 10_000_000, eg: 100_000_000, fl: 0 },
  };
  const told = JSON.stringify(reading).slice(0, -1);
  const signature = sign(null, Buffer.from(`jirani/v1/meters/${meter}/reading\n${told}`), key);
  return Buffer.from(`${told},"sig":"${signature.toString('base64')}"}`);
}

async function throughHub(folder: string, { keys, payloads }: Files) {
  const file = join(folder, 'signed.db');
  const acksFile = join(folder, 'acks');
  await using hub = await startNode(hubModule, { words: [file, '0', keys] });
  const port = Number(hub.ready['port']);
  const load = await publishReadings({
    ...{ ...scenario, port, acksFile, payloadsFile: payloads, seconds: 60 },
  });
  await hub.ask('finish');
  const audit = compare(readAcks(acksFile), storedIn(file));
  rmSync(file);
  return rateOf(audit, load.perSecond);
}

async function onlyVerify({ keys, payloads }: Files): Promise<number> {
  await using verifier = await startNode(verifyModule, { words: [keys, payloads] });
  const { perSecond, good, all } = await verifier.ask('verify');
  if (good !== all) throw new Error(`${good} of ${all} signatures are good`);
  return Number(perSecond);
}
