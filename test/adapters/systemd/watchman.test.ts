// needs: systemd-notify
/** Telling systemd how the hub is: the words that really leave, and their absence. */
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listensAt } from '../../../gateway/adapters/systemd/listens.ts';
import { openWatchman } from '../../../gateway/adapters/systemd/open-watchman.ts';
import { aSystemd, type Systemd } from './a-systemd.ts';

const watching = suite('systemd looks whether the hub lives');

/** One word in each third of it. */
const deadlineMs = 900;
const environment = ({ socket }: Systemd) => ({
  NOTIFY_SOCKET: socket,
  WATCHDOG_USEC: String(deadlineMs * 1_000),
});
const alive = /^WATCHDOG=1/;

watching('4: it hears READY, then again and again that the hub lives, then STOPPING', async () => {
  await using systemd = await aSystemd();
  const env = environment(systemd);
  const watchman = openWatchman(env);
  assert.equal(env, {}, 'no child may speak in the hub’s place');
  await watchman.ready();
  assert.match(systemd.heard[0]?.words ?? '', /^READY=1 STATUS=All is well\./);
  {
    using _watched = watchman.watch({ 'the books': () => {} });
    await systemd.hears(alive);
    await systemd.hears(alive, 2);
  }
  await watchman.stopping();
  assert.match(systemd.heard.at(-1)?.words ?? '', /^STOPPING=1/);
});

watching('4: it hears nothing good of a loop that stood still for 5 s', async () => {
  await using systemd = await aSystemd();
  const watchman = openWatchman(environment(systemd));
  using _watched = watchman.watch({});
  await systemd.hears(alive);
  await sleep(deadlineMs);
  // Right after a word none is on its way.
  await systemd.hears(alive, systemd.heard.length);
  const before = systemd.heard.length;
  const until = performance.now() + 5_000;
  while (performance.now() < until);
  await systemd.hears(/STATUS=Not well: the event loop stood still for [45]\d{3} ms/, before);
  const [first] = systemd.heard.slice(before);
  assert.not.match(first?.words ?? '', alive);
  await systemd.hears(alive, before);
});

watching('it hears which check fails, and nothing good until it holds again', async () => {
  await using systemd = await aSystemd();
  const watchman = openWatchman(environment(systemd));
  let trouble: Error | undefined = new Error('database is locked');
  using _watched = watchman.watch({
    'the broker': async () => {},
    'the books': () => {
      if (trouble !== undefined) throw trouble;
    },
  });
  await systemd.hears(/STATUS=Not well: the books: database is locked/);
  await systemd.hears(/Not well/, 1);
  assert.not.ok(systemd.heard.some(({ words }) => alive.test(words)));
  trouble = undefined;
  await systemd.hears(alive);
});

watching('it is asked for more time even when the loop then stands still', async () => {
  await using systemd = await aSystemd();
  openWatchman(environment(systemd)).askForTime(90_000);
  const until = performance.now() + 1_000;
  while (performance.now() < until);
  assert.match((await systemd.hears(/./)).words, /^EXTEND_TIMEOUT_USEC=90000000/);
});

watching('without systemd nobody is told, and nothing is asked', async () => {
  const watchman = openWatchman({});
  let asked = 0;
  using _watched = watchman.watch({ 'the books': () => void asked++ });
  watchman.askForTime(1);
  await watchman.ready();
  await watchman.stopping();
  assert.is(asked, 0);
});

watching('a unit without WatchdogSec is told of READY alone', async () => {
  await using systemd = await aSystemd();
  const watchman = openWatchman({ NOTIFY_SOCKET: systemd.socket });
  using _watched = watchman.watch({});
  await watchman.ready();
  assert.is(systemd.heard.length, 1);
});

watching('a port counts as listening only while somebody takes calls there', async () => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  await listensAt(address.port);
  await new Promise((resolve) => server.close(resolve));
  const refusal = await listensAt(address.port).catch((error: Error) => error.message);
  assert.is(refusal, `nobody listens at port ${address.port}`);
});

watching.run();
