// needs: chromium
// timeout: 300s
/** The page that checks a receipt, in a browser: what it says, and how it looks on a phone, at night and in Swahili. */
import { createServer } from 'node:http';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serveLedger } from '../../gateway/adapters/solana/embedded/server.ts';
import { receiptFileOf } from '../../gateway/commands/receipt-form.ts';
import { aFolder, valueIn } from '../adapters/solana/neighbours.ts';
import { openedWeb } from '../adapters/web/fake-desk.ts';
import { openBrowser } from '../pages/a-browser.ts';
import { axeFinds, cutTexts, readable, sideways, smallTargets } from '../pages/looks.ts';
import { aHubWithReceipts, aTradeOnTheChain, closeTheDay, note } from './a-receipt.ts';

type Scene = AsyncDisposable & {
  readonly url: string;
  readonly node: string;
  /** The receipt's file, word by word. */
  readonly text: string;
};

/** A noted day of three trades, the hub's page, and a node that lets pages read. */
async function aNotedDay(): Promise<Scene> {
  await using opening = new AsyncDisposableStack();
  const receipts = opening.use(await aHubWithReceipts());
  const trades = [await aTradeOnTheChain(receipts), await aTradeOnTheChain(receipts)];
  await aTradeOnTheChain(receipts);
  await note(receipts, closeTheDay(receipts) ?? '');
  const { web } = opening.use(await openedWeb());
  const node = createServer(async (request, response) => {
    const invitation = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' };
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    response.writeHead(200, invitation);
    if (request.method === 'OPTIONS') return void response.end();
    response.end(await (await receipts.local.fetch('', { body })).text());
  });
  await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve));
  opening.defer(() => {
    node.closeAllConnections();
    return new Promise((resolve) => node.close(() => resolve()));
  });
  const address = node.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const text = JSON.stringify(valueIn(receiptFileOf(receipts.hub.books, trades[1] ?? '')), null, 2);
  const open = opening.move();
  return {
    ...{ url: `${web.url}/receipt`, node: `http://127.0.0.1:${port}`, text },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** What the page says about this text, line by line. */
async function check(page: Page, text: string, node = ''): Promise<string[]> {
  await page.fill('#text', text);
  await page.fill('#node', node);
  await page.click('#check');
  const lines = node === '' ? '#verdict p' : '#verdict p:nth-child(2)';
  await page.locator(lines).first().waitFor();
  return page.locator('#verdict p').allTextContents();
}

const [inTree, onChain] = [
  'The receipt is in the tree of its day.',
  'The root and the transfer are on the chain.',
];
const browsing = suite('checking a receipt in a real browser');

browsing(
  'opens a file, proves its place in the tree, and asks the node of the reader',
  async () => {
    await using browser = await openBrowser();
    await using day = await aNotedDay();
    const page = await browser.page();
    await page.goto(day.url);
    await page.setInputFiles('#file', {
      ...{ name: 'receipt.json', mimeType: 'application/json', buffer: Buffer.from(day.text) },
    });
    await page.locator('#verdict .good').waitFor();
    const alone = await page.locator('#verdict p').allTextContents();
    const { memo, memoSignature, hub } = JSON.parse(day.text).chain as Record<string, string>;
    assert.is(alone[0], inTree);
    for (const must of [memo, memoSignature, hub]) assert.ok(alone.includes(must ?? ''), must);
    assert.equal(await check(page, day.text, day.node), [inTree, onChain]);
    assert.equal(page.complaints, [], 'nobody but hub and node was asked, and nothing went wrong');
  },
);

browsing('says what is wrong with a changed receipt, and what it could not look at', async () => {
  await using browser = await openBrowser();
  await using day = await aNotedDay();
  const page = await browser.page();
  await page.goto(day.url);
  const cheaper = day.text.replace(/"amountCents": \d+/, '"amountCents": 1');
  assert.not.equal(cheaper, day.text);
  assert.match((await check(page, cheaper)).join(), /^WRONG: the receipt does not belong/);
  assert.match((await check(page, '{"kind":"letter"}')).join(), /^This is not a receipt/);
  const moved = day.text.replace(/"hub": "\w+"/, `"hub": "${'1'.repeat(32)}"`);
  const [tree, chain] = await check(page, moved, day.node);
  assert.equal([tree, chain], [inTree, 'WRONG: the chain says something else.']);
  const silent = 'http://127.0.0.1:9';
  assert.match((await check(page, day.text, silent))[1] ?? '', /NOT CHECKED: the node does not/);
});

browsing('a page may ask the local ledger itself', async () => {
  await using browser = await openBrowser();
  using folder = aFolder();
  const file = `${folder.path}/ledger.db`;
  await using ledger = await serveLedger({ file, host: '127.0.0.1', port: 0 });
  await using day = await aNotedDay();
  const page = await browser.page();
  await page.goto(day.url);
  const said = await check(page, day.text, ledger.url);
  assert.match(said[1] ?? '', /this node serves another chain/);
});

/** Each way to look at the page: a theme, and a language with words that must and must not be there. */
const ways = (['light', 'dark'] as const).flatMap((colorScheme) => [
  { colorScheme, language: 'en', own: /Check a receipt/, foreign: /Hakiki risiti|Risiti imo/ },
  { colorScheme, language: 'sw', own: /Hakiki risiti/, foreign: /Check a receipt|is in the tree/ },
]);

async function looksWell(page: Page, where: string): Promise<void> {
  await page.click('#check');
  await page.locator('#verdict p').first().waitFor();
  assert.is(await sideways(page), 0, where);
  assert.equal(await cutTexts(page), [], where);
  assert.equal(await smallTargets(page), [], where);
  assert.equal(await axeFinds(page), [], where);
}

browsing('fits a phone of 320 px, by day and by night, in both languages', async () => {
  await using browser = await openBrowser();
  await using day = await aNotedDay();
  for (const { colorScheme, language, own, foreign } of ways) {
    const page = await browser.page({ colorScheme, viewport: { width: 320, height: 640 } });
    await page.goto(day.url);
    if (language === 'sw') await page.click('#language');
    for (const text of ['{}', day.text]) {
      await page.fill('#text', text);
      await looksWell(page, `${colorScheme}, ${language}`);
    }
    assert.is(await page.locator('html').getAttribute('lang'), language);
    const said = await readable(page);
    assert.match(said, own);
    assert.not.match(said, foreign);
    const ground = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    assert.is(Number(/\d+/.exec(ground)?.[0]) > 127, colorScheme === 'light', ground);
    await page.context().close();
  }
});

browsing.run();
