import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Secret } from '../../../gateway/adapters/daraja/secret.ts';
import { openLog } from '../../../gateway/adapters/log/pino-log.ts';

const writing = suite('writing the log');
const phone = '254708374149';
const masked = '254708***149';
const path = '/api/payment/callback/0123456789abcdef0123456789abcdef';

function written(level: 'debug' | 'info' | 'warn' | 'error' = 'info') {
  const lines: string[] = [];
  const log = openLog({ level, destination: { write: (line) => void lines.push(line) } });
  const last = () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>;
  return { log, lines, last };
}

writing('one line of JSON each, with its level and without the machine’s name', () => {
  const { log, lines, last } = written();
  log.info('hello', { count: 3, list: [1, 2], nothing: null });
  assert.is(lines.length, 1);
  assert.ok(lines[0]?.endsWith('\n'));
  const { time, ...rest } = last();
  assert.equal(rest, { level: 'info', count: 3, list: [1, 2], nothing: null, msg: 'hello' });
  assert.type(time, 'number');
});

writing('says nothing below its level', () => {
  const { log, lines } = written('warn');
  log.info('hello');
  assert.equal(lines, []);
  log.warn('careful');
  log.error('ouch');
  assert.is(lines.length, 2);
});

writing('masks phones as text and as numbers, at any depth, in names and in the message', () => {
  const { log, lines, last } = written();
  log.warn(`paid by ${phone}`, {
    phone,
    number: Number(phone),
    deep: [{ deeper: { list: [`+${phone}`, Number('254110000001'), { [phone]: 1 }] } }],
    sentence: `from ${phone}, to 254112345678.`,
  });
  assert.not(lines[0]?.includes(phone));
  assert.equal(last()['phone'], masked);
  assert.equal(last()['number'], masked);
  assert.equal(last()['deep'], [
    { deeper: { list: [`+${masked}`, '254110***001', { [masked]: 1 }] } },
  ]);
  assert.is(last()['sentence'], `from ${masked}, to 254112***678.`);
  assert.is(last()['msg'], `paid by ${masked}`);
});

writing('masks a phone at the start of a new line or after a tab', () => {
  const { log, lines } = written();
  log.error('trouble', { error: `Error: no such phone\n${phone}\tor\t${phone}\r\n"${phone}"` });
  assert.not(lines[0]?.includes(phone), lines[0]);
  log.error('trouble', { reference: `PHONE_${phone}_\u0011${phone}x` });
  assert.not(lines[1]?.includes(phone), lines[1]);
  log.error('as people write it: 0708374149');
  assert.match(lines[2] ?? '', '0708***149');
});

writing('masks callback paths, wherever they stand', () => {
  const { log, lines } = written();
  log.warn(`POST ${path}`, { url: `https://hub.example${path}`, list: [`\n${path}`] });
  assert.not(lines[0]?.includes('0123456789abcdef'));
  assert.match(lines[0] ?? '', /hub\.example\/api\/payment\/callback\/…/);
});

writing('masks the phone inside a request id of M-Pesa', () => {
  const { log, lines, last } = written();
  const id = 'ws_CO_24112026134722123708374149';
  log.warn(`asked about ${id}`, { id, list: [`(${id})`] });
  assert.not(lines[0]?.includes('708374149'));
  assert.is(last()['id'], 'ws_CO_24112026134722123…');
  assert.is(last()['msg'], 'asked about ws_CO_24112026134722123…');
});

writing('leaves other numbers alone', () => {
  const { log, last } = written();
  log.info('figures', {
    ms: 1_750_000_000_000,
    wh: 254,
    big: 25_470_837_414,
    text: '2547083741491',
  });
  const { ms, wh, big, text } = last();
  assert.equal([ms, wh, big, text], [1_750_000_000_000, 254, 25_470_837_414, '2547083741491']);
});

writing('operations 8: never throws, whatever the facts are made of', () => {
  const { log, last } = written();
  const loop: Record<string, unknown> = { phone };
  loop['itself'] = loop;
  const strange: Record<string, unknown>[] = [
    {
      [Symbol('pino.wildcardFirst')]: phone,
      deep: { [Symbol.iterator]: phone, [phone]: Symbol('x') },
    },
    { many: 254708374149n, small: 7n },
    loop,
    {
      get phone() {
        throw new TypeError('no');
      },
    },
    { toJSON: () => undefined },
    {
      secret: {
        toJSON: () => {
          throw new Error(phone);
        },
      },
    },
  ];
  for (const facts of strange) {
    log.error('a callback could not be kept', facts);
    assert.is(last()['msg'], 'a callback could not be kept');
    assert.not(JSON.stringify(last()).includes(phone));
  }
  log.info('many', strange[1]);
  assert.is(last()['many'], masked);
});

writing('masks a secret by itself, at any depth', () => {
  const { log, last } = written();
  log.info('signed in', { deep: [{ deeper: { passkey: new Secret('the passkey') } }] });
  assert.equal(last()['deep'], [{ deeper: { passkey: '***' } }]);
});

writing.run();
