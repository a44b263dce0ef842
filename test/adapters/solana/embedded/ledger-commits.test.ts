import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Keypair, SystemProgram } from '@solana/web3.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openJournal } from '../../../../gateway/adapters/solana/embedded/journal.ts';
import { openLedger } from '../../../../gateway/adapters/solana/embedded/ledger.ts';
import { openLocalLedger } from '../../../../gateway/adapters/solana/embedded/server.ts';
import { aClock, aFolder, valueIn } from '../neighbours.ts';
import { aLedger, sign, solLamports } from './traders.ts';

const receiver = Keypair.generate().publicKey.toBytes();

const commits = suite("the local ledger's commits");

commits('dies rather than know more than its disk', () => {
  for (const failing of ['keep', 'commit'] as const) {
    using folder = aFolder();
    const file = join(folder.path, 'ledger.db');
    const journal = openJournal(file);
    let diskIsFull = false;
    const deaths: unknown[] = [];
    const ledger = openLedger({
      journal: {
        ...journal,
        [failing]: (entry: never) => {
          if (diskIsFull) throw new Error('disk is full');
          return journal[failing](entry);
        },
      },
      clock: aClock(),
      wallMs: () => 0,
      die: (error) => deaths.push(error),
    });
    valueIn(ledger.airdrop(receiver, 7_000_000));
    diskIsFull = true;
    assert.throws(() => ledger.airdrop(receiver, 1_000_000), /disk is full/);
    assert.is(deaths.length, 1);
    diskIsFull = false;
    assert.throws(() => ledger.slot('confirmed'), /ending/);
    assert.throws(() => ledger.airdrop(receiver, 1), /ending/);
    assert.throws(() => ledger.together(() => 1), /ending/);
    ledger.close();
    const kept = openJournal(file);
    assert.is(kept.history(receiver, { limit: 10 }).length, 1);
    const account = [...kept.accounts()].find(({ address }) =>
      Buffer.from(address).equals(receiver),
    );
    assert.is(account?.lamports, 7_000_000n);
    kept.close();
  }
});

commits('tells nobody of anything before its commit, and commits once for many', async () => {
  using folder = aFolder();
  const journal = openJournal(join(folder.path, 'ledger.db'));
  const said: string[] = [];
  const ledger = openLedger({
    journal: {
      ...journal,
      begin: () => {
        said.push('begin');
        journal.begin();
      },
      commit: () => {
        said.push('commit');
        journal.commit();
      },
    },
    clock: aClock(),
    wallMs: () => 0,
    die: () => {},
  });
  ledger.together(() => {
    for (let n = 1; n <= 3; n++) valueIn(ledger.airdrop(receiver, n * solLamports));
    said.push('answers');
  });
  assert.equal(said, ['begin', 'begin', 'begin', 'answers', 'commit']);
  assert.is(ledger.lamportsOf(receiver), 6n * BigInt(solLamports));
  ledger.close();
});

commits('forgets on disk, too, what an account no longer holds', async () => {
  using ledger = aLedger();
  const { connection } = ledger;
  const [giver, taker] = [Keypair.generate(), Keypair.generate().publicKey];
  await connection.requestAirdrop(giver.publicKey, solLamports);
  const lamports = solLamports - 5_000;
  const everything = SystemProgram.transfer({
    ...{ fromPubkey: giver.publicKey, toPubkey: taker, lamports },
  });
  await connection.sendRawTransaction((await sign(connection, [everything], [giver])).raw);
  ledger.restart();
  assert.is(await connection.getAccountInfo(giver.publicKey), null);
  assert.is(await connection.getBalance(taker), lamports);
});

commits('belongs to one process and one owner, and waits for the disk at each commit', () => {
  using folder = aFolder();
  const file = join(folder.path, 'ledger.db');
  using _first = openLocalLedger({ file });
  assert.throws(() => openLocalLedger({ file }), /in use by another process/);
  assert.is(statSync(file).mode & 0o077, 0);
  assert.is(statSync(`${file}-wal`).mode & 0o077, 0);
});

commits.run();
