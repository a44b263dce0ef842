import { join } from 'node:path';
import {
  AddressLookupTableAccount,
  Keypair,
  SystemProgram,
  TransactionMessage,
  VersionedTransaction,
} from '@solana/web3.js';
import Database from 'better-sqlite3';
import bs58 from 'bs58';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openJournal } from '../../../../gateway/adapters/solana/embedded/journal.ts';
import { openLedger } from '../../../../gateway/adapters/solana/embedded/ledger.ts';
import { aClock, aFolder } from '../neighbours.ts';
import { aLedger, openMarket, sign, solLamports } from './traders.ts';

const base64 = (raw: Uint8Array) => Buffer.from(raw).toString('base64');
const finality = async (ledger: ReturnType<typeof aLedger>, signature: string) =>
  (await ledger.connection.getSignatureStatus(signature)).value?.confirmationStatus;

const ledgers = suite('the local ledger');

ledgers(
  'acceptance 4: refuses the same bytes after 33, after 500 others, after a restart',
  async () => {
    using ledger = aLedger();
    const { connection } = ledger;
    const { hub, buyerTokens, transfer } = await openMarket(connection, {
      ...{ mintWh: 1_000_000, allowanceWh: 1_000_000 },
    });
    const first = await sign(connection, [transfer(1)], [hub]);
    const again = async () =>
      (await ledger.call('sendTransaction', base64(first.raw), { encoding: 'base64' })).error;
    await connection.sendRawTransaction(first.raw);
    const latest = await connection.getLatestBlockhash();
    const others = async (from: number, to: number) => {
      for (let wh = from; wh < to; wh++)
        await connection.sendRawTransaction(
          (await sign(connection, [transfer(wh)], [hub], latest)).raw,
        );
    };
    await others(2, 35);
    assert.is((await again())?.code, -32002);
    assert.match((await again())?.message ?? '', 'already been processed');
    await others(35, 502);
    assert.match((await again())?.message ?? '', 'already been processed');
    ledger.restart();
    assert.match((await again())?.message ?? '', 'already been processed');
    ledger.clock.passSlots(400);
    assert.match((await again())?.message ?? '', 'already been processed');
    const held = await connection.getTokenAccountBalance(buyerTokens);
    assert.is(held.value.amount, String((501 * 502) / 2));
  },
);

ledgers('lands a message once, also under another signature, and after a restart', async () => {
  using ledger = aLedger();
  const { connection } = ledger;
  const market = await openMarket(connection, { mintWh: 100, allowanceWh: 100 });
  const { raw } = await sign(connection, [market.transfer(10)], [market.hub]);
  const status = async (bytes: Uint8Array) =>
    (await ledger.call('sendTransaction', base64(bytes), { encoding: 'base64' })).error?.message;
  assert.is(await status(raw), undefined);
  // A second nonce would give another valid signature; the check of age comes before that of validity.
  const other = Uint8Array.from(raw);
  other[1] = (other[1] ?? 0) ^ 1;
  assert.match((await status(other)) ?? '', 'already been processed');
  ledger.restart();
  assert.match((await status(other)) ?? '', 'already been processed');
});

ledgers('acceptance 8: accepts a blockhash at 150 slots and not at 151', async () => {
  for (const [slots, lands] of [
    [150, true],
    [151, false],
  ] as const) {
    using ledger = aLedger();
    const { connection, clock } = ledger;
    const { hub, transfer } = await openMarket(connection, { mintWh: 100, allowanceWh: 100 });
    const latest = await connection.getLatestBlockhash('processed');
    const signed = await sign(connection, [transfer(1)], [hub], latest);
    clock.passSlots(slots);
    const valid = await connection.isBlockhashValid(latest.blockhash);
    assert.is(valid.value, lands, `after ${slots} slots`);
    await connection.sendRawTransaction(signed.raw, { skipPreflight: true });
    assert.is((await connection.getSignatureStatus(signed.signature)).value !== null, lands);
    // Whoever waits until the finalized height has passed the last valid one waits long enough.
    clock.passSlots(1);
    const isOver = (await connection.getBlockHeight('finalized')) > latest.lastValidBlockHeight;
    assert.is(isOver, !lands);
  }
});

