import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  fakeCallbackDesk,
  hello,
  json,
  known,
  opened,
  patienceMs,
  raw,
} from './callback-neighbours.ts';

const calling = suite('M-Pesa calling back');
calling('bytes are kept as they came, and only then acknowledged', async () => {
  await using hub = await opened();
  const odd = ` \n{"a":1,"a":2, "__proto__":{}}`;
  const answer = await hub.post(odd);
  assert.is(answer.status, 200);
  assert.is(answer.text, '{"ResultCode":0,"ResultDesc":"Accepted"}');
  assert.is(answer.headers.get('content-type'), 'application/json');
  assert.equal(hub.desk.kept, [odd]);
  assert.is(hub.listener.counts().kept, 1);
});

calling('S28: a guessed path hears exactly what every wrong path hears', async () => {
  await using hub = await opened();
  const guess = await hub.post(hello, { token: 'cd'.repeat(16) });
  const flat = async (path: string, method: string) => {
    const response = await fetch(`http://127.0.0.1:${hub.listener.port}${path}`, {
      method,
      ...(method === 'POST' ? { body: hello, headers: json } : {}),
    });
    return [response.status, await response.text(), [...response.headers.keys()].join()];
  };
  const expected = [404, '', [...guess.headers.keys()].join()];
  assert.equal([guess.status, guess.text, expected[2]], expected);

  const wrong: [string, string][] = [
    ['/', 'GET'],
    [`/api/payment/callback/${known}`, 'GET'],
    [`/api/payment/callback/${known}`, 'PUT'],
    [`/api/payment/callback/${known.toUpperCase()}`, 'POST'],
    [`/api/payment/callback/${known}0`, 'POST'],
    [`/api/payment/callback/${known}/`, 'POST'],
    [`/api/payment/callback/${known}?a=1`, 'POST'],
    [`//api/payment/callback/${known}`, 'POST'],
    ['/api/execute_trade', 'POST'],
    [`/.hub/probe/${known}`, 'GET'],
    [`/.hub/probe/${known}`, 'POST'],
  ];
  for (const [path, method] of wrong) assert.equal(await flat(path, method), expected, path);
  assert.equal(hub.desk.kept, []);
  assert.equal(hub.desk.asked, [], 'the books are not asked');
});

calling(
  'the tunnel’s probe is answered with our proof, and other nonces with nothing',
  async () => {
    await using hub = await opened({ probe: (nonce) => (nonce === known ? 'proof' : undefined) });
    const probe = async (nonce: string) => {
      const response = await fetch(`http://127.0.0.1:${hub.listener.port}/.hub/probe/${nonce}`);
      return [response.status, await response.text()];
    };
    assert.equal(await probe(known), [200, 'proof']);
    assert.equal(await probe('00'.repeat(16)), [404, '']);
  },
);

calling(
  'a disk that refuses is not acknowledged, so M-Pesa or our query brings it again',
  async () => {
    await using refusing = await opened({}, fakeCallbackDesk('not-kept'));
    assert.is((await refusing.post(hello)).status, 503);
    await using crowded = await opened({}, fakeCallbackDesk('too-many'));
    assert.is((await crowded.post(hello)).status, 429);

    const throwing = {
      ...fakeCallbackDesk(),
      keep: () => {
        throw new Error(`SQLITE_FULL at ${known}`);
      },
    };
    await using broken = await opened({ desk: throwing });
    for (let time = 0; time < 3; time += 1) assert.is((await broken.post(hello)).status, 503);
    assert.is(broken.log.lines.length, 1, 'warned once, not at every knock');
    assert.not.match(broken.log.lines.join(), known);
  },
);

calling('S28: what is no JSON object, no JSON or packed leaves no row', async () => {
  await using hub = await opened({ limits: { perPathPerMinute: 100 } });
  for (const body of ['', '   ', '[1]', '"x"', 'ResultCode=0', '\u0000{']) {
    assert.is((await hub.post(body)).status, 400, JSON.stringify(body));
  }
  for (const type of ['text/plain', 'application/jsonp', 'application/x-www-form-urlencoded', '']) {
    const headers: Record<string, string> = { 'content-type': type };
    assert.is((await hub.post(hello, { headers })).status, 415, type);
  }
  const headers = { ...json, 'content-encoding': 'gzip' };
  assert.is((await hub.post(new Uint8Array(gzipSync(hello)), { headers })).status, 415);
  assert.equal(hub.desk.asked, []);

  const withCharset = { 'content-type': 'application/json; charset=utf-8' };
  assert.is((await hub.post(hello, { headers: withCharset })).status, 200);
});

