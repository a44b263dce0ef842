import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { maskPhone, readPhone } from '../../gateway/core/phone.ts';

const reading = suite('reading a phone number');

const kiosk = '254708374149';

reading('understands the ways in which neighbours write theirs', () => {
  for (const written of [
    '0708374149',
    '708374149',
    '254708374149',
    '+254708374149',
    '+254 708 374 149',
    '(0708) 374-149',
    '0708.374.149',
  ])
    assert.equal(readPhone(written), { ok: true, value: kiosk }, written);
});

reading('knows the new numbers that begin with 01', () => {
  for (const written of ['0112345678', '112345678', '+254112345678', '254112345678'])
    assert.equal(readPhone(written), { ok: true, value: '254112345678' }, written);
  assert.ok(readPhone('0143000000').ok);
});

reading('refuses what is not a mobile number of Kenya', () => {
  for (const written of [
    '',
    '+',
    '07083741490',
    '070837414',
    '255708374149',
    '2540708374149',
    '0208374149',
    '٠٧٠٨٣٧٤١٤٩',
    '0708374149;',
    '0708374149\n',
    'tel:0708374149',
    '00254708374149',
    ' '.repeat(40) + kiosk,
  ])
    assert.equal(readPhone(written), { ok: false, error: 'not-a-kenyan-mobile' }, written);
});

reading('comes to the same number when it reads its own answer', () => {
  const first = readPhone('0708 374 149');
  assert.ok(first.ok);
  if (first.ok) assert.equal(readPhone(first.value), first);
});

reading('shows only the beginning and the end to people', () => {
  const phone = readPhone(kiosk);
  assert.is(phone.ok && maskPhone(phone.value), '254708***149');
});

reading.run();