ledgers('acceptance 9: never counts back, after a power cut and with a clock an hour back', () => {
  using folder = aFolder();
  const file = join(folder.path, 'ledger.db');
  const open = (startMs: number) => {
    const journal = openJournal(file);
    const clock = aClock(startMs);
    const ledger = openLedger({ journal, clock, wallMs: () => startMs, die: () => {} });
    return { journal, clock, ledger };
  };
  const first = open(5_000_000);
  first.clock.passSlots(1_000);
  const told = first.ledger.slot('confirmed');
  const hash = bs58.decode(first.ledger.latestBlockhash('confirmed').blockhash);
  first.clock.passSlots(-9_000);
  assert.is(first.ledger.slot('confirmed'), told);
  // As after a cut: the journal is closed, the ledger never gets to write its last slot.
  first.journal.close();
  const second = open(0);
  const next = second.ledger.slot('confirmed');
  assert.ok(next >= told && next <= told + 64, `${told} then ${next}`);
  assert.ok(second.ledger.acceptsBlockhash(hash));
  second.clock.passSlots(10);
  assert.is(second.ledger.slot('confirmed'), next + 10);
  second.ledger.close();
  const third = open(0);
  assert.is(third.ledger.slot('confirmed'), next + 10);
  third.ledger.close();
});

ledgers('is final one slot after the commit, and says so at every level', async () => {
  using ledger = aLedger();
  const { connection, clock } = ledger;
  const key = Keypair.generate().publicKey;
  const signature = await connection.requestAirdrop(key, solLamports);
  assert.is(await finality(ledger, signature), 'confirmed');
  assert.is(
    await connection.getTransaction(signature, {
      commitment: 'finalized',
      maxSupportedTransactionVersion: 0,
    }),
    null,
  );
  const slots = await Promise.all(
    (['processed', 'confirmed', 'finalized'] as const).map((level) => connection.getSlot(level)),
  );
  assert.equal(slots, [slots[0], slots[0], (slots[0] ?? 0) - 1]);
  clock.passSlots(1);
  assert.is(await finality(ledger, signature), 'finalized');
  assert.ok(
    await connection.getTransaction(signature, {
      commitment: 'finalized',
      maxSupportedTransactionVersion: 0,
    }),
  );
  const ahead = { commitment: 'finalized', minContextSlot: 1_000_000 };
  assert.is((await ledger.call('getSlot', ahead)).error?.code, -32016);
});

ledgers('knows old statuses only for those who ask for history', async () => {
  using ledger = aLedger();
  const { connection, clock } = ledger;
  const signature = await connection.requestAirdrop(Keypair.generate().publicKey, solLamports);
  const known = async (searchTransactionHistory: boolean) =>
    (await connection.getSignatureStatuses([signature], { searchTransactionHistory })).value[0];
  clock.passSlots(150);
  assert.is((await known(false))?.err, null);
  clock.passSlots(1);
  assert.is(await known(false), null);
  assert.is((await known(true))?.confirmationStatus, 'finalized');
});

ledgers('forgets beyond its bound all but what it must refuse for ever', async () => {
  const transactionsKept = 20;
  using ledger = aLedger({ transactionsKept });
  const { connection } = ledger;
  const { hub, mint, transfer } = await openMarket(connection, {
    mintWh: 9_000,
    allowanceWh: 9_000,
  });
  const signed = await sign(connection, [transfer(1)], [hub]);
  await connection.sendRawTransaction(signed.raw);
  const find = () =>
    connection.getTransaction(signed.signature, { maxSupportedTransactionVersion: 0 });
  assert.ok(await find());
  for (let wh = 2; wh < 40; wh++)
    await connection.sendRawTransaction((await sign(connection, [transfer(wh)], [hub])).raw);
  assert.is(await find(), null);
  assert.is((await connection.getSignaturesForAddress(mint)).length, transactionsKept);
  ledger.restart();
  const { value } = await connection.getSignatureStatuses([signed.signature], {
    searchTransactionHistory: true,
  });
  assert.is(value[0]?.err, null);
  const again = await ledger.call('sendTransaction', base64(signed.raw), { encoding: 'base64' });
  assert.match(again.error?.message ?? '', 'already been processed');
  const db = new Database(ledger.file, { readonly: true });
  const count = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  assert.is(count('transactions'), transactionsKept);
  assert.is(db.prepare('SELECT count(DISTINCT id) FROM addresses').pluck().get(), transactionsKept);
  assert.is(count('signatures'), 44);
  db.close();
});

