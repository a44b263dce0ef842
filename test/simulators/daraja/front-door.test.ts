import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aNeighbourhood, anMpesa, authorise, until } from './neighbours.ts';

const door = suite('the door of the simulated M-Pesa');
const phone = '254705912600';

door('gives a token of 28 characters that lives 3599 seconds', async () => {
  await using mpesa = await anMpesa();
  const { status, json } = await authorise(mpesa.url, 'a-key:a-secret');
  assert.is(status, 200);
  assert.match(json['access_token'] ?? '', /^[A-Za-z0-9]{28}$/);
  assert.is(json['expires_in'], '3599');
});

door('answers strange keys with 400 and not a word', async () => {
  await using mpesa = await anMpesa();
  const { status, text } = await authorise(mpesa.url, 'a-key:another-secret');
  assert.equal([status, text], [400, '']);
});

door('answers a strange token with 404, and an ended one too', async () => {
  await using here = await aNeighbourhood();
  const strange = await here.hub.pushWith('never-given-out', phone);
  assert.equal([strange.status, strange.json['errorCode']], [404, '404.001.03']);
  const token = (await authorise(here.mpesa.url, 'a-key:a-secret')).json['access_token'] ?? '';
  here.mpesa.forgetTokens();
  assert.is((await here.hub.pushWith(token, phone)).json['errorCode'], '404.001.03');
});

door('ends the older token when an app may have only one', async () => {
  await using here = await aNeighbourhood({ singleToken: true });
  const older = (await authorise(here.mpesa.url, 'a-key:a-secret')).json['access_token'] ?? '';
  const newer = (await authorise(here.mpesa.url, 'a-key:a-secret')).json['access_token'] ?? '';
  assert.is((await here.hub.pushWith(older, phone)).status, 404);
  assert.is((await here.hub.pushWith(newer, phone)).status, 200);
});

const wrongFields = [
  ['Amount', 0],
  ['Amount', 37.05],
  ['Amount', 250_001],
  ['Amount', null],
  ['PhoneNumber', '0705912600'],
  ['PhoneNumber', '254705912601'],
  ['AccountReference', 'K7F3Q0012A345'],
  ['TransactionType', 'PayBill'],
  ['Timestamp', '20261123105501'],
  ['CallBackURL', 'https://hub.co.ke/mPesa/5f0c'],
  ['CallBackURL', 'https://hub.co.ke/a?b=SQL'],
  ['CallBackURL', 'https://abc.ngrok.io/5f0c'],
  ['CallBackURL', 'https://mydomain.com/path'],
  ['CallBackURL', 'https://hub.co.ke/ 5f0c'],
  ['CallBackURL', 'http://hub.co.ke/5f0c'],
  ['Acountreference', 'K7F3Q'],
] as const;
for (const [field, value] of wrongFields)
  door(`names ${field} when it is ${value}`, async () => {
    await using here = await aNeighbourhood();
    const { status, json } = await here.hub.push(phone, { [field]: value });
    assert.equal([status, json['errorCode']], [400, '400.002.02']);
    assert.is(json['errorMessage'], `Bad Request - Invalid ${field}`);
    assert.equal(here.mpesa.prompts(), []);
  });

door('complains about remarks when the description is missing or too long', async () => {
  await using here = await aNeighbourhood();
  for (const TransactionDesc of [undefined, '', 'fourteen chars']) {
    const { json } = await here.hub.push(phone, { TransactionDesc });
    assert.is(json['errorMessage'], 'Bad Request - Invalid Remarks');
  }
});

door('lets longer texts pass when it is as lenient as the sandbox', async () => {
  await using here = await aNeighbourhood({ lenientLengths: true });
  const long = { AccountReference: 'K7F3Q0012A345', TransactionDesc: 'fourteen chars' };
  assert.is((await here.hub.push(phone, long)).status, 200);
});

door('calls nobody back on plain http unless told to be lenient', async () => {
  await using here = await aNeighbourhood({ lenientUrls: false });
  const { json } = await here.hub.push(phone);
  assert.is(json['errorMessage'], 'Bad Request - Invalid CallBackURL');
});

door('knows its merchant by shortcode, passkey and the very same timestamp', async () => {
  await using here = await aNeighbourhood();
  const { Password } = here.hub.merchant('20261123135502');
  const other = await here.hub.push(phone, { Password });
  assert.equal([other.status, other.json['errorMessage']], [500, 'Wrong credentials']);
  const stranger = await here.hub.push(phone, { BusinessShortCode: '600000' });
  assert.is(stranger.json['errorMessage'], 'Merchant does not exist');
});

door('lets other paths, methods, types and sizes fail without falling over', async () => {
  await using here = await aNeighbourhood();
  const { url } = here.mpesa;
  assert.is((await fetch(`${url}/mpesa/nothing`)).status, 404);
  assert.is((await fetch(`${url}//`)).status, 404);
  assert.is((await fetch(`${url}/mpesa/b2c/v3/paymentrequest`)).status, 405);
  const token = (await authorise(url, 'a-key:a-secret')).json['access_token'];
  const say = (body: string, type: string) =>
    fetch(`${url}/mpesa/stkpush/v1/processrequest`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      body,
    });
  const odd = await (await say('{"BusinessShortCode":"174379"}', 'text/plain')).text();
  assert.match(odd, 'Invalid BusinessShortCode');
  assert.is((await say('[1', 'application/json')).status, 400);
  assert.is((await say(' '.repeat(17_000), 'application/json')).status, 413);
  assert.is((await here.hub.push(phone)).status, 200);
});

door('carries a push out although its answer is dropped on order', async () => {
  await using here = await aNeighbourhood({ faults: { dropAnswer: 1 } });
  const failed = await here.hub.push(phone).catch((error: unknown) => error);
  assert.instance(failed, TypeError);
  await until(() => here.mpesa.payments().length === 1);
});

door('has bad moments on order, for as many requests as ordered, of the call named', async () => {
  await using here = await aNeighbourhood({ manual: true });
  here.mpesa.arm({ call: 'stk-push', html: 1, spikeArrest: 2 });
  assert.is((await here.hub.query('ws_CO_1')).status, 500);
  const html = await here.hub.push(phone);
  assert.equal([html.status, html.text.slice(0, 6)], [502, '<html>']);
  assert.is((await here.hub.push(phone)).status, 429);
  assert.match((await here.hub.push(phone)).text, 'policies.ratelimit.SpikeArrestViolation');
  here.mpesa.arm({ busy: 1, empty: 1, reset: 1 });
  assert.instance(await here.hub.push(phone).catch((error: unknown) => error), TypeError);
  assert.equal((await here.hub.push(phone)).text, '');
  assert.is((await here.hub.push(phone)).json['errorCode'], '500.003.02');
  assert.equal(here.mpesa.prompts(), []);
  assert.is((await here.hub.push(phone)).status, 200);
});

door('answers late or letter by letter on order, and the callback may come first', async () => {
  await using here = await aNeighbourhood();
  here.mpesa.arm({ slow: 1, slowMs: 500 });
  const pushing = here.hub.push(phone);
  await until(() => here.ear.heard.length === 1);
  const first = await Promise.race([pushing, 'the callback']);
  assert.is(first, 'the callback');
  assert.is((await pushing).json['ResponseCode'], '0');
  here.mpesa.arm({ drip: 1, slowMs: 200 });
  const beforeMs = performance.now();
  const { json } = await here.hub.push(phone, { Amount: 40 });
  assert.is(json['ResponseCode'], '0');
  assert.ok(performance.now() - beforeMs > 150);
});

door.run();
