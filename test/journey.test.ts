// uncounted: it starts whole programs, again and again
// timeout: 300s
/** The whole way of a unit of energy, as somebody meets it who types `scripts/hub demo`. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aDemo, closedTrades, type Trade } from './commands/a-demo.ts';
import { aFolder, begin, ctrlC, goneAfterMs, isRunning, run, until } from './commands/programs.ts';
import { assertNothingTwice, assertOnChain, moneyAgrees } from './commands/proofs.ts';

type Report = {
  readonly trades: readonly Trade[];
  readonly readings: { readonly acknowledged: number; readonly stored: number };
  readonly ledger: { readonly trialBalanceCents: number; readonly trialBalanceWh: number };
  readonly chain: { readonly supplyWh: number; readonly heldWh: number };
};

const endsWithinMs = 10_000;
const fast = ['--speed', '600'];

/** Phones, callback paths and tokens, as somebody who reads over the shoulder would find them. */
const private_ = [/(?<!\d)(?:\+?254|0)[17]\d{8}(?!\d)/, /[0-9a-f]{32}/, /simulated#password/];

function assertNothingPrivate(output: string): void {
  for (const line of output.split('\n'))
    for (const pattern of private_) assert.not.match(line, pattern);
}

function assertReport(report: Report, tradesLeast: number): void {
  assert.equal(Object.keys(report), ['trades', 'readings', 'ledger', 'chain']);
  assert.ok(report.trades.length >= tradesLeast);
  for (const trade of report.trades) assertClosed(trade);
  assert.ok(report.readings.acknowledged > 0);
  assert.is(report.readings.stored, report.readings.acknowledged);
  assert.equal(report.ledger, { trialBalanceCents: 0, trialBalanceWh: 0 });
  assert.ok(report.chain.supplyWh > 0);
  assert.is(report.chain.heldWh, report.chain.supplyWh);
}

const fields = 'amountCents buyerId checkoutRequestId energyWh id payoutId priceCentsPerKwh'
  .concat(' receipt sellerId signature state')
  .split(' ');

function assertClosed(trade: Trade): void {
  assert.equal(Object.keys(trade).sort(), fields);
  assert.is(trade.state, 'closed');
  assert.match(trade.id, /^[0-9A-Z]{26}$/);
  assert.match(trade.signature ?? '', /^[1-9A-HJ-NP-Za-km-z]{80,90}$/);
  assert.match(trade.payoutId ?? '', /^[0-9A-Z]{26}$/);
  assert.is(trade.amountCents, Math.round((trade.energyWh * trade.priceCentsPerKwh) / 1000));
  assert.is.not(trade.sellerId, trade.buyerId);
  assert.ok(trade.receipt === null || trade.checkoutRequestId !== null);
}

const journey = suite('a neighbourhood that sells its sun to itself');

journey('closes three trades, shows them in one document, and goes on the next day', async () => {
  using folder = aFolder();
  const words = ['demo', '--trades', '3', '--json', ...fast, '--data-dir', folder.path];
  const first = await run(words);
  assert.is(first.code, 0, first.stderr);
  const report = JSON.parse(first.stdout) as Report;
  assertReport(report, 3);
  assert.ok(report.trades.every(({ receipt }) => receipt !== null));
  assertNothingPrivate(`${first.stderr}\n${first.stdout}`);

  {
    await using chain = begin(['chain', 'serve', '--data-dir', folder.path, '--port', '0']);
    const [, chainUrl = ''] = await chain.says(/local ledger, one operator: (http:\S+)/);
    await assertOnChain(chainUrl, report.trades);
    chain.signal('SIGTERM');
    assert.is((await chain.ended).code, 0);
  }

  const again = await run(words);
  assert.is(again.code, 0, again.stderr);
  const next = JSON.parse(again.stdout) as Report;
  assertReport(next, 3);
  const before = new Set(report.trades.map(({ id }) => id));
  assert.not.ok(next.trades.some(({ id }) => before.has(id)));
  assert.ok(next.chain.supplyWh > report.chain.supplyWh);
  assertNothingPrivate(`${again.stderr}\n${again.stdout}`);
});

const isOpen = ({ state }: Trade): boolean => !['closed', 'expired', 'undone'].includes(state);

journey('loses and doubles nothing when its hub is killed in the middle', async () => {
  using folder = aFolder();
  await using demo = await aDemo(folder.path, [...fast, '--json'], {}, { inTerminal: true });
  const { pids, program } = demo;
  const open = await until('phones ringing for several trades', async () => {
    const trades = (await demo.trades()).filter(isOpen);
    return trades.length >= 2 && trades.every((each) => each.checkoutRequestId) && trades;
  });
  process.kill(pids.gateway, 'SIGKILL');
  await goneAfterMs([pids.gateway]);
  await until('the hub is back', () => demo.trades().catch(() => undefined));
  assert.ok(isRunning(pids.chain) && isRunning(pids.simulators));
  const closed = await closedTrades(demo, open.length);
  const ended = await until('what was open has ended', async () => {
    const trades = await demo.trades();
    const then = trades.filter(({ id }) => open.some((each) => each.id === id));
    return !then.some(isOpen) && then;
  });
  assert.equal(
    ended.map(({ state }) => state),
    open.map(() => 'closed'),
  );
  assert.ok(await moneyAgrees(demo));
  await assertNothingTwice(demo);

  ctrlC(program);
  const ms = await goneAfterMs([program.pid, pids.chain, pids.simulators]);
  assert.ok(ms < endsWithinMs, `it took ${ms} ms to end`);
  const { code, stdout, stderr } = await program.ended;
  assert.is(code, 0, stderr);
  assertReport(JSON.parse(stdout) as Report, closed.length);
  assertNothingPrivate(`${stderr}\n${stdout}`);
});

journey('leaves no process behind when the demo itself is killed', async () => {
  using folder = aFolder();
  await using demo = await aDemo(folder.path, fast);
  const second = await run(['start'], { HUB_DATA_DIR: folder.path });
  assert.is(second.code, 1);
  assert.match(second.stderr, /another hub runs on this data folder/);
  const secondDemo = await run(['demo', '--data-dir', folder.path]);
  assert.is(secondDemo.code, 1);
  assert.match(secondDemo.stderr, /another hub runs on this data folder/);

  demo.program.signal('SIGKILL');
  const ms = await goneAfterMs(Object.values(demo.pids));
  assert.ok(ms < endsWithinMs, `it took ${ms} ms to end`);
});

journey.run();
