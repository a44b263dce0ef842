/** Questions in the initiator's name, whose answers come later: a payment by its receipt, and the balance. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MobileMoney } from '../../../gateway/ports/mobile-money.ts';
import { anError, balancePath, statusPath, taken } from './fake-mpesa.ts';
import { aHub, callbacks, callbackToken, opened, secrets, timeoutToken } from './neighbours.ts';

const asking = suite('asking M-Pesa about a receipt or a balance');
const paths = { resultToken: callbackToken, timeoutToken };
const addresses = {
  ResultURL: `${callbacks}/${callbackToken}`,
  QueueTimeOutURL: `${callbacks}/${timeoutToken}`,
};

asking('S44: asks about a payment by its receipt, at the shortcode that was paid', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(statusPath, taken);
  const question = { ...paths, receipt: 'UJ22T8IYOU' };
  assert.equal(await hub.money.askAboutReceipt(question), { kind: 'asked' });
  const { SecurityCredential, ...rest } = hub.mpesa.seenOn(statusPath)[0]?.body ?? {};
  assert.equal(rest, {
    Initiator: 'testapi',
    CommandID: 'TransactionStatusQuery',
    TransactionID: 'UJ22T8IYOU',
    PartyA: '174379',
    IdentifierType: '4',
    Remarks: 'OK',
    Occasion: 'OK',
    ...addresses,
  });
  assert.is(opened(SecurityCredential), secrets.initiatorPassword);
});

asking('asks for no receipt that is none', async () => {
  await using hub = await aHub();
  for (const receipt of ['', 'a b', 'x'.repeat(33), '"'])
    assert.equal(await hub.money.askAboutReceipt({ ...paths, receipt }), {
      kind: 'not-asked',
      why: 'local.receipt',
    });
  assert.is(hub.mpesa.seen.length, 0);
});

asking('asks for the balance of the shortcode that pays out', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(balancePath, taken);
  assert.equal(await hub.money.askBalance(paths), { kind: 'asked' });
  const { SecurityCredential, ...rest } = hub.mpesa.seenOn(balancePath)[0]?.body ?? {};
  assert.equal(rest, {
    Initiator: 'testapi',
    CommandID: 'AccountBalance',
    PartyA: '600992',
    IdentifierType: '4',
    Remarks: 'OK',
    ...addresses,
  });
  assert.is(opened(SecurityCredential), secrets.initiatorPassword);
});

const questions: [string, string, (money: MobileMoney) => Promise<{ kind: string }>][] = [
  ['the balance', balancePath, (money) => money.askBalance(paths)],
  ['a receipt', statusPath, (money) => money.askAboutReceipt({ ...paths, receipt: 'UJ22T8IYOU' })],
];
for (const [what, path, ask] of questions) {
  asking(`says when the question for ${what} was not asked`, async () => {
    await using hub = await aHub();
    for (const answer of [
      anError('500.001.1001', ''),
      anError('400.002.02', '', 400),
      { status: 502, body: '<html>' },
      { hangUp: true },
      { body: {} },
      { body: { ResponseCode: '1' } },
    ]) {
      hub.mpesa.answer(path, answer);
      assert.is((await ask(hub.money)).kind, 'not-asked', JSON.stringify(answer));
    }
    assert.is(hub.money.health().state, 'ok');
  });

  asking(`S62: a wrong initiator in a question for ${what} calls a person`, async () => {
    await using hub = await aHub();
    hub.mpesa.answer(path, { body: { ResponseCode: '2001' } });
    assert.is((await ask(hub.money)).kind, 'not-asked');
    assert.is(hub.money.health().state, 'misconfigured');
    assert.is(hub.mpesa.seenOn(path).length, 1);
  });

  asking(`does not ask for ${what} while the tunnel is down`, async () => {
    await using hub = await aHub({ callbackUrl: () => undefined });
    assert.equal(await ask(hub.money), { kind: 'not-asked', why: 'no callback address' });
    assert.is(hub.mpesa.seen.length, 0);
  });
}

asking.run();
