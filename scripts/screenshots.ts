/** Writes pictures of the pages, for people to look at: phones, a wall screen, dark, Swahili. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { openBrowser, signedIn } from '../test/pages/a-browser.ts';
import { aLivedDay } from '../test/pages/a-lived-day.ts';
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
  { name: 'neighbourhood-390', options: phone, path: '/' },
  { name: 'neighbourhood-1920-dark-sw', options: wall, path: '/', language: 'sw', dark: true },
];

await using browser = await openBrowser();
for (const { name, options, who, path = '/', language = 'en', dark = false, act = [] } of shots) {
  await using day = await aLivedDay();
  if (who === corner) void day.offer(corner);
  if (who !== undefined) day.hub.books.choices.speak(who, language);
  const page = await browser.page({ ...options, colorScheme: dark ? 'dark' : 'light' });
  await page.addInitScript((spoken) => localStorage.setItem('language', spoken), language);
  if (who !== undefined) await signedIn(page, day.url, day.cookieOf(who));
  await page.goto(`${day.url}${path}`);
  await page.waitForTimeout(1_200);
  for (const selector of act) await page.locator(selector).first().click();
  if (act.length > 0) await page.waitForTimeout(400);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  for (const complaint of page.complaints) console.error(`${name}: ${complaint}`);
  await page.context().close();
  console.log(join(folder, `${name}.png`));
}
