// needs: chromium
// timeout: 300s
/** What the hub keeper does on the page that decides, in a real browser. */
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HouseholdId } from '../../gateway/core/ids.ts';
import { token } from '../adapters/web/fake-desk.ts';
import { kiosk } from '../support/neighbourhood.ts';
import { openBrowser } from './a-browser.ts';
import { aLivedDay, type LivedDay } from './a-lived-day.ts';
import { keeperTrouble } from './keeper-trouble.ts';
import {
  axeFinds,
  cutTexts,
  readable,
  sentencesOf,
  sideways,
  smallTargets,
  unfold,
} from './looks.ts';
import { keeperWords } from './the-keeper-words.ts';

const keeping = suite('the keeper’s page');
const en = keeperWords.en;
const say = (name: string): string => en[name] ?? name;

async function enter(page: Page, day: LivedDay): Promise<void> {
  await page.goto(`${day.url}/keeper`);
  await page.locator('#token').fill(token);
  await page.locator('#sign-in button').click();
  await page.locator('#keeper').waitFor();
}

keeping('signs in with the token, which stays nowhere in the browser, and out again', async () => {
  await using browser = await openBrowser();
  await using day = await aLivedDay();
  const page = await browser.page();
  await page.goto(`${day.url}/keeper`);
  assert.is(await page.locator('#keeper').isVisible(), false);
  await page.locator('#token').fill('a guess');
  await page.locator('#sign-in button').click();
  await page.getByText(say('wrong')).waitFor();
  await enter(page, day);
  const cookies = await page.context().cookies(`${day.url}/api/keeper`);
  const [cookie] = cookies.filter(({ name }) => name === 'jirani_keeper');
  assert.equal([cookie?.httpOnly, cookie?.sameSite, cookie?.path], [true, 'Strict', '/api']);
  const kept = await page.evaluate('JSON.stringify([{ ...localStorage }, location.href])');
  assert.not.match(`${kept} ${cookie?.value} ${await page.content()}`, token);
  await page.reload();
  await page.locator('#keeper').waitFor();
  await page.locator('#sign-out').click();
  await page.locator('#token').waitFor();
  await page.reload();
  await page.locator('#token').waitFor();
});

keeping('pauses market and payouts, and lets them go on', async () => {
  await using browser = await openBrowser();
  await using day = await aLivedDay();
  const { books, clock } = day.hub;
  const page = await browser.page();
  await enter(page, day);
  await page.getByText(say('pauseAll')).click();
  await page.getByLabel(say('reason')).fill('a fire at the transformer');
  await page.getByRole('button', { name: say('pauseNow') }).click();
  await page.locator('#market', { hasText: say('marketStopped') }).waitFor();
  assert.is(books.settings.at(clock.now()).marketOpen, false);
  assert.equal(
    books.pauses.holding(clock.now()).map(({ cause, why }) => [cause, why]),
    [['keeper', 'a fire at the transformer']],
  );
  clock.advance(1_000);
  await page.getByRole('button', { name: say('resume') }).click();
  await page.locator('#payouts', { hasText: say('payoutsGo') }).waitFor();
  assert.is(books.settings.at(clock.now()).marketOpen, true);
  assert.equal(books.pauses.holding(clock.now()), []);
  assert.equal(page.complaints, []);
});

keeping('moves a limit, which counts from when it says', async () => {
  await using browser = await openBrowser();
  await using day = await aLivedDay();
  const { books, clock } = day.hub;
  const page = await browser.page();
  await enter(page, day);
  const cap = page.getByLabel(en.limitNames['cap'] ?? '');
  await cap.fill('2400');
  await page.getByLabel(en.limitNames['floor'] ?? '').fill('2000');
  await page.locator('output', { hasText: 'KES 24.00' }).waitFor();
  await page.getByRole('button', { name: say('save') }).click();
  await page.getByText(say('saved')).waitFor();
  const { floor, cap: before } = books.settings.at(clock.now());
  assert.equal([floor, before], [1_200, 1_990]);
  await page.getByText('from midnight, until then KES 19.90 per kWh').waitFor();
  clock.advance(24 * 3_600_000);
  const after = books.settings.at(clock.now());
  assert.equal([after.floor, after.cap], [2_000, 2_400]);
  await page.getByLabel(en.limitNames['rate'] ?? '').fill('3900');
  await page.getByRole('button', { name: say('save') }).click();
  await page.getByText('the collar would be').waitFor();
  assert.is(books.settings.at(clock.now()).rate, 1_500);
});

