import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  AddressLookupTableAccount,
  Connection,
  Keypair,
  SystemProgram,
  TransactionMessage,
  VersionedTransaction,
} from '@solana/web3.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openJournal } from '../../../../gateway/adapters/solana/embedded/journal.ts';
import { openLedger } from '../../../../gateway/adapters/solana/embedded/ledger.ts';
import { openLocalLedger } from '../../../../gateway/adapters/solana/embedded/server.ts';
import {
  aClock,
  aFolder,
  aLocalChain,
  aMove,
  heldBy,
  kiosk,
  settle,
  valueIn,
} from '../neighbours.ts';

const base64 = (raw: Uint8Array) => Buffer.from(raw).toString('base64');
const receiver = Keypair.generate().publicKey.toBase58();

const ledgers = suite('the local ledger');

ledgers('refuses the same bytes after many others and after a restart', async () => {
  using local = await aLocalChain();
  const { chain } = local;
  const signed = valueIn(await chain.sign(aMove(1, { mintWh: 10_000 })));
  await chain.send(signed);
  for (let n = 2; n < 35; n++) await settle(chain, aMove(n, { energyWh: 1 }));
  assert.is(await heldBy(chain, kiosk), 133);
  const again = () => local.call('sendTransaction', base64(signed.raw), { encoding: 'base64' });
  assert.is((await again()).error?.code, -32002);
  assert.match((await again()).error?.message ?? '', 'already been processed');
  local.restart();
  assert.match((await again()).error?.message ?? '', 'already been processed');
  await chain.send(signed);
  assert.is(await heldBy(chain, kiosk), 133);
});

ledgers('accepts a blockhash for 150 slots and not for one more', async () => {
  for (const [slots, moved] of [
    [150, 100],
    [151, 0],
  ] as const) {
    using local = await aLocalChain();
    const { chain, clock } = local;
    const signed = valueIn(await chain.sign(aMove(1, { mintWh: 100 })));
    clock.passSlots(slots);
    await chain.send(signed);
    assert.is(await heldBy(chain, kiosk), moved, `after ${slots} slots`);
    // Whoever waits until the finalized height has passed the last valid one waits long enough.
    clock.passSlots(1);
    const isOver = valueIn(await chain.finalizedHeight()) > signed.lastValidHeight;
    assert.is(isOver, slots === 151);
  }
});

ledgers('never counts back, after a power cut and with an older clock', () => {
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
  const hash = first.ledger.latestBlockhash('confirmed').blockhash;
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

ledgers('dies rather than know more than its disk', () => {
  using folder = aFolder();
  const file = join(folder.path, 'ledger.db');
  const journal = openJournal(file);
  let diskIsFull = false;
  const deaths: unknown[] = [];
  const ledger = openLedger({
    journal: {
      ...journal,
      keep: (work) =>
        journal.keep(() => {
          const done = work();
          if (diskIsFull) throw new Error('disk is full');
          return done;
        }),
    },
    clock: aClock(),
    wallMs: () => 0,
    die: (error) => deaths.push(error),
  });
  valueIn(ledger.airdrop(receiver, 7_000_000));
  diskIsFull = true;
  assert.throws(() => ledger.airdrop(receiver, 1_000_000), /disk is full/);
  assert.is(deaths.length, 1);
  assert.throws(() => ledger.slot('confirmed'), /ending/);
  assert.throws(() => ledger.airdrop(receiver, 1), /ending/);
  ledger.close();
  const kept = openJournal(file);
  assert.is(kept.history(receiver, { limit: 10 }).length, 1);
  const lamports = Array.from(kept.accounts()).find(
    ({ address }) => address === receiver,
  )?.lamports;
  assert.is(lamports, 7_000_000n);
  kept.close();
});

ledgers('belongs to one process and one owner', () => {
  using folder = aFolder();
  const file = join(folder.path, 'ledger.db');
  using _first = openLocalLedger({ file });
  assert.throws(() => openLocalLedger({ file }), /in use by another process/);
  assert.is(statSync(file).mode & 0o077, 0);
  assert.is(statSync(`${file}-wal`).mode & 0o077, 0);
});

ledgers('charges exactly the fee that it announces', async () => {
  using local = await aLocalChain();
  const connection = new Connection('http://embedded.invalid', {
    fetch: local.fetch,
    commitment: 'confirmed',
  });
  const payer = Keypair.generate();
  const signature = await connection.requestAirdrop(payer.publicKey, 10_000_000);
  const gift = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
  const [before = 0, after = 0] = [gift?.meta?.preBalances[0], gift?.meta?.postBalances[0]];
  assert.is(before - after, 10_000_000 + (gift?.meta?.fee ?? 0));
  assert.ok((gift?.meta?.fee ?? 0) >= 5_000);
});

ledgers('refuses lookup tables, missing signatures and torn bytes, and lives on', async () => {
  using local = await aLocalChain();
  const payer = Keypair.generate();
  await local.call('requestAirdrop', payer.publicKey.toBase58(), 1_000_000_000);
  const { blockhash } = (await local.call('getLatestBlockhash')).result.value;
  const to = Keypair.generate().publicKey;
  const table = new AddressLookupTableAccount({
    key: Keypair.generate().publicKey,
    state: {
      deactivationSlot: 2n ** 64n - 1n,
      lastExtendedSlot: 0,
      lastExtendedSlotStartIndex: 0,
      addresses: [to],
    },
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
    local.call('sendTransaction', base64(raw), { encoding: 'base64' });

  const looking = new VersionedTransaction(message([table]));
  looking.sign([payer]);
  assert.match((await send(looking.serialize())).error?.message ?? '', 'lookup tables');
  const unsigned = new VersionedTransaction(message([]));
  assert.match((await send(unsigned.serialize())).error?.message ?? '', 'SignatureFailure');
  const plain = new VersionedTransaction(message([]));
  plain.sign([payer]);
  const good = plain.serialize();
  for (let cut = 0; cut < good.length; cut += 7) {
    assert.ok((await send(good.subarray(0, cut))).error, `${cut} bytes`);
    const bent = Uint8Array.from(good);
    bent[cut] = (bent[cut] ?? 0) ^ 0xff;
    assert.ok((await send(bent)).error, `bent at ${cut}`);
  }
  assert.is((await local.call('getBalance', to.toBase58())).result.value, 0);
  assert.ok((await send(good)).result);
  assert.is((await local.call('getBalance', to.toBase58())).result.value, 5_000_000);
});

ledgers.run();
