// uncounted: it starts whole programs, again and again
// needs: g++ cmake ninja libsodium
// timeout: 300s
/** What the firmware's core answers to commands of the hub, good ones and others. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startBroker } from '../../gateway/adapters/broker/start-broker.ts';
import { letterOf } from '../../gateway/adapters/meters/command-letter.ts';
import { readWord } from '../../gateway/adapters/meters/meter-words.ts';
import type { MeterId } from '../../gateway/core/ids.ts';
import type { MeterCommand } from '../../gateway/core/meter-command.ts';
import { epochMs } from '../../gateway/core/units.ts';
import {
  builtVmeter,
  credentialLines,
  runVmeter,
} from '../../gateway/simulators/vmeter/program.ts';
import { aWillingSink } from '../adapters/broker/given.ts';
import { until } from '../adapters/mosquitto/given.ts';
import { publicKeyOf } from './a-street.ts';

const commands = suite('commands to a meter');
const meter = 'em-7c9ebd112233' as MeterId;
const secret = 'a secret of this test';
const silent = { info: () => {}, warn: () => {}, error: () => {} };

commands(
  '13: are obeyed once, and not when they expired, live too long or are forged',
  async () => {
    const program = await builtVmeter();
    const folder = mkdtempSync(join(tmpdir(), 'jirani-commands-'));
    using _gone = { [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
    const seed = randomBytes(32);
    const metersFile = join(folder, 'meters');
    writeFileSync(metersFile, credentialLines([{ id: meter, secret, seed }]), { mode: 0o600 });
    const outcomes: string[] = [];
    let publicKey: string | undefined;
    using sink = aWillingSink();
    await using broker = await startBroker({
      ...{ host: '127.0.0.1', port: 0, sink, log: silent, connectionsMax: 9 },
      credentials: { keyOf: () => secret, check: () => ({ kind: 'meter', meter }) },
      hear: (topic, payload) => {
        const word = readWord(topic, payload);
        if (word?.kind === 'info') publicKey = word.publicKey;
        if (word?.kind === 'answer') outcomes.push(`${word.command} ${word.outcome}`);
      },
    });
    await using _board = runVmeter(program, {
      ...{ port: broker.port, meters: metersFile, 'every-ms': 100 },
      clock: `${process.hrtime.bigint()}:${Date.now()}:1`,
    });
    await until('it says its key', () => publicKey !== undefined);
    assert.is(publicKey, publicKeyOf(seed).toString('hex'));

    const hash = createHash('sha256').update(secret).digest('hex');
    const tell = (id: string, inSeconds: number, key = hash) => {
      const command: MeterCommand = {
        ...{ name: 'relay', args: { on: false, for_s: 60 } },
        ...{ id, meter, madeAt: epochMs(0), toldAt: undefined, tellings: 0, outcome: undefined },
        expiresAt: epochMs(Date.now() + inSeconds * 1_000),
      };
      const { topic, body } = letterOf(command, key);
      broker.announce(topic, body);
    };
    const hears = async (id: string, outcome: string) => {
      await until(`${id} ${outcome}`, () => outcomes.length > 0);
      assert.equal(outcomes.splice(0), [`${id} ${outcome}`]);
    };
    tell('c-1', 60);
    await hears('c-1', 'done');
    tell('c-1', 60);
    await hears('c-1', 'repeated');
    tell('c-2', -1);
    await hears('c-2', 'expired');
    tell('c-3', 700);
    await hears('c-3', 'too-long');
    tell('c-4', 60, 'ff'.repeat(32));
    await sleep(300);
    tell('c-5', 60);
    await hears('c-5', 'done');
  },
);

commands.run();
