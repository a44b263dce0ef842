import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fakeCallbackDesk, hello, known, opened, patienceMs } from './callback-neighbours.ts';

const crowd = suite('a crowd before M-Pesa’s door');
const head = (path: string) =>
  `POST /api/payment/callback/${path} HTTP/1.1\r\nhost: hub\r\ncontent-type: application/json\r\n`;
const whole = (path: string) => `${head(path)}content-length: ${hello.length}\r\n\r\n${hello}`;
const stranger = 'cd'.repeat(16);

/** Somebody connects, says this much and waits. */
async function visitor(port: number, says = '') {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  if (says !== '') socket.write(says);
  return { socket, heard: () => heard };
}
type Visitor = Awaited<ReturnType<typeof visitor>>;

const isGone = ({ socket }: Visitor) => socket.destroyed || socket.readableEnded;

async function until(what: string, is: () => boolean): Promise<void> {
  const began = performance.now();
  while (!is()) {
    if (performance.now() - began > patienceMs) assert.unreachable(`waited in vain: ${what}`);
    await pause(5);
  }
}
const leave = (sockets: readonly Socket[]) => {
  for (const socket of sockets) socket.destroy();
};

crowd('S37: paths that nobody gave out take nothing from those that live', async () => {
  const paths = ['1', '2', '3', '4'].map((digit) => digit.repeat(32));
  await using hub = await opened(
    { limits: { perSecond: 0 }, elapsedMs: () => 0 },
    fakeCallbackDesk('kept', paths),
  );
  for (let guess = 0; guess < 100; guess += 1)
    assert.is((await hub.post(hello, { token: stranger })).status, 404);
  for (const token of paths) assert.is((await hub.post(hello, { token })).status, 200, token);
  assert.is((await hub.post(hello, { token: paths[0] ?? '' })).status, 429);
  const { unknown, kept, 'too-many': tooMany } = hub.listener.counts();
  assert.equal([unknown, kept, tooMany], [100, 4, 1]);
  assert.is(hub.desk.asked.length, 4, 'the books heard of no guess');
});

crowd('S37: who knows one path uses up its own share and no other’s', async () => {
  let now = 0;
  const other = 'ef'.repeat(16);
  await using hub = await opened(
    { limits: { perSecond: 12, perPathPerMinute: 10 }, elapsedMs: () => now },
    fakeCallbackDesk('kept', [known, other]),
  );
  const statuses = async (token: string, times: number) => {
    const answers = [];
    for (let call = 0; call < times; call += 1)
      answers.push((await hub.post(hello, { token })).status);
    return answers;
  };
  assert.equal(await statuses(known, 30), [...Array(10).fill(200), ...Array(20).fill(429)]);
  assert.equal(await statuses(other, 3), [200, 200, 200]);
  assert.equal(await statuses(other, 2), [200, 429]);
  now += 60_000;
  assert.equal(await statuses(known, 1), [200]);
});

crowd('a path for all money sent by hand is heard more often than one for one answer', async () => {
  const desk = fakeCallbackDesk();
  await using hub = await opened({
    desk: { ...desk, useOf: () => 'standing' },
    limits: { perPathPerMinute: 1, perStandingPathPerMinute: 3 },
    elapsedMs: () => 0,
  });
  const answers = [];
  for (let call = 0; call < 4; call += 1) answers.push((await hub.post(hello)).status);
  assert.equal(answers, [200, 200, 200, 429]);
});

crowd('what is remembered of paths is bounded: the oldest is forgotten first', async () => {
  const [a, b, c] = ['1', '2', '3'].map((digit) => digit.repeat(32)) as [string, string, string];
  await using hub = await opened(
    { limits: { pathsRemembered: 2, perPathPerMinute: 1 }, elapsedMs: () => 0 },
    fakeCallbackDesk('kept', [a, b, c]),
  );
  const status = async (token: string) => (await hub.post(hello, { token })).status;
  assert.equal([await status(a), await status(b), await status(b)], [200, 200, 429]);
  assert.equal([await status(c), await status(b), await status(a)], [200, 429, 200]);
});

crowd('books that cannot say whether a path lives are asked again when it is kept', async () => {
  const useOf = () => {
    throw new Error('SQLITE_BUSY');
  };
  await using hub = await opened({ desk: { ...fakeCallbackDesk(), useOf } });
  assert.equal(
    [(await hub.post(hello)).status, (await hub.post(hello, { token: stranger })).status],
    [200, 404],
  );
});

