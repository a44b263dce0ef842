import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { paymentCode } from '../../gateway/core/household.ts';

const coding = suite('the payment code of a household');

const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const codesMost = 32 ** 4;

/** The number in the first four characters. */
const numberIn = (code: string): number =>
  [...code.slice(0, 4)].reduce((sum, letter) => sum * 32 + letters.indexOf(letter), 0);
const isGenuine = (code: string): boolean => paymentCode(numberIn(code)) === code;

const anyCode = fc.nat(codesMost - 1).map(paymentCode);
const aPlace = fc.nat(4);
const aLetter = fc.constantFrom(...letters);
const typed = (code: string, place: number, letter: string): string =>
  code.slice(0, place) + letter + code.slice(place + 1);

coding('has five characters that nobody takes for another: no I, L, O or U', () => {
  fc.assert(fc.property(anyCode, (code) => assert.match(code, /^[0-9A-HJKMNP-TV-Z]{5}$/)));
});

coding('is what stands on the receipts of the first neighbours', () => {
  assert.equal([0, 1, 2, 33, codesMost - 1].map(paymentCode), [
    '00000',
    '00017',
    '0002E',
    '0011C',
    'ZZZZG',
  ]);
});

coding('is another one for every household', () => {
  for (let number = 0; number < codesMost; number++)
    if (numberIn(paymentCode(number)) !== number) assert.unreachable(`twice: ${number}`);
});

coding('shows by its last character that one character was typed wrongly', () => {
  fc.assert(
    fc.property(anyCode, aPlace, aLetter, (code, place, letter) => {
      const wrong = typed(code, place, letter);
      assert.is(isGenuine(wrong), wrong === code);
    }),
    { numRuns: 10_000 },
  );
});

coding(
  'shows that two neighbouring characters changed places, but for letters sixteen apart',
  () => {
    fc.assert(
      fc.property(anyCode, fc.nat(2), (code, place) => {
        const [one, two] = [code[place] ?? '', code[place + 1] ?? ''];
        const swapped = typed(typed(code, place, two), place + 1, one);
        const apart = Math.abs(letters.indexOf(one) - letters.indexOf(two));
        assert.is(isGenuine(swapped), apart === 0 || apart === 16);
      }),
      { numRuns: 5_000 },
    );
  },
);

coding('runs out after a million households instead of giving a code twice', () => {
  for (const number of [-1, codesMost, 0.5, Number.NaN])
    assert.throws(() => paymentCode(number), /payment code/);
});

coding.run();