keeping('decides what waits for a person', async () => {
  await using browser = await openBrowser();
  await using day = await aLivedDay();
  const id = await keeperTrouble(day);
  const { books } = day.hub;
  const wallet = books.trades.walletOf(kiosk);
  const page = await browser.page();
  await enter(page, day);
  const review = page.locator(`[data-id="${id}"]`);
  await review.getByLabel(say('receipt')).fill('UJ22T8IYOU');
  await review.getByRole('button', { name: say('wasPaid') }).click();
  await review.waitFor({ state: 'detached' });
  assert.is(books.trades.walletOf(kiosk), wallet + 3_000);
  const stray = page.locator('[data-kind=suspense]');
  await stray.getByLabel(say('household')).selectOption(kiosk);
  await stray.getByRole('button', { name: say('giveTo') }).click();
  await stray.waitFor({ state: 'detached' });
  assert.ok(books.trades.walletOf(kiosk) > wallet + 3_000);
  await page.getByRole('button', { name: say('letGo') }).click();
  await page.locator('#held').waitFor({ state: 'hidden' });
  assert.equal(books.pauses.holding(day.hub.clock.now()), []);
});

keeping(
  'enrols a household and its meter, and a phone signs in by the QR code’s link',
  async () => {
    await using browser = await openBrowser();
    await using day = await aLivedDay();
    const { books } = day.hub;
    const page = await browser.page();
    await enter(page, day);
    await page.locator('#enrol > summary').click();
    await page.getByLabel(say('id')).fill('mama-njeri');
    await page.getByLabel(say('name'), { exact: true }).fill('Mama <b>Njeri</b>');
    await page.getByLabel(say('phone')).fill('0712 345 678');
    await page.locator('#enrol-form button').click();
    await page.getByText('Mama <b>Njeri</b> is enrolled. Payment code').waitFor();
    const njeri = 'mama-njeri' as HouseholdId;
    assert.is(books.households.find(njeri)?.phone, '254712345678');

    const person = page.locator('[data-id=mama-njeri]');
    await person.locator('summary').click();
    await person.getByRole('button', { name: say('meterGrid') }).click();
    await page.locator('#shown-qr svg').waitFor();
    assert.equal(
      books.households.registrations().filter(({ household }) => household === njeri).length,
      1,
    );
    await page.locator('#shown-close').click();
    await person.getByRole('button', { name: say('signInCode') }).click();
    const link = (await page.locator('#shown-facts dd').textContent()) ?? '';
    assert.match(link, /\/sign-in#[\w-]{22}$/);
    await page.locator('#shown-qr svg').waitFor();
    const phone = await browser.page();
    await phone.goto(link);
    await phone.getByRole('heading', { name: 'Njeri' }).waitFor();
    await page.locator('#shown-close').click();
    await page.locator('#shown-qr svg').waitFor({ state: 'detached' });
    assert.equal(page.complaints, []);
  },
);

const sizes = [
  [320, 640],
  [390, 844],
  [820, 900],
  [1280, 800],
  [1920, 1080],
] as const;

keeping('nothing is cut, nothing scrolls sideways, every target fits a thumb', async () => {
  await using browser = await openBrowser();
  for (const language of ['en', 'sw'] as const) {
    await using day = await aLivedDay();
    await keeperTrouble(day);
    const page = await browser.page();
    await page.addInitScript((spoken) => localStorage.setItem('language', spoken), language);
    await enter(page, day);
    await unfold(page);
    for (const [width, height] of sizes) {
      await page.setViewportSize({ width, height });
      await page.waitForTimeout(100);
      const where = `${width} px, ${language}`;
      assert.is(await sideways(page), 0, where);
      assert.equal(await cutTexts(page), [], where);
      assert.equal(await smallTargets(page), [], where);
    }
    assert.equal(page.complaints, [], language);
    await page.context().close();
  }
});

keeping('breaks no rule of WCAG 2.2 AA, by day and by night, with a code shown too', async () => {
  await using browser = await openBrowser();
  await using day = await aLivedDay();
  await keeperTrouble(day);
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.page({ colorScheme, reducedMotion: 'reduce' });
    await page.goto(`${day.url}/keeper`);
    await page.locator('#token').waitFor();
    assert.equal(await axeFinds(page), [], `sign-in, ${colorScheme}`);
    await enter(page, day);
    await unfold(page);
    assert.equal(await axeFinds(page), [], colorScheme);
    await page
      .getByRole('button', { name: say('signInCode') })
      .first()
      .click();
    await page.locator('#shown-qr svg').waitFor();
    assert.equal(await axeFinds(page), [], `code, ${colorScheme}`);
    await page.context().close();
  }
});

keeping('leaves no English in Swahili but the hub’s own sentences, which say so', async () => {
  await using browser = await openBrowser();
  await using day = await aLivedDay();
  await keeperTrouble(day);
  const page = await browser.page();
  await page.addInitScript(() => localStorage.setItem('language', 'sw'));
  await enter(page, day);
  await unfold(page);
  await page.evaluate("for (const own of document.querySelectorAll('[lang=en]')) own.remove()");
  // An amount in shillings reads alike in both.
  const { otherLanguage: _, languages: __, kes: ___, kwh: ____, ...foreign } = keeperWords.en;
  const text = await readable(page);
  const found = sentencesOf(foreign).filter((sentence) => sentence.test(text));
  assert.equal(found.map(String), []);
});

keeping.run();
