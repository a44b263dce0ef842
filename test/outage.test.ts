// uncounted: it starts whole programs, again and again
// timeout: 600s
/** What the hub leans on goes away, one after the other, in one running neighbourhood. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aDemo, type Ledger, type RunningDemo, type Trade } from './commands/a-demo.ts';
import { aFolder, goneAfterMs, until } from './commands/programs.ts';
import { assertNothingTwice, moneyAgrees } from './commands/proofs.ts';

type Status = {
  readonly integrations: Readonly<Record<string, { readonly state: string }>>;
  readonly readings: { readonly quarantined: Readonly<Record<string, number>> };
};

const awayMs = 4_000;
/** The hub has answered in much less than this while nothing was away. */
const answersWithinMs = 2_000;
const endsWithinMs = 10_000;

const folder = aFolder();
const starting = aDemo(folder.path, ['--speed', '600']);
starting.catch(() => {});
/** Trades by hand, one for each test: each needs M-Pesa, the chain, and M-Pesa again. */
const bought: string[] = [];

const acknowledged = async (demo: RunningDemo): Promise<number> =>
  (await demo.control<{ acknowledged: number }>('/meters')).acknowledged;
const slotsClosed = ({ program }: RunningDemo): number =>
  program.stderr().match(/^slot .* is closed$/gm)?.length ?? 0;
const stateOf = async (demo: RunningDemo, part: string): Promise<string | undefined> =>
  (await demo.api<Status>('/api/status')).integrations[part]?.state;

async function buy(demo: RunningDemo): Promise<void> {
  const { trade } = await demo.buy(0.5, 30);
  bought.push(trade.id);
}

/** Lives without it for a while: readings are kept, slots close, the API answers, and the status knows. */
async function liveWithout(demo: RunningDemo, part: string): Promise<void> {
  const [readings, slots, began] = [await acknowledged(demo), slotsClosed(demo), performance.now()];
  const noticed = until(`the hub notices that ${part} is away`, async () => {
    const asked = performance.now();
    await demo.api('/api/board');
    const ms = performance.now() - asked;
    assert.ok(ms < answersWithinMs, `the API took ${ms} ms`);
    return (await stateOf(demo, part)) !== 'ok';
  });
  await Promise.all([buy(demo), noticed, sleep(awayMs)]);
  const grown = (await acknowledged(demo)) - readings;
  const seconds = (performance.now() - began) / 1000;
  assert.ok(grown > 10 * seconds, `only ${grown} readings in ${seconds} s`);
  assert.ok(slotsClosed(demo) > slots, 'no slot was closed');
}

const isWell = (demo: RunningDemo, part: string, ...states: string[]) =>
  until(`${part} is well`, async () => states.includes((await stateOf(demo, part)) ?? ''));

const outage = suite('going on while something is away');

outage('meters are heard and slots close while M-Pesa is away', async () => {
  const demo = await starting;
  await until('phones ringing', async () =>
    (await demo.trades()).some(({ checkoutRequestId }) => checkoutRequestId !== null),
  );
  await isWell(demo, 'mpesa', 'ok');
  await demo.order('/mpesa/stop');
  await liveWithout(demo, 'mpesa');
  await demo.order('/mpesa/resume');
  await isWell(demo, 'mpesa', 'ok');
});

outage('meters are heard and slots close while the chain stands still', async () => {
  const demo = await starting;
  await isWell(demo, 'solana', 'ok');
  process.kill(demo.pids.chain, 'SIGSTOP');
  try {
    await liveWithout(demo, 'solana');
  } finally {
    process.kill(demo.pids.chain, 'SIGCONT');
  }
  await isWell(demo, 'solana', 'ok');
});

outage('trades go on by the hub’s own rule while Gemini is away', async () => {
  const demo = await starting;
  await isWell(demo, 'advisor', 'ok');
  await demo.order('/gemini/stop');
  await liveWithout(demo, 'advisor');
  await demo.order('/gemini/resume');
  // After three failures the model is left alone for five minutes.
  await isWell(demo, 'advisor', 'ok', 'resting');
});

outage('trades go on with the last forecast while the weather is away', async () => {
  const demo = await starting;
  await isWell(demo, 'weather', 'ok');
  await demo.order('/weather/stop');
  await liveWithout(demo, 'weather');
  await demo.order('/weather/resume');
  await isWell(demo, 'weather', 'ok');
});

outage('a ledger that is killed comes back with all that it knew', async () => {
  const demo = await starting;
  await buy(demo);
  process.kill(demo.pids.chain, 'SIGKILL');
  await goneAfterMs([demo.pids.chain]);
  await isWell(demo, 'solana', 'ok');
});

const ended = ['closed', 'expired'];
/** Deeds that failed while something was away rest longer each time. */
const pausesMs = 300_000;

outage('what has waited is done once, and all is well again', async () => {
  const demo = await starting;
  const trades = await until(
    'all that waited is done',
    async () => {
      const now = await demo.trades();
      return bought.every((id) => now.find((each) => each.id === id)?.state === 'closed') && now;
    },
    pausesMs,
  );
  assert.is(bought.length, 5);
  const waited = ({ origin, state }: Trade) => origin === 'round' && ended.includes(state);
  assert.ok(trades.filter(waited).some(({ state }) => state === 'closed'));
  assert.ok(await moneyAgrees(demo));
  await assertNothingTwice(demo);
  const { trialBalanceCents, trialBalanceWh } = await demo.api<Ledger>('/api/ledger');
  assert.equal([trialBalanceCents, trialBalanceWh], [0, 0]);
  const { readings } = await demo.api<Status>('/api/status');
  assert.equal(readings.quarantined, {});
  await until('the hub is ready for work', async () => {
    const { checks } = await demo.api<{ checks: Record<string, { ok: boolean }> }>('/health/ready');
    return Object.values(checks).every(({ ok }) => ok);
  });
  assert.not.match(demo.program.stderr(), /trouble/);
});

outage('the neighbourhood goes to sleep, and leaves nothing behind', async () => {
  await using demo = await starting;
  using _gone = folder;
  const began = performance.now();
  demo.program.signal('SIGINT');
  const { code, stderr } = await demo.program.ended;
  assert.is(code, 0, stderr);
  assert.ok(performance.now() - began < endsWithinMs);
});

outage.run();
