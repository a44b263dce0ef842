// uncounted: it starts whole programs, again and again
// needs: chromium
// timeout: 300s
/** How the household's page looks: on small phones and large screens, in both languages, by day and by night. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { corner, kiosk, tailor } from '../support/neighbourhood.ts';
import { openBrowser, signedIn } from './a-browser.ts';
import { aLivedDay } from './a-lived-day.ts';
import {
  axeFinds,
  cutTexts,
  readable,
  sentencesOf,
  sideways,
  smallTargets,
  unfold,
} from './looks.ts';
import { words } from './the-words.ts';

const home = suite('the look of the household’s page');
const firstLoadBytesMax = 80_000;
const sizes = [
  [320, 640],
  [390, 844],
  [820, 900],
  [1280, 800],
  [1920, 1080],
] as const;

home('nothing is cut, nothing scrolls sideways, every target fits a thumb', async () => {
  await using browser = await openBrowser();
  for (const language of ['en', 'sw'] as const) {
    await using day = await aLivedDay();
    for (const who of [corner, tailor, kiosk]) day.hub.books.choices.speak(who, language);
    void day.offer(corner);
    for (const who of [corner, tailor, kiosk]) {
      const page = await browser.page();
      await signedIn(page, day.url, day.cookieOf(who));
      await page.goto(day.url);
      await page.locator('#chart svg').waitFor();
      await unfold(page);
      for (const [width, height] of sizes) {
        await page.setViewportSize({ width, height });
        await page.waitForTimeout(100);
        const where = `${width} px, ${language}, ${who}`;
        assert.is(await sideways(page), 0, where);
        assert.equal(await cutTexts(page), [], where);
        assert.equal(await smallTargets(page), [], where);
      }
      assert.equal(page.complaints, [], `${language}, ${who}`);
      await page.context().close();
    }
  }
});

home('breaks no rule of WCAG 2.2 AA, by day and by night', async () => {
  await using browser = await openBrowser();
  await using day = await aLivedDay();
  void day.offer(corner);
  for (const colorScheme of ['light', 'dark'] as const)
    for (const [path, who] of [
      ['/', corner],
      ['/', kiosk],
      ['/sign-in', undefined],
      ['/neighbourhood', undefined],
    ] as const) {
      const page = await browser.page({ colorScheme, reducedMotion: 'reduce' });
      if (who !== undefined) await signedIn(page, day.url, day.cookieOf(who));
      await page.goto(`${day.url}${path}`);
      await page.waitForTimeout(700);
      await unfold(page);
      assert.equal(await axeFinds(page), [], `${path} ${who} ${colorScheme}`);
      await page.context().close();
    }
});

home('loads little, from the hub alone, and shows the offer before the chart', async () => {
  await using browser = await openBrowser();
  await using day = await aLivedDay();
  void day.offer(corner);
  for (const viewport of [
    { width: 390, height: 844 },
    { width: 320, height: 640 },
  ]) {
    const page = await browser.page({ viewport });
    await signedIn(page, day.url, day.cookieOf(corner));
    const line = await page.context().newCDPSession(page);
    await line.send('Network.enable');
    let bytes = 0;
    line.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await page.goto(day.url);
    await page.locator('#chart svg').waitFor();
    await page.waitForTimeout(300);
    assert.ok(bytes > 5_000 && bytes < firstLoadBytesMax, `${bytes} bytes`);
    const box = await page.locator('#offer-yes').boundingBox();
    const bottom = (box?.y ?? 0) + (box?.height ?? 0);
    assert.ok(box !== null && bottom <= viewport.height, `${viewport.width}: button to ${bottom}`);
    assert.equal(page.complaints, []);
  }
});

home('leaves no English in Swahili, and no Swahili in English', async () => {
  await using browser = await openBrowser();
  for (const [language, other] of [
    ['sw', 'en'],
    ['en', 'sw'],
  ] as const) {
    await using day = await aLivedDay();
    void day.offer(corner);
    for (const who of [corner, tailor]) {
      day.hub.books.choices.speak(who, language);
      const page = await browser.page();
      await signedIn(page, day.url, day.cookieOf(who));
      await page.goto(day.url);
      await page.locator('#chart svg').waitFor();
      await unfold(page);
      // A PIN is a PIN in both.
      const { otherLanguage: _, pin: __, ...foreign } = words[other];
      const text = (await readable(page)).replace(words[language].otherLanguage, '');
      const found = sentencesOf(foreign).filter((sentence) => sentence.test(text));
      assert.equal(found.map(String), [], `${who} in ${language}`);
      assert.is(await page.locator('html').getAttribute('lang'), language);
      await page.context().close();
    }
  }
});

home.run();
