/** Setting up: the mint and what it costs, the passphrase, and the chain that the hub knows. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import bs58 from 'bs58';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openLocalLedger, serveLedger } from '../../gateway/adapters/solana/embedded/server.ts';
import { openKeyring } from '../../gateway/adapters/solana/keys.ts';
import { openTokenChain } from '../../gateway/adapters/solana/token-chain.ts';
import { openBooks } from '../../gateway/adapters/sqlite/open.ts';
import { type Config, readConfig } from '../../gateway/config.ts';
import { openChain } from '../../gateway/open-chain.ts';
import { chainPassphrase } from '../../gateway/open-keys.ts';
import { aFolder, aLocalChain, aMove, valueIn } from '../adapters/solana/neighbours.ts';
import { aPretendedDevnet, devnetGenesis } from './a-pretended-devnet.ts';

const passphrase = 'under the third mango tree';

function aPassphrase(folder: string, text = passphrase, name = 'secret-words'): string {
  const file = join(folder, name);
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
  return file;
}

const cli = fileURLToPath(new URL('../../gateway/cli.ts', import.meta.url));
const hub = (env: Record<string, string>, ...args: string[]) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const options = { env: { PATH: process.env['PATH'], ...env }, timeout: 60_000 };
    execFile(process.execPath, [cli, ...args], options, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });

function configOf(env: Record<string, string>): Config {
  const config = readConfig(env);
  if (config.ok) return config.value;
  throw new Error(config.error.join('; '));
}
const quiet = { info: () => {}, warn: () => {}, error: () => {} };

const beginning = suite('beginning on a public cluster');

beginning(
  '`chain init` says what the mint costs before it makes it, and makes it once',
  async () => {
    using folder = aFolder();
    using local = await aLocalChain();
    await using devnet = await aPretendedDevnet(local);
    const env = {
      ...{ HUB_DATA_DIR: join(folder.path, 'data'), SOLANA_CLUSTER: 'devnet' },
      ...{ SOLANA_RPC_URLS: devnet.url, SOLANA_PASSPHRASE_PATH: aPassphrase(folder.path) },
    };
    const poor = await hub(env, 'chain', 'init', '--yes');
    assert.is(poor.code, 1);
    assert.match(poor.out, /The mint costs 0\.00\d+ SOL, once/);
    assert.match(poor.err, /send SOL to [1-9A-HJ-NP-Za-km-z]{32,44} first/);
    const feePayer = /send SOL to (\w+) first/.exec(poor.err)?.[1];
    await local.call('requestAirdrop', feePayer, 1_000_000_000);

    const unasked = await hub(env, 'chain', 'init');
    assert.is(unasked.code, 1);
    assert.match(unasked.err, /Nobody is here to ask: say --yes/);
    const made = await hub(env, 'chain', 'init', '--yes');
    assert.is(made.code, 0, made.err);
    const mint = /The mint is (\w+)\./.exec(made.out)?.[1] ?? '';
    const found = await local.call('getTokenSupply', mint);
    assert.is(found.result?.value.amount, '0');
    const purse = async () => (await local.call('getBalance', feePayer)).result.value as number;
    const before = await purse();
    assert.is((await hub(env, 'chain', 'init', '--yes')).code, 0);
    assert.is(await purse(), before, 'a second time costs nothing');
    using books = openBooks(join(env.HUB_DATA_DIR, 'books.db'));
    assert.equal(
      [books.tokens.chain()?.mint, books.tokens.chain()?.genesisHash],
      [mint, devnetGenesis],
    );
  },
);

beginning('without `chain init` nothing is made and no money is spent', async () => {
  using folder = aFolder();
  using local = await aLocalChain();
  await using devnet = await aPretendedDevnet(local);
  const keyDir = join(folder.path, 'keys');
  const chain = await openTokenChain({ cluster: 'devnet', urls: [devnet.url], keyDir });
  assert.equal(await chain.prepare(), { ok: false, error: 'no-mint' });
  assert.is(chain.health().state, 'no-mint');
  assert.match(chain.health().detail, /chain init/);
  assert.equal(await chain.sign(aMove(1)), { ok: false, error: 'unreachable' });
});

const opening = suite('opening the chain that the hub knows');

opening('13: another genesis than that of keys or books refuses the start', async () => {
  using folder = aFolder();
  mkdirSync(join(folder.path, 'data'), { mode: 0o700 });
  const start = async (file: string) => {
    const ledger = { file: join(folder.path, file), host: '127.0.0.1' as const, port: 0 };
    await using server = await serveLedger(ledger);
    using books = openBooks(join(folder.path, 'data', 'books.db'));
    const env = { HUB_DATA_DIR: join(folder.path, 'data'), SOLANA_RPC_URLS: server.url };
    await using chain = await openChain(configOf(env), quiet, books.tokens);
    while (chain.health().state !== 'ok' || books.tokens.chain() === undefined)
      await new Promise((resolve) => setTimeout(resolve, 20));
    return books.tokens.chain();
  };
  const first = await start('one.db');
  assert.equal(await start('one.db'), first);
  await start('another.db').then(
    () => assert.unreachable('it started on another chain'),
    (error: Error) => assert.match(error.message, /not the chain that the hub knows/),
  );
});

opening('bytes made for another chain are neither sent nor asked about', async () => {
  using local = await aLocalChain();
  const move = aMove(1, { mintWh: 100 });
  const signed = { ...valueIn(await local.chain.sign(move)), genesisHash: devnetGenesis };
  await local.chain.send(signed);
  assert.equal(await local.chain.statusOf(move, signed), { ok: false, error: 'unreachable' });
  assert.equal(await local.chain.winnerOf(move, signed), { ok: false, error: 'unreachable' });
  assert.is(valueIn(await local.chain.supply([])).supplyWh, 0);
});

const sealing = suite('sealing the keys');

sealing('a public cluster needs a passphrase from a file that only its owner reads', () => {
  using folder = aFolder();
  const SOLANA_CLUSTER = 'devnet' as const;
  assert.throws(() => chainPassphrase({ SOLANA_CLUSTER }), /needs a passphrase/);
  assert.is(chainPassphrase({ SOLANA_CLUSTER: 'embedded' }), undefined);
  const SOLANA_PASSPHRASE_PATH = aPassphrase(folder.path);
  assert.is(chainPassphrase({ SOLANA_CLUSTER, SOLANA_PASSPHRASE_PATH }), passphrase);
  chmodSync(SOLANA_PASSPHRASE_PATH, 0o644);
  assert.throws(
    () => chainPassphrase({ SOLANA_CLUSTER, SOLANA_PASSPHRASE_PATH }),
    /read by others/,
  );
  aPassphrase(folder.path, 'from systemd itself', 'solana-passphrase');
  const credential = { SOLANA_CLUSTER, CREDENTIALS_DIRECTORY: folder.path };
  const handedOver = join(folder.path, 'solana-passphrase');
  for (const mode of [0o600, 0o400, 0o440]) {
    chmodSync(handedOver, mode);
    assert.is(chainPassphrase(credential), 'from systemd itself', mode.toString(8));
  }
  chmodSync(handedOver, 0o444);
  assert.throws(() => chainPassphrase(credential), /read by others/);
  chmodSync(handedOver, 0o600);
  aPassphrase(folder.path, 'short', 'solana-passphrase');
  assert.throws(() => chainPassphrase(credential), /shorter than 12/);
});

sealing('`chain passphrase` seals anew, and no argument or output holds a passphrase', async () => {
  using folder = aFolder();
  const dataDir = join(folder.path, 'data');
  const { hub: key } = openKeyring(join(dataDir, 'keys'));
  writeFileSync(join(dataDir, 'hub.lock'), '');
  const newFile = aPassphrase(folder.path);
  const args = ['chain', 'passphrase', '--new-file', newFile];
  const { code, out, err } = await hub({ HUB_DATA_DIR: dataDir }, ...args);
  assert.is(code, 0, err);
  assert.not(`${args} ${out} ${err}`.includes(passphrase));
  assert.equal(openKeyring(join(dataDir, 'keys'), passphrase).hub.publicKey, key.publicKey);
  const again = await hub({ HUB_DATA_DIR: dataDir }, ...args);
  assert.is(again.code, 1);
  assert.match(again.err, /needs its passphrase/);
});

sealing('14: no key is in the books, the log or the rest of the data folder', async () => {
  using folder = aFolder();
  const dataDir = join(folder.path, 'data');
  mkdirSync(dataDir, { mode: 0o700 });
  using ledger = openLocalLedger({ file: join(dataDir, 'ledger.db') });
  const lines: string[] = [];
  const say = (message: string, facts?: object) =>
    void lines.push(`${message} ${JSON.stringify(facts ?? {})}`);
  {
    using books = openBooks(join(dataDir, 'books.db'));
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', async () => {
        const body = Buffer.concat(chunks).toString('utf8');
        response.end(await (await ledger.fetch('', { body })).text());
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const env = {
      ...{ HUB_DATA_DIR: dataDir, SOLANA_RPC_URLS: `http://127.0.0.1:${port}` },
      SOLANA_PASSPHRASE_PATH: aPassphrase(folder.path),
    };
    const log = { info: say, warn: say, error: say };
    await using chain = await openChain(configOf(env), log, books.tokens);
    await chain.prepare();
    assert.is(chain.health().state, 'ok');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  const keys = openKeyring(join(dataDir, 'keys'), passphrase);
  const secrets = [
    ...[keys.hub, keys.mintAuthority, keys.mint].map((key) => key.secretKey.subarray(0, 32)),
    keys.markerSecret,
  ].map((bytes) => Buffer.from(bytes));
  const forms = [
    passphrase,
    ...secrets.flatMap((one) => [one.toString('hex'), one.toString('base64'), bs58.encode(one)]),
    ...secrets.map((one) => one.toString('latin1')),
  ];
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true });
  for (const file of files.filter((each) => each.isFile())) {
    const text = readFileSync(join(file.parentPath, file.name), 'latin1');
    assert.not(
      forms.some((form) => text.includes(form)),
      file.name,
    );
  }
  assert.not(
    forms.some((form) => lines.join('\n').includes(form)),
    'the log',
  );
});

beginning.run();
opening.run();
sealing.run();
