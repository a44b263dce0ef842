/** Writes pictures of the pages, for people to look at: phones, a wall screen, dark, Swahili. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { isInstalled } from '../gateway/adapters/node-red/command.ts';
import { aBoard } from '../test/adapters/node-red/a-board.ts';
import { token } from '../test/adapters/web/fake-desk.ts';
import { openBrowser, signedIn } from '../test/pages/a-browser.ts';
import { aLivedDay, type LivedDay } from '../test/pages/a-lived-day.ts';
import { keeperTrouble } from '../test/pages/keeper-trouble.ts';
import { corner, kiosk, tailor } from '../test/support/neighbourhood.ts';

const folder = resolve(process.argv[2] ?? join(import.meta.dirname, '../screenshots'));
mkdirSync(folder, { recursive: true });

const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
};
const small: BrowserContextOptions = {
  viewport: { width: 320, height: 640 },
  deviceScaleFactor: 2,
};
const wall: BrowserContextOptions = { viewport: { width: 1920, height: 1080 } };
const desk: BrowserContextOptions = { viewport: { width: 1024, height: 800 } };

type Shot = {
  readonly name: string;
  readonly options: BrowserContextOptions;
  readonly who?: typeof corner;
  readonly path?: string;
  readonly language?: 'en' | 'sw';
  readonly dark?: boolean;
  readonly act?: readonly string[];
  /** Signed in as the keeper, with things that wait. */
  readonly keeper?: boolean;
};

const shots: readonly Shot[] = [
  { name: 'home-390', options: phone, who: corner },
  { name: 'home-320-buyer', options: small, who: kiosk },
  { name: 'home-320-sw', options: small, who: corner, language: 'sw' },
  { name: 'home-390-dark-sw', options: phone, who: corner, language: 'sw', dark: true },
  {
    name: 'home-390-open',
    options: phone,
    who: tailor,
    act: ['#show-month', '.do summary', '.settings > summary'],
  },
  { name: 'home-1024', options: desk, who: corner },
  { name: 'home-1920', options: wall, who: corner },
  { name: 'home-1920-dark', options: wall, who: tailor, dark: true },
  { name: 'sign-in-390', options: phone, path: '/sign-in' },
  { name: 'keeper-390', options: phone, path: '/keeper', keeper: true },
  { name: 'keeper-320-sw', options: small, path: '/keeper', keeper: true, language: 'sw' },
  { name: 'keeper-1024', options: desk, path: '/keeper', keeper: true },
  { name: 'keeper-1920-dark', options: wall, path: '/keeper', keeper: true, dark: true },
  {
    name: 'keeper-390-code',
    ...{ options: phone, path: '/keeper', keeper: true },
    act: ['#people details > summary', '#people details .pair button'],
  },
  { name: 'keeper-sign-in-390', options: phone, path: '/keeper' },
  { name: 'neighbourhood-390', options: phone, path: '/' },
  { name: 'neighbourhood-1920-dark-sw', options: wall, path: '/', language: 'sw', dark: true },
];

const boardTrades = [
  ['closed', 3_000, 6, 41],
  ['closed', 1_000, 6, 56],
  ['settled', 2_000, 7, 11],
  ['transferring', 1_000, 7, 26],
  ['paid', 4_000, 7, 26],
  ['awaiting-funds', 1_000, 7, 41],
  ['matched', 2_000, 7, 41],
  ['expired', 1_000, 5, 56],
] as const;

await using browser = await openBrowser();
const wanted = process.argv[3];
for (const shot of shots.filter(({ name }) => wanted === undefined || name.includes(wanted)))
  await take(shot);
if (isInstalled()) await takeBoard();
else console.error('the board is left out: Node-RED is not installed (NODE_RED=on scripts/hub)');

async function take({ name, options, path = '/', language = 'en', dark, ...shot }: Shot) {
  const { who, act = [], keeper = false } = shot;
  await using day = await aLivedDay();
  if (who === corner) void day.offer(corner);
  if (who !== undefined) day.hub.books.choices.speak(who, language);
  showCards(day);
  const page = await browser.page({ ...options, colorScheme: dark ? 'dark' : 'light' });
  await page.addInitScript((spoken) => localStorage.setItem('language', spoken), language);
  if (who !== undefined) await signedIn(page, day.url, day.cookieOf(who));
  if (keeper) await keeperTrouble(day);
  await page.goto(`${day.url}${path}`);
  if (keeper) {
    await page.locator('#token').fill(token);
    await page.locator('#sign-in button').click();
  }
  await page.waitForTimeout(1_200);
  for (const selector of act) await page.locator(selector).first().click();
  if (act.length > 0) await page.waitForTimeout(400);
  const picture = join(folder, `${name}.png`);
  await page.screenshot({ path: picture, fullPage: !name.endsWith('-code') });
  for (const complaint of page.complaints) console.error(`${name}: ${complaint}`);
  await page.context().close();
  console.log(picture);
}

/** What a flow of the keeper's might say. */
function showCards({ cards }: LivedDay): void {
  const say = (name: string, body: object) =>
    cards.hear(`households/${corner}/card/${name}`, Buffer.from(JSON.stringify({ v: 1, ...body })));
  const water = { en: 'Village pump runs', sw: 'Pampu ya kijiji' };
  say('pump', { title: water, kind: 'text', value: '14:00–15:30', unit: '' });
  const night = { en: 'Used last night', sw: 'Matumizi ya usiku' };
  say('night', { title: night, kind: 'value', value: 1_840, unit: 'Wh' });
}

/** The neighbourhood of the board: busy enough to be looked at. */
async function takeBoard() {
  await using board = await aBoard();
  const well = { state: 'ok', simulated: false };
  const played = { state: 'ok', simulated: true };
  board.tell({
    integrations: {
      ...{ mpesa: played, solana: well, advisor: well, weather: { ...well, state: 'away' } },
      ...{ broker: well, tunnel: well, node_red: well },
    },
    lastTrades: boardTrades.map(([state, energyWh, hour, minute], at) => ({
      ...{ id: `t${at}`, energyWh, amountCents: (energyWh * 1_500) / 1_000, state },
      at: new Date(Date.UTC(2026, 5, 15, hour, minute)).toISOString(),
    })),
  });
  for (const [name, options, dark, language] of [
    ['board-390', phone, false, 'en'],
    ['board-320', small, false, 'en'],
    ['board-390-dark-sw', phone, true, 'sw'],
    ['board-1920', wall, false, 'en'],
    ['board-1920-dark', wall, true, 'en'],
  ] as const) {
    const page = await browser.page({ ...options, colorScheme: dark ? 'dark' : 'light' });
    await page.goto(`${board.url}/board/`);
    await page.getByText('12.3').first().waitFor();
    if (language === 'sw') await page.getByRole('button').click();
    await page.waitForTimeout(1_500);
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
    await page.context().close();
    console.log(join(folder, `${name}.png`));
  }
}
