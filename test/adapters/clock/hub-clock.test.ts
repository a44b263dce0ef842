import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  askBlockTimeOf,
  askDateOf,
  askNtp,
  type Witnesses,
} from '../../../gateway/adapters/clock/ask-time.ts';
import { TrustClock } from '../../../gateway/adapters/clock/hub-clock.ts';
import type { MeterId } from '../../../gateway/core/ids.ts';

const keeping = suite('the clock of a hub in the field');

const nine = Date.parse('2026-03-12T09:00:00+03:00');
const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];

/** A machine whose wall clock somebody may set, while its monotonic one goes on. */
function aMachine() {
  const folder = mkdtempSync(join(tmpdir(), 'hub-clock-'));
  const syncFile = join(folder, 'synchronized');
  const said: string[] = [];
  const say = (message: string, facts: object = {}) =>
    void said.push(`${message} ${JSON.stringify(facts)}`);
  let [trueMs, wrongMs, bootedMs, boot] = [nine, 0, nine - hourMs, 1];
  const wallMs = () => trueMs + wrongMs;
  return {
    ...{ folder, syncFile, said, wallMs },
    hub: (witnesses: Witnesses = {}) =>
      new TrustClock({
        ...{ file: join(folder, 'clock.json'), syncFile, witnesses, wallMs, boot: `boot-${boot}` },
        machineMs: () => trueMs - bootedMs,
        log: { info: say, warn: say, error: say },
      }),
    pass: (ms: number) => {
      trueMs += ms;
    },
    truth: () => trueMs,
    setWall: (ms: number) => {
      wrongMs = ms - trueMs;
    },
    synchronise: () => {
      wrongMs = 0;
      writeFileSync(syncFile, '');
      utimesSync(syncFile, trueMs / 1_000, trueMs / 1_000);
    },
    /** Power comes back after `outageMs`, and the wall clock shows `wall`. */
    bootAgain: (outageMs: number, wall: number) => {
      rmSync(syncFile, { force: true });
      trueMs += outageMs;
      bootedMs = trueMs;
      wrongMs = wall - trueMs;
      boot += 1;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

keeping('boots with last month’s time, and shows no time before what it knew', () => {
  using machine = aMachine();
  machine.synchronise();
  const before = machine.hub();
  assert.is(before.trust, 'trusted');
  machine.pass(20 * minuteMs);
  before.look();
  machine.bootAgain(2 * hourMs, nine - 30 * dayMs);
  const hub = machine.hub();
  assert.is(hub.trust, 'untrusted');
  assert.is(hub.now(), nine + 20 * minuteMs, 'the last that was known');
  machine.pass(5 * minuteMs);
  assert.is(hub.now(), nine + 25 * minuteMs, 'counted on by the machine’s own time');
  machine.synchronise();
  hub.look();
  assert.is(hub.trust, 'trusted');
  assert.is(hub.now(), machine.truth());
  assert.is(hub.view().jumps, 1);
});

keeping('knows the time again at once when only the hub was started again', () => {
  using machine = aMachine();
  machine.synchronise();
  const hub = machine.hub();
  machine.pass(hourMs);
  hub.look();
  rmSync(machine.syncFile);
  assert.is(machine.hub().trust, 'trusted');
  machine.setWall(nine + 40 * dayMs);
  const next = machine.hub();
  assert.is(next.trust, 'provisional', 'somebody has set the clock meanwhile');
  assert.is(next.now(), machine.truth());
});

for (const [word, byMs] of [
  ['forward', 40 * dayMs],
  ['back', -3 * hourMs],
] as const)
  keeping(`does not follow a wall clock that jumps ${word}`, () => {
    using machine = aMachine();
    machine.synchronise();
    const hub = machine.hub();
    machine.pass(minuteMs / 2);
    machine.setWall(machine.truth() + byMs);
    // Whoever asks first sees it, before the next look.
    assert.is(hub.now(), machine.truth());
    assert.is(hub.trust, 'provisional');
    assert.is(hub.view().jumps, 1);
    assert.is(hub.view().wallAheadMs, byMs);
    assert.match(machine.said.join('\n'), `the wall clock jumped {"byMs":${byMs}}`);
    machine.pass(10 * minuteMs);
    hub.look();
    assert.is(hub.now(), machine.truth());
    machine.synchronise();
    hub.look();
    assert.is(hub.trust, 'trusted');
    assert.is(hub.now(), machine.truth());
  });

keeping('takes an idle minute of its own process for no jump', () => {
  using machine = aMachine();
  machine.synchronise();
  const hub = machine.hub();
  machine.pass(10 * minuteMs);
  assert.is(hub.now(), machine.truth());
  assert.is(hub.view().jumps, 0);
});

keeping('asks witnesses, and believes two', async () => {
  using machine = aMachine();
  machine.setWall(nine - 30 * dayMs);
  const tell = async () => machine.truth();
  const hub = machine.hub({ mpesa: tell, chain: tell, ntp: async () => undefined });
  await breathe();
  hub.look();
  assert.is(hub.trust, 'provisional', 'they agree on a time, and this machine shows another');
  assert.is(hub.now(), machine.truth());
  assert.equal(hub.view().witnesses, { mpesa: -30 * dayMs, chain: -30 * dayMs });
  machine.setWall(machine.truth());
  hub.look();
  assert.is(hub.trust, 'trusted');
});

keeping('takes the keeper’s word until the machine starts again', () => {
  using machine = aMachine();
  machine.setWall(nine - 30 * dayMs);
  const hub = machine.hub();
  hub.confirm(machine.truth());
  assert.is(hub.trust, 'provisional');
  machine.pass(hourMs);
  assert.is(hub.now(), machine.truth());
  assert.is(machine.hub().trust, 'provisional', 'another process of the same start');
  machine.bootAgain(minuteMs, nine - 30 * dayMs);
  assert.is(machine.hub().trust, 'untrusted');
});

keeping('takes the word of two meters', () => {
  using machine = aMachine();
  const hub = machine.hub();
  hub.hearMeter('m1' as MeterId, machine.truth() - 2_000);
  hub.look();
  assert.is(hub.trust, 'untrusted');
  hub.hearMeter('m2' as MeterId, machine.truth() - 9_000);
  hub.look();
  assert.is(hub.trust, 'provisional');
});

keeping('says that time is better only when readings are dated anew', async () => {
  using machine = aMachine();
  machine.setWall(nine - 30 * dayMs);
  const hub = machine.hub();
  const turns: string[] = [];
  let done = (): void => {};
  hub.onTurn((turn) => {
    turns.push(`${turn.trust} ${turn.offsetMs}`);
    return new Promise((resolve) => {
      done = resolve;
    });
  });
  done();
  await breathe();
  machine.synchronise();
  hub.look();
  assert.is(hub.now(), nine, 'what comes from now on is dated right');
  assert.is(hub.trust, 'untrusted');
  done();
  await breathe();
  assert.is(hub.trust, 'trusted');
  const offsets = [nine - 30 * dayMs, nine].map((at) => at - hourMs);
  assert.equal(turns, [`untrusted ${offsets[0]}`, `trusted ${offsets[1]}`]);
});

keeping('does not keep what it does not believe', () => {
  using machine = aMachine();
  machine.setWall(nine + 400 * dayMs);
  machine.hub().keep();
  assert.throws(() => readFileSync(join(machine.folder, 'clock.json')));
  writeFileSync(join(machine.folder, 'clock.json'), '{"floorMs":"tomorrow"');
  assert.is(machine.hub().trust, 'untrusted', 'a torn file is no file');
});

keeping('hears the time of M-Pesa’s gateway and of the chain', async () => {
  const server = createServer((request, answer) => {
    if (request.method === 'HEAD') {
      answer.writeHead(404, { date: new Date(nine).toUTCString() });
      answer.end();
      return;
    }
    let body = '';
    request.on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => {
      const { method } = JSON.parse(body) as { method: string };
      answer.end(JSON.stringify({ result: method === 'getSlot' ? 77 : nine / 1_000 }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    assert.is(await askDateOf(`http://127.0.0.1:${port}`)(), nine + 500);
    assert.is(await askBlockTimeOf(`http://127.0.0.1:${port}`)(), nine);
    assert.is(await askDateOf('http://example.invalid')(), undefined, 'nothing in clear from afar');
  } finally {
    server.closeAllConnections();
    server.close();
  }
  assert.is(await askDateOf(`http://127.0.0.1:${port}`)(), undefined);
  assert.is(await askBlockTimeOf(`http://127.0.0.1:${port}`)(), undefined);
});

keeping('asks a time server, and believes only an answer to its own question', async () => {
  const server = createSocket('udp4');
  const bound = new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  await bound;
  server.on('message', (question, from) => {
    const answer = Buffer.alloc(48);
    answer[0] = 0x24;
    answer[1] = 2;
    answer.writeUInt32BE(1, 40);
    // First somebody who has not seen the question.
    server.send(Buffer.from(answer), from.port, from.address);
    question.copy(answer, 24, 40, 48);
    answer.writeUInt32BE(nine / 1_000 + 2_208_988_800, 40);
    server.send(answer, from.port, from.address);
  });
  try {
    assert.is(await askNtp('127.0.0.1', server.address().port)(), nine);
  } finally {
    server.close();
  }
});

keeping.run();
