import { randomBytes } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { callbackAddress } from '../../../gateway/adapters/daraja/callback-address.ts';
import { callbackToken } from './neighbours.ts';

const addressing = suite('the address for callbacks');

addressing('S11: a hundred thousand paths hold no word that M-Pesa filters and no capital', () => {
  const filtered = /mpesa|m-pesa|safaricom|exe|exec|cmd|sql|query|[A-Z]/;
  for (let made = 0; made < 100_000; made += 1) {
    const token = randomBytes(16).toString('hex');
    const address = callbackAddress('https://hub.example.org', token, true);
    if (!address.ok || filtered.test(address.value)) assert.unreachable(token);
  }
});

addressing('S11: a tunnel whose name or path M-Pesa filters is refused', () => {
  for (const base of [
    'https://my-mpesa-hub.example.org',
    'https://M-PESA.example.org',
    'https://safaricom.example.org',
    'https://executive.example.org',
    'https://nosql.example.org',
    'https://hub.example.org/Query',
    'https://hub.example.org/Sun',
    'https://hub.example.org/?a=b',
    'https://me@hub.example.org',
    'ftp://hub.example.org',
    'hub.example.org',
    '',
  ])
    assert.equal(
      callbackAddress(base, callbackToken, false),
      { ok: false, error: 'callback-url' },
      base,
    );
});

addressing('production wants https', () => {
  assert.not.ok(callbackAddress('http://hub.example.org', callbackToken, true).ok);
  assert.ok(callbackAddress('http://127.0.0.1:5001', callbackToken, false).ok);
});

addressing('a slash at the end of the base makes no second one', () => {
  assert.equal(callbackAddress('https://hub.example.org/', callbackToken, true), {
    ok: true,
    value: `https://hub.example.org/api/payment/callback/${callbackToken}`,
  });
});

addressing.run();
