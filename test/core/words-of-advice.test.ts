import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { areFaithful, wordsFor } from '../../gateway/core/words-of-advice.ts';

const wording = suite('wording the advice');

const figures = { keepWh: 1_200, sellWh: 3_800, useWh: 1_250, sunWh: 400, pays: true };

wording('says what to do and why, in two sentences, in both languages', () => {
  const { en, sw } = wordsFor(figures);
  assert.is(
    en,
    'Keep 1200 Wh and sell 3800 Wh. Until 06:00 you will probably use 1250 Wh and the sun still brings 400 Wh.',
  );
  assert.is(
    sw,
    'Weka Wh 1200 na uza Wh 3800. Hadi 06:00 huenda utatumia Wh 1250 na jua bado litaleta Wh 400.',
  );
  assert.match(wordsFor({ ...figures, keepWh: 0 }).en, /^Sell 3800 Wh\. Until/);
  assert.match(
    wordsFor({ ...figures, keepWh: 0, pays: false }).en,
    /^Sell 3800 Wh\. What you sell/,
  );
});

wording('holds no figure but those computed, whatever they are', () => {
  const wh = fc.nat(60_000);
  fc.assert(
    fc.property(wh, wh, wh, wh, fc.boolean(), (keepWh, sellWh, useWh, sunWh, pays) => {
      const words = wordsFor({ keepWh, sellWh, useWh, sunWh, pays });
      assert.ok(areFaithful(words, [keepWh, sellWh, useWh, sunWh]), words.en);
    }),
  );
});

const same = (en: string, sw = 'Weka kidogo.') => areFaithful({ en, sw }, [1_200, 3_800]);

wording('lets in somebody else’s words with the hub’s own figures, as Wh or kWh', () => {
  for (const words of [
    'Keep 1200 Wh. The night is long.',
    'Keep 1.2 kWh, sell 3.80 kWh before 06:00.',
    'Keep 1,200 Wh.',
    'Clouds come: keep a little.',
  ])
    assert.ok(same(words), words);
});

wording('refuses other figures, a third sentence, signs, and figures in other scripts', () => {
  for (const words of [
    'Keep 1300 Wh.',
    'Keep 120 Wh.',
    'Keep 1.3 kWh.',
    'Call 254700123456.',
    'One. Two. Three.',
    'Keep <b>1200</b> Wh.',
    'Keep ١٣٠٠ Wh.',
    'Keep ½ kWh.',
    '',
    'a'.repeat(241),
  ])
    assert.not.ok(same(words), words);
  assert.not.ok(same('Keep 1200 Wh.', 'Weka Wh 1300.'), 'in either language');
});

wording.run();