calling('S28: 16 KiB are kept and one byte more is not, whatever the headers say', async () => {
  await using hub = await opened({ limits: { lingerMs: 500 } });
  const filled = (bytes: number) => `{"a":"${'x'.repeat(bytes - 8)}"}`;
  assert.is((await hub.post(filled(16_384))).status, 200);
  assert.is((await hub.post(filled(16_385))).status, 413);
  assert.is((await hub.post(filled(1_000_000))).status, 413);

  const head = `POST /api/payment/callback/${known} HTTP/1.1\r\nhost: hub\r\ncontent-type: application/json\r\n`;
  const chunk = `1000\r\n${'x'.repeat(0x1000)}\r\n`;
  const endless = `${head}transfer-encoding: chunked\r\n\r\n1\r\n{\r\n${chunk.repeat(5)}`;
  const chunked = await raw(hub.listener.port, endless, { text: chunk, everyMs: 5 });
  assert.match(chunked.heard, /^HTTP\/1.1 413 /);

  const claimed = await raw(hub.listener.port, `${head}content-length: 99999999\r\n\r\n{`);
  assert.match(claimed.heard, /^HTTP\/1.1 413 /);
  assert.is(hub.desk.kept.length, 1);
  assert.is(hub.listener.counts()['too-large'], 4);
});

calling('a body that says too little, too much or both is never kept', async () => {
  await using hub = await opened({
    limits: { headersTimeoutMs: 200, requestTimeoutMs: 200, checkEveryMs: 50 },
  });
  const head = `POST /api/payment/callback/${known} HTTP/1.1\r\nhost: hub\r\ncontent-type: application/json\r\n`;
  const short = await raw(hub.listener.port, `${head}content-length: 100\r\n\r\n${hello}`);
  assert.match(short.heard, /^HTTP\/1.1 408 /);
  const both = `${head}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`;
  assert.match((await raw(hub.listener.port, both)).heard, /^HTTP\/1.1 400 /);
  assert.equal(hub.desk.asked, []);
});

calling('S36: who drips headers or bytes is cut off', async () => {
  const limits = { headersTimeoutMs: 300, requestTimeoutMs: 500, checkEveryMs: 50 };
  await using hub = await opened({ limits });
  const line = `POST /api/payment/callback/${known} HTTP/1.1\r\nhost: hub\r\n`;
  const [headers, body] = await Promise.all([
    raw(hub.listener.port, line, { text: 'x-a: b\r\n', everyMs: 20 }),
    raw(
      hub.listener.port,
      `${line}content-type: application/json\r\ncontent-length: 5000\r\n\r\n{`,
      { text: ' ', everyMs: 20 },
    ),
  ]);
  for (const { tookMs } of [headers, body]) assert.ok(tookMs < patienceMs, `${tookMs} ms`);
  assert.is(hub.listener.counts()['timed-out'], 2);
  assert.equal(hub.desk.asked, []);
});

calling('one path may be called ten times a minute, and the next minute again', async () => {
  let now = 0;
  await using hub = await opened({ elapsedMs: () => now });
  const statuses: number[] = [];
  for (let call = 0; call < 12; call += 1) {
    now += 1_000;
    statuses.push((await hub.post(hello)).status);
  }
  assert.equal(statuses, [...Array(10).fill(200), 429, 429]);
  now += 60_000;
  assert.is((await hub.post(hello)).status, 200);
});

calling('nothing that is logged ever holds a path', async () => {
  await using hub = await opened({ limits: { lingerMs: 50 } });
  await hub.post(hello);
  await hub.post('[');
  await hub.post('x'.repeat(20_000));
  assert.not.match(hub.log.lines.join('\n'), known);
});

calling.run();
