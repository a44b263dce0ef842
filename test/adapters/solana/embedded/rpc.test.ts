import { join } from 'node:path';
import {
  ComputeBudgetProgram,
  Keypair,
  SystemProgram,
  type TransactionInstruction,
} from '@solana/web3.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serveLedger } from '../../../../gateway/adapters/solana/embedded/server.ts';
import { openKeyring } from '../../../../gateway/adapters/solana/keys.ts';
import { type Answer, aFolder, aLocalChain, aMove, settle } from '../neighbours.ts';
import { aLedger, sign, solLamports } from './traders.ts';

const speaking = suite('speaking JSON-RPC to the local ledger');

const json = { 'content-type': 'application/json' };
const call = (method: string, params: unknown[] = [], id: unknown = 1) => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});

speaking('says what is wrong with a call by the number that the standard gives', async () => {
  using local = await aLocalChain();
  const post = async (body: string) =>
    (await (await local.fetch('http://embedded.invalid', { body })).json()) as Answer;
  assert.is((await post('{"jsonrpc":')).error?.code, -32700);
  assert.is((await post('{"method":"getSlot"}')).error?.code, -32600);
  assert.is((await post('[]')).error?.code, -32600);
  assert.is((await post(JSON.stringify(call('stealAll')))).error?.code, -32601);
  assert.is((await post(JSON.stringify(call('constructor')))).error?.code, -32601);
  assert.is((await post(JSON.stringify(call('getBalance', ['not a key'])))).error?.code, -32602);
  assert.is((await post(JSON.stringify(call('getBalance')))).error?.code, -32602);
  assert.is((await post(JSON.stringify(Array(33).fill(call('getSlot'))))).error?.code, -32600);
});

speaking('answers a batch in order and a notification not at all', async () => {
  using local = await aLocalChain();
  const post = (body: unknown) =>
    local.fetch('http://embedded.invalid', { body: JSON.stringify(body) });
  const batch = [
    call('getHealth', [], 'a'),
    { jsonrpc: '2.0', method: 'getHealth' },
    call('nothing', [], 'b'),
  ];
  const answers = (await (await post(batch)).json()) as { id: string }[];
  assert.equal(
    answers.map(({ id }) => id),
    ['a', 'b'],
  );
  assert.is(await (await post({ jsonrpc: '2.0', method: 'getHealth' })).text(), '');
});

speaking('keeps its door narrow', async () => {
  using folder = aFolder();
  await using server = await serveLedger({
    file: join(folder.path, 'ledger.db'),
    host: '127.0.0.1',
    port: 0,
  });
  const post = (body: string, headers: Record<string, string> = json) =>
    fetch(server.url, { method: 'POST', headers, body }).then(({ status }) => status);
  assert.is(await post(JSON.stringify(call('getSlot'))), 200);
  assert.is(await post(JSON.stringify(call('getSlot')), { 'content-type': 'text/plain' }), 415);
  assert.is(await post(`"${'x'.repeat(65_536)}"`), 413);
  assert.is((await fetch(server.url)).status, 405);
  assert.is((await fetch(`${server.url}/health`)).status, 200);
});

speaking('lets a page in a browser read, and nothing else', async () => {
  using folder = aFolder();
  const file = join(folder.path, 'ledger.db');
  await using server = await serveLedger({ file, host: '127.0.0.1', port: 0 });
  const origin = 'https://explorer.example';
  const asked = await fetch(server.url, { method: 'OPTIONS', headers: { origin } });
  assert.equal([asked.status, asked.headers.get('access-control-allow-origin')], [204, '*']);
  const post = (body: unknown, headers: Record<string, string> = { ...json, origin }) =>
    fetch(server.url, { method: 'POST', headers, body: JSON.stringify(body) });
  const read = await post(call('getGenesisHash'));
  assert.equal([read.status, read.headers.get('access-control-allow-origin')], [200, '*']);
  for (const method of ['sendTransaction', 'requestAirdrop', 'simulateTransaction', 'getter']) {
    assert.is((await post(call(method))).status, 403, method);
    assert.is((await post([call('getSlot'), call(method)])).status, 403, `${method} among others`);
    assert.is((await post(call(method), json)).status, 200, `${method} of a program`);
  }
  assert.is((await post(null)).status, 403);
  assert.is((await fetch(server.url, { method: 'OPTIONS' })).status, 405);
});

