// uncounted: it starts whole programs, again and again
// timeout: 240s
/** A whole hub behind a tunnel: money comes in through it, and goes on without it. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startTunnelServer } from '../../../gateway/simulators/tunnel/server.ts';
import { run, until } from '../../commands/programs.ts';
import { openPayingHouse, operatorToken, type PayingHouse } from '../../money/paying-house.ts';

const behind = suite('a hub behind a tunnel');

type Status = {
  readonly integrations: { readonly tunnel: Readonly<Record<'mode' | 'state' | 'detail', string>> };
  readonly payments: { readonly confirmed: number; readonly credited: number };
};
type Ledger = {
  readonly accounts: readonly { readonly account: string; readonly balance: number }[];
};

const tunnelOf = async (house: PayingHouse) =>
  (await house.get<Status>('/api/status')).integrations.tunnel;
const isUp = (house: PayingHouse) =>
  until('the tunnel is up', async () => (await tunnelOf(house)).state === 'ok');
const credited = async (house: PayingHouse) =>
  (await house.get<Status>('/api/status')).payments.credited;
const received = async (house: PayingHouse) =>
  (await house.get<Ledger>('/api/ledger')).accounts.find(({ account }) =>
    account.startsWith('mpesa'),
  )?.balance;

async function aHouseBehindATunnel() {
  await using opening = new AsyncDisposableStack();
  const server = opening.use(await startTunnelServer({ onLoopback: true }));
  const env = { TUNNEL: 'localtunnel', LOCALTUNNEL_HOST: server.url, PAYMENT_CALLBACK_URL: '' };
  const house = opening.use(await openPayingHouse(env));
  await isUp(house);
  const open = opening.move();
  return { server, house, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

const test = (house: PayingHouse, ...words: string[]) =>
  run(['tunnel', 'test', ...words], {
    HTTP_PORT: new URL(house.url).port,
    HUB_OPERATOR_TOKEN: operatorToken,
  });

behind('a payment’s callback comes through it, and the whole way can be walked', async () => {
  await using hub = await aHouseBehindATunnel();
  const { house } = hub;
  assert.match((await tunnelOf(house)).detail, /^trial mode: no encryption/);

  const walked = await test(house, '--json');
  assert.is(walked.code, 0, walked.stderr);
  const trip = JSON.parse(walked.stdout) as { mode: string; steps: { result: string }[] };
  assert.is(trip.mode, 'localtunnel');
  assert.equal(
    trip.steps.map(({ result }) => result),
    Array(6).fill('ok'),
  );

  const payment = await house.order(2);
  await house.payAndWait(payment);
  const letter = house.mpesa.letters().find(({ kind }) => kind === 'push');
  assert.equal([letter?.answers, house.count('inbox')], [[200], 1]);

  // 10: the same again, twice, after the query has settled it.
  const before = await received(house);
  assert.equal(await house.mpesa.replay(letter?.id ?? 0, { copies: 2 }), [200, 200]);
  await until('it is read', async () => house.unread() === 0);
  assert.equal([await credited(house), await received(house)], [1, before]);
});

behind(
  '9: a forged callback on a living path credits nothing while M-Pesa says not paid',
  async () => {
    await using hub = await aHouseBehindATunnel();
    const { house } = hub;
    const payment = await house.order(2);
    house.mpesa.answer(payment.transactionId, 'cancel');
    await until('it has failed', async () => (await house.statusOf(payment)) === 'failed');
    const letter = house.mpesa.letters().find(({ kind }) => kind === 'push');
    const { Body } = (letter?.body ?? {}) as { Body: { stkCallback: object } };
    const paid = [
      { Name: 'Amount', Value: 24 },
      { Name: 'MpesaReceiptNumber', Value: 'FORGED0001' },
    ];
    const forged = {
      Body: {
        stkCallback: {
          ...Body.stkCallback,
          ...{ ResultCode: 0, ResultDesc: 'paid', CallbackMetadata: { Item: paid } },
        },
      },
    };
    const before = await received(house);
    assert.equal(await house.mpesa.replay(letter?.id ?? 0, { body: forged }), [200]);
    // Callback and answer contradict each other: M-Pesa's own list will decide.
    await until('it is read', async () => (await house.statusOf(payment)) === 'unknown');
    assert.equal([await credited(house), await received(house)], [0, before]);
  },
);

behind('5: a push whose address has died is settled by asking', async () => {
  await using hub = await aHouseBehindATunnel();
  const { house, server } = hub;
  const inFlight = await house.order(2);
  await server.stop();
  await house.payAndWait(inFlight);
  assert.is(house.count('inbox'), 0, 'no callback came');

  // The client has lost all of its sockets, so that this is known at once.
  await until('it is noticed', async () => (await tunnelOf(house)).state !== 'ok');
  assert.match((await tunnelOf(house)).detail, /payments are found out by asking M-Pesa/);
  const away = await test(house);
  assert.is(away.code, 69, away.stdout);
  assert.match(away.stdout, /AWAY {5}a probe comes back through it/);

  await server.resume();
  await isUp(house);
  assert.is(server.registered().length, 1);
});

behind('while the tunnel is down, a phone is asked all the same', async () => {
  await using hub = await aHouseBehindATunnel();
  await hub.server.stop();
  await until('it is noticed', async () => (await tunnelOf(hub.house)).state !== 'ok');
  await hub.house.payAndWait(await hub.house.order(2));
  assert.is(hub.house.count('inbox'), 0);
});

behind('2: a hub that is killed leaves no tunnel behind', async () => {
  await using hub = await aHouseBehindATunnel();
  assert.is(hub.server.registered().length, 1);
  process.kill(hub.house.gateway.pid, 'SIGKILL');
  await until('the name is free', async () => hub.server.registered().length === 0);
});

behind.run();
