import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { anError, confirmationsPath } from './fake-mpesa.ts';
import { aHub, callbacks, callbackToken, timeoutToken } from './neighbours.ts';

const registering = suite('telling M-Pesa where payments by hand are announced');
const tokens = { confirmation: callbackToken, validation: timeoutToken };

registering('lets payments through when nobody validates them', async () => {
  await using hub = await aHub();
  const taken = { OriginatorCoversationID: '6e86-45dd', ResponseCode: '0' };
  hub.mpesa.answer(confirmationsPath, { body: taken });
  assert.equal(await hub.money.registerConfirmations(tokens), { kind: 'registered' });
  assert.equal(hub.mpesa.seenOn(confirmationsPath)[0]?.body, {
    ShortCode: '174379',
    ResponseType: 'Completed',
    ConfirmationURL: `${callbacks}/${callbackToken}`,
    ValidationURL: `${callbacks}/${timeoutToken}`,
  });
});

registering('says why nothing was registered', async () => {
  await using hub = await aHub();
  for (const answer of [
    anError('500.003.1001', 'URLs are already registered'),
    anError('400.003.02', 'Bad Request', 400),
    { body: { ResponseCode: '1' } },
    { body: {} },
    { status: 502, body: '<html>' },
    { hangUp: true },
  ]) {
    hub.mpesa.answer(confirmationsPath, answer);
    const registered = await hub.money.registerConfirmations(tokens);
    assert.is(registered.kind, 'not-registered', JSON.stringify(answer));
  }
});

registering('registers no address that M-Pesa would refuse', async () => {
  for (const callbackUrl of [() => undefined, () => 'https://my-mpesa-hub.example.org']) {
    await using hub = await aHub({ callbackUrl });
    const registered = await hub.money.registerConfirmations(tokens);
    assert.is(registered.kind, 'not-registered');
    assert.is(hub.mpesa.seen.length, 0);
  }
});

registering.run();
