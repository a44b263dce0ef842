import { inspect } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Secret } from '../../../gateway/adapters/daraja/secret.ts';
import { epochMs } from '../../../gateway/core/units.ts';
import {
  anError,
  balancePath,
  listPath,
  oauthPath,
  payoutPath,
  pushPath,
  queryPath,
  reversalPath,
  statusPath,
} from './fake-mpesa.ts';
import { aHub, aPayout, aPush, callbackToken, secrets } from './neighbours.ts';

const keeping = suite('keeping secrets');

const shown = (value: unknown): string =>
  [
    JSON.stringify(value),
    inspect(value, { depth: null, showHidden: true, getters: true }),
    String(value),
    `${value}`,
  ].join('\n');

keeping('a secret shows itself to nobody who only looks', () => {
  const secret = new Secret('jua-kali');
  assert.not.match(shown(secret), 'jua-kali');
  assert.not.match(shown({ in: [secret] }), 'jua-kali');
  assert.is(secret.reveal(), 'jua-kali');
});

const paths = [pushPath, queryPath, payoutPath, statusPath, reversalPath, balancePath, listPath];

keeping(
  'S85: neither the client nor its answers nor its news carry a secret, a phone or a path',
  async () => {
    await using hub = await aHub({ deadlineMs: 200 });
    const answers: unknown[] = [];
    for (const answer of [
      { status: 502, body: '<html>' },
      { hangUp: true },
      { silent: true },
      anError('400.002.02', 'Invalid PhoneNumber 254708374149', 400),
      anError('500.001.1001', 'Wrong credentials for 254708374149'),
      anError('404.001.03', 'Invalid Access Token token-one', 404),
    ]) {
      for (const path of paths) hub.mpesa.answer(path, answer);
      answers.push(await hub.money.ring(aPush()));
      answers.push(await hub.money.askAboutPush('ws_CO_1'));
      answers.push(await hub.money.payOut(aPayout()));
      answers.push(await hub.money.reverse({ ...aPayout(), receipt: 'UJ22T8IYOU' }));
      answers.push(await hub.money.askBalance(aPayout()));
      answers.push(await hub.money.askAboutReceipt({ ...aPayout(), receipt: 'UJ22T8IYOU' }));
      const at = epochMs(0);
      answers.push(await hub.money.listPayments({ from: at, to: at, offset: 0 }));
    }
    hub.mpesa.answer(oauthPath, { status: 400 });
    answers.push(await hub.money.ring(aPush()));

    const all = shown([hub.money, answers, hub.news, hub.money.health()]);
    const basic = Buffer.from(`${secrets.consumerKey}:${secrets.consumerSecret}`).toString(
      'base64',
    );
    const hidden = [...Object.values(secrets), 'token-one', basic, callbackToken];
    for (const word of [...hidden, '254708374149', '254705912645'])
      assert.not.ok(all.includes(word), word);
  },
);

keeping.run();
