// timeout: 240s
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import mqtt from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../commands/programs.ts';
import { corner, meterOf } from '../support/neighbourhood.ts';
import { openPayingHouse, type PayingHouse } from './paying-house.ts';

/** 10 s is the acceptance; `scripts/test` runs 3 s of it unless HOSTILE_SECONDS says otherwise. */
const seconds = Number(process.env['HOSTILE_SECONDS'] ?? 3);
const perSecond = 1_000;
const creditedWithinMs = 2_000;
const pageWithinMs = 2_000;
const readingWithinMs = 2_000;
/** What a gateway that has seen one crowd may hold more of after another. */
const memoryGrowthMostMb = 24;
const memoryReturnsWithinMs = 20_000;

type Heard = {
  readonly sent: number;
  readonly tookMs: number;
  readonly heard: Readonly<Record<string, number>>;
};

async function crowd(port: number, forSeconds: number): Promise<Heard> {
  const program = join(import.meta.dirname, 'hostile-crowd.ts');
  const words = [program, String(port), String(forSeconds), String(perSecond)];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const [code] = await once(child, 'close');
  assert.is(code, 0);
  return JSON.parse(said) as Heard;
}

/** Resident memory of a process, in MB. */
function residentMb(pid: number): number {
  const [, kb] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kb) / 1_024;
}

/** The longest of several waits, in ms, until it is told to stop. */
function worstOf(act: () => Promise<unknown>) {
  let [worstMs, going] = [0, true];
  const done = (async () => {
    while (going) {
      const began = performance.now();
      await act();
      worstMs = Math.max(worstMs, performance.now() - began);
      await sleep(50);
    }
  })();
  return async () => {
    going = false;
    await done;
    return Math.round(worstMs);
  };
}

async function aMeter({ mqttPort }: PayingHouse) {
  const username = meterOf(corner);
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, {
    ...{ username, password: `password of ${corner}`, clientId: username },
  });
  let sequence = 0;
  return {
    read: () => {
      sequence += 1;
      const reading = { v: 1, s: sequence, b: 1, t: 1_781_503_200 + sequence, ei: 0, ee: 0 };
      return client.publishAsync(`jirani/v1/meters/${username}/reading`, JSON.stringify(reading), {
        qos: 1,
      });
    },
    [Symbol.asyncDispose]: () => client.endAsync(true),
  };
}

const hostile = suite('a hostile crowd at the callback door');

hostile(
  `S37: ${perSecond} hostile callbacks a second for ${seconds} s, and an honest payment is credited within 2 s`,
  async () => {
    await using house = await openPayingHouse();
    await using meter = await aMeter(house);
    await crowd(house.callbackPort, 1);
    await sleep(1_000);
    const before = residentMb(house.gateway.pid);

    const attack = crowd(house.callbackPort, seconds);
    const [page, reading] = [worstOf(() => house.get('/api/board')), worstOf(meter.read)];
    await sleep((seconds * 1_000) / 3);
    const tookMs = await house.payAndWait(await house.order(2));
    const { sent, tookMs: attackMs, heard } = await attack;
    const [pageMs, readingMs] = [await page(), await reading()];

    assert.is(sent, seconds * perSecond);
    assert.ok(tookMs < creditedWithinMs, `credited after ${Math.round(tookMs)} ms`);
    const answers = house.carried.map(({ status }) => status);
    assert.ok(answers.length > 0 && answers.every((status) => status === 200), String(answers));
    assert.ok(pageMs < pageWithinMs, `the page took ${pageMs} ms`);
    assert.ok(readingMs < readingWithinMs, `a reading took ${readingMs} ms`);
    assert.is(house.count('inbox'), answers.length, 'no row for a path that nobody gave out');
    assert.equal(
      Object.keys(heard).filter((answer) => !['400', '404', '408', 'cut'].includes(answer)),
      [],
    );

    const grown = () => residentMb(house.gateway.pid) - before;
    await until(
      'memory returns',
      async () => grown() < memoryGrowthMostMb,
      memoryReturnsWithinMs,
    ).catch(() => assert.unreachable(`${Math.round(grown())} MB more`));
    console.log(
      `${seconds} s of ${process.env['HOSTILE_SECONDS'] === undefined ? '10 (reduced; HOSTILE_SECONDS=10 runs them all)' : seconds}: ` +
        `credited in ${Math.round(tookMs)} ms, ${sent} callbacks in ${attackMs} ms ${JSON.stringify(heard)}, ` +
        `page ${pageMs} ms, reading ${readingMs} ms, memory ${before.toFixed(0)} MB and ${grown().toFixed(0)} more`,
    );
  },
);

hostile(
  'S34, S35: who knows the path may say what he likes: nothing is credited unasked',
  async () => {
    await using house = await openPayingHouse();
    const unpaid = await house.order(2);
    house.mpesa.answer(unpaid.transactionId, 'cancel');
    await until('the callback came', async () => house.carried.length === 1);
    const { path = '' } = house.carried[0] ?? {};
    const knock = async (body: string) => {
      const url = `http://127.0.0.1:${house.callbackPort}${path}`;
      const headers = { 'content-type': 'application/json' };
      return (await fetch(url, { method: 'POST', headers, body })).status;
    };
    const id = unpaid.transactionId;
    const claim = (result: string) =>
      `{"Body":{"stkCallback":{"MerchantRequestID":"m","CheckoutRequestID":"${id}",${result},"ResultDesc":"\u0000\ud800"}}}`;
    const bodies = [
      claim('"ResultCode":1032,"ResultCode":0'),
      claim('"__proto__":{"ResultCode":0},"constructor":{"prototype":{}},"ResultCode":0'),
      `{"a":${'['.repeat(16_000)}`,
      `{"Body":${'{"a":'.repeat(2_500)}1${'}'.repeat(2_500)}}`,
    ];
    const statuses = [];
    for (const body of bodies) statuses.push(await knock(body));
    assert.equal(statuses, [200, 200, 200, 200]);
    await until('all are read', async () => house.unread() === 0);
    assert.is(await house.statusOf(unpaid), 'failed');
    const wallet = await house.get<{ accounts: { account: string; balance: number }[] }>(
      '/api/ledger',
    );
    assert.is(wallet.accounts.filter(({ account }) => account === 'wallet:kiosk').length, 0);
  },
);

/** Longer than the gateway waits for somebody else's commit. */
const lockedMostMs = 20_000;

hostile(
  'S38: while the books are locked there is no 200, and the hub asks for itself',
  async () => {
    await using house = await openPayingHouse();
    const payment = await house.order(2);
    const other = new Database(join(house.dataDir, 'books.db'));
    other.exec('BEGIN IMMEDIATE');
    try {
      assert.ok(house.mpesa.answer(payment.transactionId, 'pay'));
      await until('the callback is answered', async () => house.carried.length === 1, lockedMostMs);
    } finally {
      other.exec('ROLLBACK');
      other.close();
    }
    assert.is(house.carried[0]?.status, 503);
    assert.is(house.count('inbox'), 0);
    await until('it is credited', async () => (await house.statusOf(payment)) === 'completed');
  },
);

hostile.run();
