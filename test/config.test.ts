import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readConfig, unknownNames } from '../gateway/config.ts';

const reading = suite('reading the environment');
type Env = Readonly<Record<string, string | undefined>>;

const problems = (env: Env): string[] => {
  const read = readConfig(env);
  return read.ok ? [] : [...read.error].sort();
};
const config = (env: Env) => {
  const read = readConfig(env);
  if (!read.ok) throw new Error(read.error.join('\n'));
  return read.value;
};
const named = (env: Env) => problems(env).map((line) => line.split(':')[0]);

/** Everything that Safaricom gives; any file stands for the certificate. */
const safaricom = {
  MPESA_CONSUMER_KEY: 'key-of-the-test',
  MPESA_CONSUMER_SECRET: 'secret-of-the-test',
  MPESA_BUSINESS_SHORTCODE: '174379',
  MPESA_PASSKEY: 'passkey-of-the-test',
  MPESA_INITIATOR_NAME: 'testapi',
  MPESA_INITIATOR_PASSWORD: 'password-of-the-test',
  MPESA_CERTIFICATE_PATH: import.meta.filename,
  PAYMENT_CALLBACK_URL: 'https://hub.example',
};
const production = { ...safaricom, MPESA_ENVIRONMENT: 'production', SCHEME: 'mini-grid' };

reading('starts with nothing at all, on this machine only, with the simulator', () => {
  const { HTTP_PORT, CALLBACK_PORT, MQTT_PORT, HUB_LISTEN, MPESA_ENVIRONMENT, ...rest } = config(
    {},
  );
  assert.equal([HTTP_PORT, CALLBACK_PORT, MQTT_PORT], [5_000, 5_001, 1_883]);
  assert.equal([HUB_LISTEN, MPESA_ENVIRONMENT], ['127.0.0.1', 'simulator']);
  assert.equal(
    [rest.MPESA_ASYNC_RESULTS, rest.SOLANA_CLUSTER, rest.HUB_DATA_DIR, rest.clock],
    ['hint', 'embedded', 'data', undefined],
  );
});

reading('takes an empty value for none', () => {
  const names = [...Object.keys(safaricom), 'SCHEME', 'MPESA_ENVIRONMENT', 'SOLANA_RPC_URLS'];
  const empty = Object.fromEntries(names.map((name) => [name, '']));
  assert.equal(config({ ...empty, HTTP_PORT: '', HUB_OPERATOR_TOKEN: '' }), config({}));
  assert.equal(named({ ...production, MPESA_PASSKEY: '' }), ['MPESA_PASSKEY']);
});

reading('lists every wrong value in one answer, each by its name', () => {
  assert.equal(
    named({
      ...{ HTTP_PORT: '70000', CALLBACK_PORT: 'x', MQTT_PORT: '1.5', HUB_LATITUDE: '91' },
      ...{ SCHEME: 'barter', MPESA_BASE_URL: 'ftp://x', HUB_OPERATOR_TOKEN: 'short' },
      ...{ MPESA_BUSINESS_SHORTCODE: '12', MPESA_CERTIFICATE_PATH: '/nowhere/cert.pem' },
      ...{ SOLANA_RPC_URLS: 'http://a,not a url', NODE_RED: 'maybe', HUB_CLOCK: '1:2' },
    }),
    [
      ...['CALLBACK_PORT', 'HTTP_PORT', 'HUB_CLOCK', 'HUB_LATITUDE', 'HUB_OPERATOR_TOKEN'],
      ...['MPESA_BASE_URL', 'MPESA_BUSINESS_SHORTCODE', 'MPESA_CERTIFICATE_PATH', 'MQTT_PORT'],
      ...['NODE_RED', 'SCHEME', 'SOLANA_RPC_URLS.1'],
    ],
  );
});

reading('lists wrong values and what real money lacks together', () => {
  assert.equal(named({ MPESA_ENVIRONMENT: 'sandbox', HTTP_PORT: 'x', SOLANA_CLUSTER: 'devnet' }), [
    ...['HTTP_PORT', ...Object.keys(safaricom), 'SOLANA_RPC_URLS'].sort(),
  ]);
});

reading('names what is wrong, and never the value of a secret', () => {
  const secret = 'hush';
  const lines = problems({
    ...production,
    ...{ HUB_OPERATOR_TOKEN: secret, MPESA_BUSINESS_SHORTCODE: secret, MPESA_ENVIRONMENT: secret },
  });
  assert.is(lines.length, 3);
  for (const line of lines) assert.not(line.includes(secret), line);
});

reading('keys of Safaricom mean the sandbox, unless somebody says otherwise', () => {
  assert.is(config(safaricom).MPESA_ENVIRONMENT, 'sandbox');
  assert.is(
    config({ ...safaricom, MPESA_ENVIRONMENT: 'simulator' }).MPESA_ENVIRONMENT,
    'simulator',
  );
  assert.equal(named({ MPESA_CONSUMER_KEY: 'only the key' }).length, 7);
});

