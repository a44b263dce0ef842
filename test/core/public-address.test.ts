import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { objectionTo, withoutSlash } from '../../gateway/core/public-address.ts';

const linting = suite('a public address for callbacks');

linting('M-Pesa’s filtered words are found in host and path, in any case', () => {
  for (const [url, word] of [
    ['https://my-mpesa-hub.example', 'mpesa'],
    ['https://M-PESA.example', 'M-PESA'],
    ['https://nosql.example/x', 'sql'],
    ['https://executive.example', 'exe'],
    ['https://hub.example/cmd', 'cmd'],
    ['https://hub.example/a/query/', 'query'],
    ['https://safaricom.example', 'safaricom'],
  ] as const)
    assert.is(objectionTo(url, true), `M-Pesa refuses addresses that hold “${word}”`);
});

linting('https is for production, and loopback for the simulator', () => {
  assert.is(objectionTo('https://hub.example.org', true), undefined);
  assert.is(objectionTo('https://hub.example.org/jirani/', true), undefined);
  assert.is(objectionTo('http://127.0.0.1:5001', false), undefined);
  assert.is(objectionTo('http://hub.example.org', true), 'production needs https');
});

linting('what could not be a base address is refused', () => {
  for (const url of [
    ...['', 'hub.example.org', 'ftp://hub.example.org', 'https://', 'https://a b.example'],
    ...['https://me@hub.example', 'https://hub.example/?a=b', 'https://hub.example/#a'],
    ...['https://hub.example/Sun', 'https://hüb.example'],
  ])
    assert.type(objectionTo(url, false), 'string', url);
  assert.is(withoutSlash('https://hub.example//'), 'https://hub.example');
});

linting.run();
