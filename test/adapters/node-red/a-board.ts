/** The board as a viewer finds it: Node-RED with the shipped flows, seen through the hub's proxy. */
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { addBoardProxy } from '../../../gateway/adapters/web/board-proxy.ts';
import type { WebApp } from '../../../gateway/adapters/web/zod-door.ts';
import { besideNodeRed, until } from './given-node-red.ts';

const summary = {
  ...{ v: 1, surplusWh: 12_300, rateCentsPerKwh: 1_500, tradedWhToday: 41_000 },
  ...{ tradedCentsToday: 61_500, paidCount: 7, creditedCount: 7, sunWattsPerM2: 812 },
  integrations: { mpesa: { state: 'ok', simulated: true }, weather: { state: 'away' } },
  lastTrades: [
    {
      ...{ id: 't1', energyWh: 12_000, amountCents: 18_000, state: 'transferring' },
      at: '2026-06-15T06:30:00.000Z',
    },
  ],
};

export async function aBoard() {
  await using opening = new AsyncDisposableStack();
  const beside = opening.use(await besideNodeRed([]));
  const app = Fastify() as unknown as WebApp;
  addBoardProxy(app, () => Number(new URL(beside.url).port));
  app.get('/', (_request, reply) =>
    reply.type('text/html').send('<script>localStorage.pin = "1234"</script>'),
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  opening.defer(() => app.close());
  await until('the flows', () => beside.nodeRed.health().state === 'ok');
  const open = opening.move();
  return {
    url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    tell: (change: object) =>
      beside.announcer.announce('board/summary', { ...summary, ...change }, { retain: true }),
    announcer: beside.announcer,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
