// uncounted: it starts whole programs, again and again
// timeout: 300s
/** Looking at a running neighbourhood from the command line. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aDemo, closedTrades } from './a-demo.ts';
import { aFolder, begin, ctrlC, run } from './programs.ts';

const showing = suite('looking at a running hub');

showing('shows a trade, its journey and the wallets of its people', async () => {
  using folder = aFolder();
  const keeper = { HUB_OPERATOR_TOKEN: 'what-the-keeper-chose' };
  await using demo = await aDemo(folder.path, ['--speed', '600'], keeper);
  const env = { ...keeper, HUB_DATA_DIR: folder.path, HTTP_PORT: new URL(demo.url).port };
  const hub = async (...words: string[]) => {
    const ended = await run(words, env);
    assert.is(ended.code, 0, ended.stderr);
    return ended.stdout;
  };
  const [trade] = await closedTrades(demo, 1);
  const id = trade?.id ?? '';
  const { sellerId = '', buyerId = '' } = trade ?? {};

  const list = JSON.parse(await hub('trades', 'list', '--json'));
  assert.equal(
    list.find((each: { id: string }) => each.id === id),
    trade,
  );
  assert.match(await hub('trades', 'list'), new RegExp(`^${id}  ${sellerId} → ${buyerId}  `, 'm'));

  const { journey, ...shown } = JSON.parse(await hub('trades', 'show', id, '--json'));
  assert.equal(shown, trade);
  const events = journey.map(({ event }: { event: string }) => event);
  assert.is(events[0], 'trade.matched');
  assert.is(events.at(-1), 'earnings.paid-out');
  assert.match(await hub('trades', 'show', id), /\n {2}\S+Z {2}tokens\.settled /);

  const wallet = JSON.parse(await hub('wallets', 'show', sellerId, '--json'));
  assert.is(wallet.id, sellerId);
  assert.match(await hub('wallets', 'show', buyerId), /\n {2}wallet {3}KES \d+\.\d\d\n/);
  assert.match(await hub('status'), /\n {2}mpesa {5}simulator +ok$/m);

  const before = JSON.parse(await hub('orders', 'show', buyerId, '--json'));
  const words = ['--ceiling', '1777', '--day-most', '321', '--json'];
  const ordered = JSON.parse(await hub('orders', 'set', buyerId, ...words));
  assert.equal(ordered, { ...before, ceilingCents: 1_777, dayMostCents: 32_100 });
  assert.match(await hub('orders', 'show', buyerId), /up to KES 17\.77 a kWh .* KES 321\.00 a day/);
  assert.is((await run(['orders', 'set', buyerId, '--buy', 'perhaps'], env)).code, 2);
  assert.is((await run(['orders', 'set', 'h99', '--buy', 'off'], env)).code, 1);

  const unknown = await run(['trades', 'show', 'nothing'], env);
  assert.is(unknown.code, 1);
  assert.match(unknown.stderr, /^No such trade\. /);
  const nobody = await run(['wallets', 'show', 'h99', '--json'], env);
  assert.is(nobody.code, 1);
  assert.is(nobody.stdout, '');
  const wrongToken = await run(['trades', 'list'], { ...env, HUB_OPERATOR_TOKEN: 'x'.repeat(20) });
  assert.is(wrongToken.code, 1);
  assert.match(wrongToken.stderr, /^Unauthorized\. /);

  demo.program.signal('SIGTERM');
  const { code, stderr } = await demo.program.ended;
  assert.is(code, 0);
  assert.match(stderr, /token: \$HUB_OPERATOR_TOKEN\n/);
  assert.not.ok(stderr.includes(keeper.HUB_OPERATOR_TOKEN));
});

showing('a demo whose simulated world has died says so and ends', async () => {
  using folder = aFolder();
  await using demo = await aDemo(folder.path, ['--speed', '600']);
  process.kill(demo.pids.simulators, 'SIGKILL');
  const { code, stderr } = await demo.program.ended;
  assert.is(code, 1);
  assert.match(
    stderr,
    /The simulated M-Pesa ended and its money is gone with it, so the demo ends\./,
  );
});

showing('a demo obeys Ctrl-C while it still starts, and leaves nobody behind', async () => {
  for (const waitMs of [700, 2_000]) {
    using folder = aFolder();
    const words = ['demo', '--data-dir', folder.path];
    await using demo = begin(words, {}, { inTerminal: true });
    await demo.says(/Nothing here is real money/);
    await sleep(waitMs);
    const began = performance.now();
    ctrlC(demo);
    // Its children hold its standard error: the end of that is the end of all.
    const { code, stderr } = await demo.ended;
    assert.is(code, 0, stderr);
    assert.match(stderr, /The neighbourhood goes to sleep\.\n/);
    assert.not.match(stderr, /Ready after/);
    assert.ok(performance.now() - began < 10_000);
  }
});

showing.run();