ledgers('charges exactly the fee that it announces, and nothing for a trial', async () => {
  using ledger = aLedger();
  const { connection } = ledger;
  const payer = Keypair.generate();
  const signature = await connection.requestAirdrop(payer.publicKey, 10_000_000);
  const gift = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
  const [before = 0, after = 0] = [gift?.meta?.preBalances[0], gift?.meta?.postBalances[0]];
  assert.is(before - after, 10_000_000 + (gift?.meta?.fee ?? 0));
  assert.ok((gift?.meta?.fee ?? 0) >= 5_000);
  const to = Keypair.generate().publicKey;
  const message = new TransactionMessage({
    payerKey: payer.publicKey,
    recentBlockhash: (await connection.getLatestBlockhash()).blockhash,
    instructions: [
      SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey: to, lamports: 2_000_000 }),
    ],
  }).compileToV0Message();
  const transaction = new VersionedTransaction(message);
  transaction.sign([payer]);
  const tried = await connection.simulateTransaction(transaction, {
    accounts: { encoding: 'base64', addresses: [to.toBase58()] },
  });
  assert.is(tried.value.err, null);
  assert.is(tried.value.accounts?.[0]?.lamports, 2_000_000);
  assert.is(await connection.getBalance(payer.publicKey), 10_000_000);
  assert.is(await connection.getBalance(to), 0);
  await connection.sendTransaction(transaction);
  const fee = (await connection.getFeeForMessage(message)).value ?? 0;
  assert.is(await connection.getBalance(payer.publicKey), 8_000_000 - fee);
});

ledgers('refuses lookup tables, missing signatures and torn bytes, and lives on', async () => {
  using ledger = aLedger();
  const payer = Keypair.generate();
  await ledger.connection.requestAirdrop(payer.publicKey, solLamports);
  const { blockhash } = await ledger.connection.getLatestBlockhash();
  const to = Keypair.generate().publicKey;
  const [deactivationSlot, lastExtendedSlot, lastExtendedSlotStartIndex] = [2n ** 64n - 1n, 0, 0];
  const table = new AddressLookupTableAccount({
    key: Keypair.generate().publicKey,
    state: { deactivationSlot, lastExtendedSlot, lastExtendedSlotStartIndex, addresses: [to] },
  });
  const message = (tables: AddressLookupTableAccount[]) =>
    new TransactionMessage({
      payerKey: payer.publicKey,
      recentBlockhash: blockhash,
      instructions: [
        SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey: to, lamports: 5_000_000 }),
      ],
    }).compileToV0Message(tables);
  const send = (raw: Uint8Array) =>
    ledger.call('sendTransaction', base64(raw), { encoding: 'base64' });

  const looking = new VersionedTransaction(message([table]));
  looking.sign([payer]);
  assert.match((await send(looking.serialize())).error?.message ?? '', 'lookup tables');
  const unsigned = new VersionedTransaction(message([]));
  assert.is((await send(unsigned.serialize())).error?.code, -32003);
  const plain = new VersionedTransaction(message([]));
  plain.sign([payer]);
  const good = plain.serialize();
  assert.ok((await send(Buffer.concat([good, Buffer.alloc(1)]))).error, 'a byte too many');
  for (let cut = 0; cut < good.length; cut += 7) {
    assert.ok((await send(good.subarray(0, cut))).error, `${cut} bytes`);
    const bent = Uint8Array.from(good);
    bent[cut] = (bent[cut] ?? 0) ^ 0xff;
    assert.ok((await send(bent)).error, `bent at ${cut}`);
  }
  assert.is(await ledger.connection.getBalance(to), 0);
  assert.ok((await send(good)).result);
  assert.is(await ledger.connection.getBalance(to), 5_000_000);
});

ledgers.run();