crowd('S36: silent connections cannot keep M-Pesa out', async () => {
  await using hub = await opened({ limits: { connectionsMax: 4 } });
  const { port } = hub.listener;
  const silent = await Promise.all([1, 2, 3, 4].map(() => visitor(port, head(stranger))));
  const honest = await visitor(port, whole(known));
  await until('the honest one is answered', () => honest.heard().startsWith('HTTP/1.1 200'));
  await until('one has made room', () => silent.filter(isGone).length === 1);
  assert.is(hub.listener.counts()['made-room'], 1);
  leave([...silent, honest].map(({ socket }) => socket));
});

crowd('S36: the oldest makes room first, and who named a living path stays longer', async () => {
  await using hub = await opened({ limits: { connectionsMax: 3 } });
  const { port } = hub.listener;
  const named = await visitor(port, `${head(known)}content-length: 100\r\n\r\n{`);
  const proven = await visitor(port, whole(known));
  await until('it is kept', () => hub.desk.kept.length === 1);
  const strangers: Visitor[] = [];
  for (let number = 0; number < 6; number += 1) {
    strangers.push(await visitor(port));
    const expected = Math.max(0, number);
    await until(`${expected} left`, () => strangers.filter(isGone).length === expected);
  }
  assert.equal(strangers.map(isGone), [true, true, true, true, true, false]);
  assert.equal([isGone(named), isGone(proven)], [false, false]);
  leave([...strangers, named, proven].map(({ socket }) => socket));
});

/** Sixty connect while the hub looks elsewhere; the eighth is honest. What they said stays to be read. */
const crowdProgram = `
  const [port, honest, stranger] = process.argv.slice(1);
  let left = 60;
  for (let number = 0; number < 60; number += 1) {
    const socket = require('net').connect(Number(port), '127.0.0.1', () => {
      socket.write(number === 7 ? honest : stranger, () => --left === 0 && process.exit());
    });
  }`;

crowd('S36: a crowd that comes in one moment is read before anybody must go', async () => {
  await using hub = await opened({ limits: { connectionsMax: 2 } });
  const words = [String(hub.listener.port), whole(known), head(stranger).slice(0, 20)];
  const { status } = spawnSync(process.execPath, ['-e', crowdProgram, ...words], {
    timeout: patienceMs,
  });
  assert.is(status, 0);
  await until('the honest one is kept', () => hub.desk.kept.length === 1);
});

crowd('S36: who knows a path and holds every place with it cannot keep others out', async () => {
  await using hub = await opened({ limits: { connectionsMax: 2 } });
  const { port } = hub.listener;
  const slow = `${head(known)}content-length: 100\r\n\r\n{`;
  const holders = [await visitor(port, slow), await visitor(port, slow)];
  await pause(20);
  const honest = await visitor(port, whole(known));
  await until('the honest one is answered', () => honest.heard().startsWith('HTTP/1.1 200'));
  assert.equal(holders.map(isGone), [true, false]);
  leave([...holders, honest].map(({ socket }) => socket));
});

crowd('a tunnel’s connection that waits for something to say is not told off', async () => {
  await using hub = await opened({
    limits: { headersTimeoutMs: 60, requestTimeoutMs: 60, checkEveryMs: 20 },
  });
  const waiting = await visitor(hub.listener.port);
  await pause(400);
  assert.equal([waiting.heard(), isGone(waiting)], ['', false]);
  waiting.socket.write(whole(known));
  await until('it is answered', () => waiting.heard().startsWith('HTTP/1.1 200 '));
  // Once it speaks, it must speak to the end.
  const slow = await visitor(hub.listener.port);
  await pause(200);
  slow.socket.write(head(known));
  await until('it is gone', () => isGone(slow));
  assert.match(slow.heard(), /^HTTP\/1.1 408 /);
  leave([waiting.socket, slow.socket]);
});

crowd('who is too slow, or speaks no HTTP, is counted', async () => {
  await using hub = await opened({
    limits: { headersTimeoutMs: 100, requestTimeoutMs: 100, checkEveryMs: 20 },
  });
  const slow = await visitor(hub.listener.port, head(known));
  const other = await visitor(hub.listener.port, 'EHLO hub\r\n\r\n');
  await until('both are gone', () => isGone(slow) && isGone(other));
  assert.match(slow.heard(), /^HTTP\/1.1 408 /);
  assert.match(other.heard(), /^HTTP\/1.1 400 /);
  const counts = hub.listener.counts();
  assert.equal([counts['timed-out'], counts.malformed], [1, 1]);
  leave([slow.socket, other.socket]);
});

crowd.run();