reading('production needs every key, a chosen scheme, and a callback address with TLS', () => {
  assert.equal(problems(production), []);
  for (const name of Object.keys(production).filter((one) => one !== 'MPESA_ENVIRONMENT'))
    assert.equal(named({ ...production, [name]: undefined }), [name]);
  assert.equal(named({ ...production, PAYMENT_CALLBACK_URL: 'http://hub.example' }), [
    'PAYMENT_CALLBACK_URL',
  ]);
});

reading('production refuses a simulator’s address and a scaled clock', () => {
  assert.equal(named({ ...production, MPESA_BASE_URL: 'http://127.0.0.1:9' }), ['MPESA_BASE_URL']);
  assert.equal(named({ ...production, HUB_CLOCK: '1:2:600' }), ['HUB_CLOCK']);
  assert.equal(named({ ...safaricom, HUB_CLOCK: '1:2:600' }), ['HUB_CLOCK'], 'so does the sandbox');
});

reading('another tunnel than a fixed address needs no address, but what opens it', () => {
  const { PAYMENT_CALLBACK_URL, ...real } = production;
  assert.equal(problems({ ...real, TUNNEL: 'localtunnel' }), []);
  assert.equal(problems({ ...real, TUNNEL: 'none' }), [
    'PAYMENT_CALLBACK_URL: needed for MPESA_ENVIRONMENT=production with TUNNEL=none',
  ]);
  assert.equal(problems({ ...real, TUNNEL: 'command' }), [
    'TUNNEL_COMMAND: needed for TUNNEL=command',
  ]);
  const TUNNEL_COMMAND = 'cloudflared tunnel --url http://127.0.0.1:{port}';
  assert.equal(problems({ ...real, TUNNEL: 'command', TUNNEL_COMMAND }), []);
  assert.equal(problems({ TUNNEL: 'command', TUNNEL_COMMAND: 'a | b', TUNNEL_URL_PATTERN: '(' }), [
    'TUNNEL_COMMAND: no shell runs it: | has no meaning here',
    'TUNNEL_URL_PATTERN: no regular expression',
  ]);
  assert.equal(named({ TUNNEL: 'pigeon', TUNNEL_WHEN_DOWN: 'hope', LOCALTUNNEL_HOST: 'x' }), [
    ...['LOCALTUNNEL_HOST', 'TUNNEL', 'TUNNEL_WHEN_DOWN'],
  ]);
  assert.is(config({}).TUNNEL, 'static');
  assert.is(config({}).TUNNEL_WHEN_DOWN, 'query-only');
});

reading(
  'a callback address that M-Pesa would filter is refused at the start, with the word',
  () => {
    for (const [PAYMENT_CALLBACK_URL, word] of [
      ['https://my-mpesa-hub.example', 'mpesa'],
      ['https://hub.example/Sql/', 'capitals'],
      ['https://hub.example/query', 'query'],
    ] as const)
      for (const env of [{ ...production, PAYMENT_CALLBACK_URL }, { PAYMENT_CALLBACK_URL }]) {
        const [problem = ''] = problems(env);
        assert.match(problem, /^PAYMENT_CALLBACK_URL: M-Pesa /);
        assert.match(problem, word);
      }
  },
);

reading('a public cluster needs its addresses', () => {
  assert.equal(named({ SOLANA_CLUSTER: 'devnet' }), ['SOLANA_RPC_URLS']);
  const { SOLANA_RPC_URLS } = config({
    SOLANA_CLUSTER: 'devnet',
    SOLANA_RPC_URLS: 'https://a.example, https://b.example',
  });
  assert.equal(SOLANA_RPC_URLS, ['https://a.example', 'https://b.example']);
  const six = Array(6).fill('https://a.example').join(',');
  assert.equal(named({ SOLANA_RPC_URLS: six }), ['SOLANA_RPC_URLS']);
});

reading('asks for the addresses of a cluster only when there is such a cluster', () => {
  assert.equal(named({ SOLANA_CLUSTER: 'moonnet' }), ['SOLANA_CLUSTER']);
});

reading('says in plain words which numbers fit', () => {
  const wrong = ['door', '-1', '65536', '1.5'].flatMap((HTTP_PORT) => problems({ HTTP_PORT }));
  assert.equal(wrong, Array(4).fill('HTTP_PORT: a whole number from 0 to 65535'));
  assert.is(config({ HTTP_PORT: '65535' }).HTTP_PORT, 65_535);
  assert.equal(problems({ MPESA_REQUESTS_PER_SECOND: '0' }), [
    'MPESA_REQUESTS_PER_SECOND: a number above 0, at most 100',
  ]);
});

reading('notices names that look like its own and are not', () => {
  const env = { HUB_NAME: 'x', HUB_NAMES: 'x', MPESA_PASSKEYS: 'x', PATH: 'x', WEATHER_KEY: '' };
  assert.equal(unknownNames(env), ['HUB_NAMES', 'MPESA_PASSKEYS', 'WEATHER_KEY']);
});

reading('reads the demo’s clock', () => {
  assert.equal(config({ HUB_CLOCK: '123456789012345678:1750000000000:0.5' }).clock, {
    originMachineNs: 123456789012345678n,
    originNeighbourhoodMs: 1_750_000_000_000,
    speed: 0.5,
  });
});

reading.run();
