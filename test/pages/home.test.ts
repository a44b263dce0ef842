// needs: chromium
// timeout: 300s
/** What people do on the household's page, in a real browser. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { corner, kiosk, tailor } from '../support/neighbourhood.ts';
import { openBrowser, signedIn } from './a-browser.ts';
import { aLivedDay } from './a-lived-day.ts';
import { words } from './the-words.ts';

const home = suite('the household’s page');
const isGone = { state: 'detached' } as const;

home('signs in with phone and PIN, and with a scanned code; and out again', async () => {
  await using browser = await openBrowser();
  await using day = await aLivedDay();
  const { phone, pin } = await day.pinOf(kiosk);
  const page = await browser.page();
  await page.goto(day.url);
  await page.locator('[data-word=own]').click();
  await page.locator('#phone').fill(`0${phone.slice(3)}`);
  await page.locator('#pin').fill('not the PIN');
  await page.locator('button.main').click();
  await page.getByText(words.en.wrong).waitFor();
  await page.locator('#pin').fill(pin);
  await page.locator('button.main').click();
  await page.getByRole('heading', { name: 'Achieng’s kiosk' }).waitFor();
  await page.locator('#sign-out').click();
  await page.locator('[data-word=own]').waitFor();
  assert.is(await page.evaluate(() => localStorage.getItem('home')), null);

  const { link, code } = day.linkOf(tailor);
  await page.goto(link);
  await page.getByRole('heading', { name: 'Tailor' }).waitFor();
  await page.goto(link);
  await page.getByText(words.en.codeOver).waitFor();
  assert.not.match(page.url(), code);
});

home('counts an offer down, and at the end says what became of it', async () => {
  await using browser = await openBrowser();
  await using day = await aLivedDay({ offersLiveMs: 4_000 });
  const decided = day.offer(corner);
  const page = await browser.page();
  await signedIn(page, day.url, day.cookieOf(corner));
  // The phone's clock is years behind; the countdown is none of its business.
  await page.addInitScript(() => {
    Date.now = () => 0;
  });
  await page.goto(day.url);
  await page.getByText('2.0 kWh → KES 32').waitFor();
  assert.match((await page.locator('#countdown').textContent()) ?? '', /^0:0[1-4]$/);
  await page.getByText(words.en.offerOver).waitFor();
  assert.is(await page.locator('#offer').isVisible(), false);
  assert.equal(await decided, [{ decision: 'veto' }]);
});

home('a press decides once, and the hub’s answer is shown', async () => {
  await using browser = await openBrowser();
  await using day = await aLivedDay();
  const decided = day.offer(corner);
  const page = await browser.page();
  await signedIn(page, day.url, day.cookieOf(corner));
  await page.goto(day.url);
  await page.locator('#offer-yes').click();
  await page.getByText(words.en.offerYes).waitFor();
  assert.equal(await decided, [{ decision: 'approve' }]);
});

home('the switch, the wallet and the settings reach the books', async () => {
  await using browser = await openBrowser();
  await using day = await aLivedDay();
  const { books, clock } = day.hub;
  const page = await browser.page();
  await signedIn(page, day.url, day.cookieOf(tailor));
  await page.goto(day.url);
  await page.getByRole('heading', { name: 'Tailor' }).waitFor();
  await page.getByLabel(words.en.keepMore).check();
  await page.getByText(words.en.tonightNotes.keep).waitFor();
  assert.is(books.choices.at(tailor, clock.now()).tonight, 'keep');

  await page.getByText(words.en.withdraw, { exact: true }).click();
  await page.locator('#withdraw').fill('9000');
  await page.getByRole('button', { name: words.en.sendIt }).click();
  await page.getByText(words.en.problems['Not enough money']).waitFor();
  await page.locator('#withdraw').fill('50');
  await page.getByRole('button', { name: words.en.sendIt }).click();
  await page.getByText('KES 50 are on their way to your phone.').waitFor();

  await page.getByText(words.en.settings).click();
  await page.getByLabel(words.en.reserve).fill('1.5');
  await page.getByLabel(words.en.ceiling).fill('17.5');
  await page.getByLabel(words.en.dayMost).fill('150');
  await page.getByLabel(words.en.quietFrom).selectOption('20:00');
  await page.getByLabel(words.en.askFirst).check();
  await page.getByRole('button', { name: words.en.save }).click();
  await page.getByText(words.en.saved).waitFor();
  const choice = books.choices.at(tailor, clock.now());
  assert.equal([choice.reserveWh, choice.askFirst, choice.tonight], [1_500, true, 'keep']);
  clock.advance(15 * 60_000);
  const rule = books.households.ruleOf(tailor, clock.now());
  assert.equal([rule.buyCeiling, rule.quietFromMs], [1_750, 20 * 3_600_000]);
  assert.equal([rule.autoBuy, rule.buyDailyCents], [true, 15_000]);

  await page.locator('#language').click();
  await page.getByText(words.sw.tonightNotes.keep).waitFor();
  await page.waitForTimeout(300);
  assert.is(books.households.find(tailor)?.language, 'sw');
});

home('keeps what it knew while the hub is away, and catches up when it is back', async () => {
  await using browser = await openBrowser();
  await using day = await aLivedDay();
  const page = await browser.page();
  await signedIn(page, day.url, day.cookieOf(kiosk));
  await page.goto(day.url);
  await page.getByText('live').waitFor();
  const before = await page.locator('#wallet').textContent();

  await page.context().setOffline(true);
  day.events.tell({ name: 'slot.closed', slot: 7 as never, inTime: true });
  await page.getByText('The hub cannot be reached. This is how it was at 16:15.').waitFor();
  assert.is(await page.locator('#wallet').textContent(), before);
  assert.ok(JSON.parse(await page.evaluate(() => localStorage.getItem('home') ?? '{}')).wallet);

  day.fill(kiosk, 10_000);
  await page.context().setOffline(false);
  await page.getByText('live').waitFor();
  await page.getByText(before ?? '', { exact: true }).waitFor(isGone);
});

home('an event reaches the page at once', async () => {
  await using browser = await openBrowser();
  await using day = await aLivedDay();
  const page = await browser.page();
  await signedIn(page, day.url, day.cookieOf(kiosk));
  await page.goto(day.url);
  await page.getByText('live').waitFor();
  const before = await page.locator('#wallet').textContent();
  day.fill(kiosk, 10_000);
  const topup = 't' as never;
  day.events.tell({ name: 'topup.confirmed', household: kiosk, amountCents: 1 as never, topup });
  await page.getByText(before ?? '', { exact: true }).waitFor({ ...isGone, timeout: 4_000 });
});

home('a flow’s card comes while the page is open, and is text whatever it holds', async () => {
  await using browser = await openBrowser();
  await using day = await aLivedDay();
  const page = await browser.page();
  await signedIn(page, day.url, day.cookieOf(corner));
  await page.goto(day.url);
  await page.getByText('live').waitFor();
  assert.is(await page.locator('#cards-card').isVisible(), false);
  const title = { en: 'Pump <i>runs</i>', sw: 'Pampu' };
  const card = { v: 1, title, kind: 'text', value: '<img src=x onerror=alert(1)>', unit: '' };
  const topic = `households/${corner}/card/pump`;
  day.cards.hear(topic, Buffer.from(JSON.stringify(card)));
  await page.getByText('<img src=x onerror=alert(1)>').waitFor();
  await page.getByText('Pump <i>runs</i>').waitFor();
  assert.is(await page.locator('#cards img, #cards i').count(), 0);
  day.cards.hear(topic, new Uint8Array());
  await page.locator('#cards-card').waitFor({ state: 'hidden' });
  assert.equal(page.complaints, []);
});

home('the chart is read with the arrow keys too', async () => {
  await using browser = await openBrowser();
  await using day = await aLivedDay();
  const page = await browser.page();
  await signedIn(page, day.url, day.cookieOf(corner));
  await page.goto(day.url);
  await page.locator('#chart svg').waitFor();
  await page.locator('#chart').focus();
  for (const key of ['Home', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
  const spoken = await page.locator('#chart').getAttribute('aria-valuetext');
  assert.match(spoken ?? '', /^00:30 · sun 0 kW · use 0\.\d kW$/);
  assert.is(await page.locator('#readout').textContent(), spoken);
  await page.locator('#show-month').click();
  assert.match((await page.locator('#readout').textContent()) ?? '', /^15\/06 · sun \d+\.?\d* kWh/);
});

home.run();
