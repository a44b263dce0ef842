// uncounted: it starts whole programs, again and again
/** New keys for old: nothing moves twice, nothing is lost, and nothing is signed by two. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createMintToCheckedInstruction, getAssociatedTokenAddressSync } from '@solana/spl-token';
import { Connection, Keypair, PublicKey, Transaction } from '@solana/web3.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { beTheOnlyHub } from '../../gateway/adapters/lock/one-hub.ts';
import { feePayerOf } from '../../gateway/adapters/solana/fee-payer.ts';
import {
  changePassphrase,
  openKeyring,
  replaceFeePayer,
} from '../../gateway/adapters/solana/keys.ts';
import { receiptFileOf } from '../../gateway/commands/receipt-form.ts';
import { judgeReceipt } from '../../gateway/commands/receipt-verdict.ts';
import { forgetFormer, rotateKey } from '../../gateway/commands/rotate-keys.ts';
import { dayMs } from '../../gateway/core/slot.ts';
import { aFolder, valueIn } from '../adapters/solana/neighbours.ts';
import { aPaidTrade } from '../support/given.ts';
import { corner, kiosk, nine } from '../support/neighbourhood.ts';
import { closeTheDay, note } from './a-receipt.ts';
import {
  aFolderWithASale,
  aSale,
  aSignedTrade,
  differences,
  finish,
  keysOf,
  lyingIn,
  urls,
} from './a-rotating-hub.ts';

const rotating = suite('rotating the hub’s keys');

rotating('a new fee payer: the old SOL, the old markers and their rent are not lost', async () => {
  using folder = aFolder();
  const old = await aFolderWithASale(folder.path);
  using lying = lyingIn(folder.path);
  const { books } = lying;
  const before = keysOf(lying).hub.publicKey;
  const connection = new Connection(urls[0] ?? '', { fetch: lying.fetch });
  const rotated = await rotateKey(lying.rotating, 'fee-payer');
  const after = keysOf(lying).hub.publicKey;
  assert.equal([rotated.before, rotated.after], [before.toBase58(), after.toBase58()]);
  assert.not(after.equals(before));
  assert.is(books.tokens.chain()?.hub, after.toBase58());
  assert.is(await connection.getBalance(before), 0);
  assert.ok((await connection.getBalance(after)) > 900_000_000_000);

  const { hub, intent } = await aSale(lying, 500);
  assert.is(feePayerOf(books.tokens.markedBytes()[1] ?? new Uint8Array()).length > 30, true);
  const winner = valueIn(await hub.chain.winnerOf({ intent: old }));
  assert.is(winner?.signature, books.tokens.find(old)?.signature, 'found at the old address');
  assert.equal(await differences(lying), []);

  assert.throws(() => forgetFormer(lying.rotating), /1 markers of former fee payers/);
  lying.pass(400);
  const purse = await connection.getBalance(after);
  const home = async () => valueIn(await hub.chain.reclaimRent([old, intent.id], 300));
  await home();
  lying.pass(2);
  assert.equal(await home(), [old, intent.id], 'the old one’s and the new one’s');
  assert.ok((await connection.getBalance(after)) > purse, 'all of it came to the new fee payer');
  assert.is(await connection.getBalance(before), 0);
  books.tokens.rentReclaimed([old, intent.id], nine);
  assert.is(forgetFormer(lying.rotating), 1);
  assert.equal(keysOf(lying).formerHubs, []);
  await aSale(lying, 300);
});

rotating('what the old fee payer has signed is settled first, and moves once', async () => {
  using folder = aFolder();
  await aFolderWithASale(folder.path);
  using lying = lyingIn(folder.path);
  const { trade, intent } = await aSignedTrade(lying);
  const waiting = aPaidTrade(await lying.hub(), { energyWh: 200 });
  await rotateKey(lying.rotating, 'fee-payer');
  assert.is(lying.books.trades.find(trade.id)?.state, 'settled');
  assert.is(lying.books.tokens.attempts(intent.id), 1);
  assert.is(lying.books.tokens.attempts(waiting.intent.id), 0, 'the new one signs it');
  await finish(lying, await lying.hub(), waiting.intent.id);
  assert.equal(await differences(lying), []);
});

rotating('nothing changes while something signed does not become final', async () => {
  using folder = aFolder();
  await aFolderWithASale(folder.path);
  using lying = lyingIn(folder.path);
  await aSignedTrade(lying);
  const before = keysOf(lying);
  const open: typeof lying.rotating.open = async (known) => ({
    ...(await lying.rotating.open(known)),
    statusOf: async () => ({ ok: false, error: 'unreachable' }),
  });
  for (const which of ['fee-payer', 'mint-authority'] as const)
    await rotateKey({ ...lying.rotating, open, patienceMs: 300 }, which).then(
      () => assert.unreachable('it went on'),
      (error: Error) => assert.match(error.message, /1 moves are signed and not final/),
    );
  assert.equal(keysOf(lying).hub.publicKey, before.hub.publicKey);
  assert.is(keysOf(lying).nextMintAuthority, undefined);
});

rotating('a new mint authority: the old one can mint no more, the hub goes on', async () => {
  using folder = aFolder();
  await aFolderWithASale(folder.path);
  using lying = lyingIn(folder.path);
  const old = keysOf(lying).mintAuthority;
  const rotated = await rotateKey(lying.rotating, 'mint-authority');
  const { mintAuthority, nextMintAuthority, hub, household } = keysOf(lying);
  assert.equal([rotated.after, nextMintAuthority], [mintAuthority.publicKey.toBase58(), undefined]);
  const connection = new Connection(urls[0] ?? '', { fetch: lying.fetch });
  const mint = new PublicKey(lying.books.tokens.chain()?.mint ?? '');
  const mintBy = async (key: typeof old) => {
    const account = getAssociatedTokenAddressSync(mint, household(kiosk).publicKey);
    const transaction = new Transaction({
      ...{ feePayer: hub.publicKey, ...(await connection.getLatestBlockhash()) },
    });
    transaction.add(createMintToCheckedInstruction(mint, account, key.publicKey, 70, 3));
    transaction.sign(hub, key);
    const { value } = await connection.simulateTransaction(transaction);
    return value.err;
  };
  assert.equal(await mintBy(old), { InstructionError: [0, { Custom: 4 }] });
  assert.is(await mintBy(mintAuthority), null, 'else this test proves nothing');
  await aSale(lying, 500);
  assert.equal(await differences(lying), []);
});

rotating('a receipt of before still names the fee payer who noted it, and verifies', async () => {
  using folder = aFolder();
  await aFolderWithASale(folder.path);
  using lying = lyingIn(folder.path);
  const noted = async (hours: number) => {
    const scene = { hub: await lying.hub(), local: { clock: { passSlots: lying.pass } } };
    const day = closeTheDay(scene as never, hours) ?? '';
    await note(scene as never, day);
  };
  const before = keysOf(lying).hub.publicKey.toBase58();
  await noted(1);
  const [old] = lying.books.views.trades(10);
  await rotateKey(lying.rotating, 'fee-payer');
  const hub = await lying.hub();
  hub.clock.set(nine + dayMs);
  const { trade } = await aSale(lying, 100);
  await noted(25);
  const signers = [old?.id ?? '', trade.id].map((id) => valueIn(receiptFileOf(lying.books, id)));
  const after = keysOf(lying).hub.publicKey.toBase58();
  assert.equal(
    signers.map(({ chain }) => chain.hub),
    [before, after],
  );
  for (const file of signers) {
    const verdict = await judgeReceipt(file, { urls, callDeadlineMs: 1_000, fetch: lying.fetch });
    assert.equal([verdict.wrong, verdict.unchecked], [[], []]);
  }
});

rotating(
  'a household with a key of its own is named, and must allow the new fee payer',
  async () => {
    using folder = aFolder();
    await aFolderWithASale(folder.path);
    using lying = lyingIn(folder.path);
    const { books } = lying;
    const owner = Keypair.fromSeed(Buffer.alloc(32, 5));
    const address = owner.publicKey.toBase58();
    valueIn(books.wallets.bring(corner, address, nine));
    const allow = async () => {
      const hub = await lying.hub();
      const asked = valueIn(await hub.chain.proposeApproval(corner, 5_000 as never));
      const transaction = Transaction.from(asked);
      transaction.partialSign(owner);
      const connection = new Connection(urls[0] ?? '', { fetch: lying.fetch });
      await connection.sendRawTransaction(transaction.serialize());
      lying.pass(3);
      const look = valueIn(await hub.chain.lookAtWallet(corner));
      return [look.delegate, look.allowanceWh];
    };
    assert.equal(await allow(), ['hub', 5_000]);
    const { intent } = aPaidTrade(await lying.hub(), { energyWh: 300 });
    const { toAllow } = await rotateKey(lying.rotating, 'fee-payer');
    assert.equal(toAllow, [corner]);
    assert.is(books.tokens.find(intent.id)?.state, 'done', 'paid before: moved by the old one');
    const look = valueIn(await (await lying.chain()).lookAtWallet(corner));
    assert.equal([look.delegate, look.allowanceWh], ['other', 0]);
    assert.equal(await allow(), ['hub', 5_000]);
    await aSale(lying, 200);
    assert.equal(await differences(lying), []);
  },
);

const cli = fileURLToPath(new URL('../../gateway/cli.ts', import.meta.url));
const run = (dataDir: string, ...args: string[]) =>
  spawnSync(process.execPath, [cli, 'chain', 'rotate', ...args], {
    ...{ env: { PATH: process.env['PATH'], HUB_DATA_DIR: dataDir }, encoding: 'utf8' },
  });

rotating('`chain rotate` waits for the hub to stop, and shows addresses only', async () => {
  using folder = aFolder();
  await aFolderWithASale(folder.path);
  const keyDir = `${folder.path}/keys`;
  {
    using _hub = beTheOnlyHub(`${folder.path}/hub.lock`);
    const refused = run(folder.path, 'fee-payer');
    assert.equal([refused.status, /another hub runs/.test(refused.stderr)], [1, true]);
  }
  const before = openKeyring(keyDir);
  for (const which of ['fee-payer', 'mint-authority']) {
    const { status, stdout, stderr } = run(folder.path, which);
    assert.is(status, 0, stderr);
    const { hub, mintAuthority } = openKeyring(keyDir);
    const now = which === 'fee-payer' ? hub : mintAuthority;
    assert.match(stdout, now.publicKey.toBase58());
    for (const { secretKey } of [before.hub, before.mintAuthority, hub, mintAuthority])
      for (const form of ['hex', 'base64'] as const) {
        const secret = Buffer.from(secretKey.subarray(0, 32)).toString(form);
        assert.not(`${stdout}${stderr}`.includes(secret));
      }
  }
  const kept = run(folder.path, 'forget');
  assert.equal([kept.status, /1 markers of former/.test(kept.stderr)], [1, true], kept.stderr);
  assert.is(run(folder.path, 'everything').status, 2);
});

rotating('at most four former fee payers are kept', () => {
  using folder = aFolder();
  const keyDir = `${folder.path}/keys`;
  const seen = [openKeyring(keyDir).hub.publicKey.toBase58()];
  for (let n = 0; n < 4; n++) {
    replaceFeePayer(keyDir, undefined);
    seen.unshift(openKeyring(keyDir).hub.publicKey.toBase58());
  }
  const { formerHubs } = openKeyring(keyDir);
  assert.equal(
    formerHubs.map(({ publicKey }) => publicKey.toBase58()),
    seen.slice(1),
    'the newest first',
  );
  assert.throws(() => replaceFeePayer(keyDir, undefined), /4 former fee payers are kept/);
  changePassphrase(keyDir, undefined, 'under the third mango tree');
  assert.is(openKeyring(keyDir, 'under the third mango tree').formerHubs.length, 4);
});

rotating.run();
