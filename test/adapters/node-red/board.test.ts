// uncounted: it starts whole programs, again and again
// needs: flows chromium
// timeout: 240s
import type { Locator } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openBrowser } from '../../pages/a-browser.ts';
import { aBoard } from './a-board.ts';

const board = suite('the board on a wall and on a phone');

board('shows sums, live, and nothing that is somebody’s', async () => {
  await using shown = await aBoard();
  const { url, announcer } = shown;
  const tell = (change: object) => {
    shown.tell(change);
    announcer.announce('households/clinic/surplus', { v: 1, energyWh: 98_765 });
    announcer.announce('proposals/p1/open', { v: 1, id: 'p1', household: 'clinic' });
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
    for (const word of ['15.00', '41.0', '615.00', '812', '09:30', 'tokens moving', 'simulated'])
      assert.match(text, word, `${width}: ${word}`);
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