speaking('knows the tokens of every owner', async () => {
  using local = await aLocalChain();
  await settle(local.chain, aMove(1, { mintWh: 2_500, energyWh: 1_000 }));
  const programId = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
  const keys = openKeyring(join(local.folder, 'keys'));
  const owner = keys.household(aMove(1).from).publicKey.toBase58();
  const mint = keys.mint.publicKey.toBase58();
  const byProgram = await local.call('getTokenAccountsByOwner', owner, { programId });
  const byMint = await local.call('getTokenAccountsByOwner', owner, { mint });
  assert.equal(byMint.result.value, byProgram.result.value);
  const [{ pubkey }] = byMint.result.value;
  const balance = (await local.call('getTokenAccountBalance', pubkey)).result.value;
  assert.equal(balance, { amount: '1500', decimals: 3, uiAmount: 1.5, uiAmountString: '1.5' });
  const supply = (await local.call('getTokenSupply', mint)).result.value;
  assert.equal(supply, { amount: '2500', decimals: 3, uiAmount: 2.5, uiAmountString: '2.5' });
  const stranger = Keypair.generate().publicKey.toBase58();
  assert.equal((await local.call('getTokenAccountsByOwner', stranger, { mint })).result.value, []);
  assert.is((await local.call('getAccountInfo', stranger)).result.value, null);
  assert.is((await local.call('getTokenSupply', stranger)).error?.code, -32602);
});

speaking('turns the pages of an address, newest first', async () => {
  using local = await aLocalChain();
  const signatures: string[] = [];
  for (let n = 1; n <= 5; n++)
    signatures.push(await settle(local.chain, aMove(n, { mintWh: 100 })));
  const [first, , third, , fifth] = signatures;
  const mint = openKeyring(join(local.folder, 'keys')).mint.publicKey.toBase58();
  const page = async (options: object) =>
    (
      await local.call('getSignaturesForAddress', mint, { commitment: 'confirmed', ...options })
    ).result.map(({ signature }: { signature: string }) => signature);
  assert.equal(await page({ limit: 2 }), signatures.slice(3).toReversed());
  assert.equal(await page({ before: third, until: first }), signatures.slice(1, 2));
  assert.equal(await page({ limit: 1, before: fifth }), signatures.slice(3, 4));
  const unfinished = await local.call('getSignaturesForAddress', mint);
  assert.equal(unfinished.result, []);
});

speaking('names what went wrong as a Solana node does', async () => {
  using ledger = aLedger();
  const { connection } = ledger;
  const payer = Keypair.generate();
  const [rich, poor] = [payer.publicKey, Keypair.generate().publicKey];
  await connection.requestAirdrop(rich, solLamports);
  const pay = (lamports: number) =>
    SystemProgram.transfer({ fromPubkey: rich, toPubkey: poor, lamports });
  const send = async (
    instructions: TransactionInstruction[],
    signers: Keypair[],
    bend = (raw: Buffer) => raw,
  ) => {
    const { raw } = await sign(connection, instructions, signers);
    const text = bend(raw).toString('base64');
    return (await ledger.call('sendTransaction', text, { encoding: 'base64' })).error as {
      code: number;
      data?: { err: unknown };
    };
  };
  const reasonOf = async (...given: Parameters<typeof send>) => (await send(...given)).data?.err;
  assert.equal(await reasonOf([pay(1)], [payer]), {
    InsufficientFundsForRent: { account_index: 1 },
  });
  assert.equal(await reasonOf([pay(2 * solLamports)], [payer]), {
    InstructionError: [0, { Custom: 1 }],
  });
  const limit = ComputeBudgetProgram.setComputeUnitLimit({ units: 1_000 });
  assert.equal(await reasonOf([limit, limit], [payer]), { DuplicateInstruction: 1 });
  assert.is(await reasonOf([limit], [Keypair.generate()]), 'AccountNotFound');
  const bent = await send([pay(solLamports / 2)], [payer], (raw) => {
    raw[1] = (raw[1] ?? 0) ^ 1;
    return raw;
  });
  assert.is(bent.code, -32003);
});

speaking('tries a transaction out without keeping anything', async () => {
  using local = await aLocalChain();
  const signed = await local.chain.sign(aMove(1, { mintWh: 100 }));
  assert.ok(signed.ok);
  const raw = Buffer.from(signed.ok ? signed.value.raw : []).toString('base64');
  const tried = await local.call('simulateTransaction', raw, { encoding: 'base64' });
  assert.is(tried.result.value.err, null);
  assert.ok(tried.result.value.unitsConsumed > 0);
  const status = await local.call('getSignatureStatuses', [
    signed.ok ? signed.value.signature : '',
  ]);
  assert.equal(status.result.value, [null]);
});

speaking.run();
