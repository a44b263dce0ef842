// needs: flows chromium
// timeout: 240s
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import type { Locator } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addBoardProxy } from '../../../gateway/adapters/web/board-proxy.ts';
import type { WebApp } from '../../../gateway/adapters/web/zod-door.ts';
import { openBrowser } from '../../pages/a-browser.ts';
import { besideNodeRed, until } from './given-node-red.ts';

const board = suite('the board on a wall and on a phone');

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

board('shows sums, live, and nothing that is somebody’s', async () => {
  await using beside = await besideNodeRed([]);
  const app = Fastify() as unknown as WebApp;
  addBoardProxy(app, () => Number(new URL(beside.url).port));
  app.get('/', (_request, reply) =>
    reply.type('text/html').send('<script>localStorage.pin = "1234"</script>'),
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  await using closing = new AsyncDisposableStack();
  closing.defer(() => app.close());
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  await until('the flows', () => beside.nodeRed.health().state === 'ok');
  const tell = (change: object) => {
    beside.announcer.announce('board/summary', { ...summary, ...change }, { retain: true });
    beside.announcer.announce('households/clinic/surplus', { v: 1, energyWh: 98_765 });
    beside.announcer.announce('proposals/p1/open', { v: 1, id: 'p1', household: 'clinic' });
  };
  tell({});
  await using browser = await openBrowser();
  for (const [width, height] of [
    [320, 640],
    [390, 844],
    [1920, 1080],
  ] as const) {
    const page = await browser.page({ viewport: { width, height } });
    const frames: string[] = [];
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => void frames.push(String(payload))),
    );
    await page.goto(`${url}/`);
    await page.goto(`${url}/board/`);
    await page.getByText('12.3').first().waitFor();
    const text = await shownOn(page);
    for (const shown of ['15.00', '41.0', '615.00', '812', '09:30', 'tokens moving', 'simulated'])
      assert.match(text, shown, `${width}: ${shown}`);
    assert.is(await page.evaluate('document.documentElement.scrollWidth'), width);
    const cut = await page.evaluate(cutTexts);
    assert.equal(cut, [], `${width}`);
    const { promise, resolve } = Promise.withResolvers<void>();
    page.getByText('13.4').first().waitFor().then(resolve, resolve);
    tell({ surplusWh: 13_400 });
    await promise;
    assert.match(await shownOn(page), '13.4');
    await page.getByRole('button').click();
    assert.match(await shownOn(page), 'ziada kwa majirani');
    assert.is(await page.evaluate('window.origin'), 'null');
    assert.is(await page.evaluate('String(localStorage.getItem("pin"))'), 'null');
    assert.not.match(frames.join(), /clinic|98765/);
    assert.equal(
      page.complaints.filter((words) => !words.includes('favicon')),
      [],
    );
    tell({});
    await page.context().close();
  }
});

const shownOn = async (page: { locator(selector: string): Locator }): Promise<string> =>
  (await page.locator('.jb').textContent()) ?? '';

/** Texts that stick out of the window, or of the card that they are in. */
const cutTexts = `[...document.querySelectorAll('.jb b, .jb span, .jb p, .jb em, .jb time, .jb h1')]
  .filter((one) => {
    const box = one.getBoundingClientRect();
    const card = one.closest('article, .trades, .sun, .jb').getBoundingClientRect();
    return box.width > 0 && (box.right > card.right + 1 || box.right > innerWidth + 1);
  })
  .map((one) => one.textContent)`;

board.run();
