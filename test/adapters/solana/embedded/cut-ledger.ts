/** A ledger in a process that kills itself in the middle of its fifth transfer: where, is its first argument. */
import { openJournal } from '../../../../gateway/adapters/solana/embedded/journal.ts';
import { openLedger } from '../../../../gateway/adapters/solana/embedded/ledger.ts';
import { openRpc } from '../../../../gateway/adapters/solana/embedded/rpc.ts';
import { openTurns } from '../../../../gateway/adapters/solana/embedded/turns.ts';
import { connect, openMarket, sign } from './traders.ts';

const [where = '', file = ''] = process.argv.slice(2);
/** Airdrop, mint, accounts, tokens and allowance come first. */
const fatal = 10;
let kept = 0;
const dieAt = (point: string) => {
  if (where === point && kept === fatal) process.kill(process.pid, 'SIGKILL');
};

const journal = openJournal(file);
const ledger = openLedger({
  journal: {
    ...journal,
    begin() {
      kept++;
      dieAt('before it begins');
      journal.begin();
      dieAt('before it runs');
    },
    keep(entry) {
      dieAt('after it ran');
      if (where === 'between two halves of a torn journal' && kept === fatal) {
        // What a journal would do that wrote the transaction first and the balances in a commit of their own.
        journal.keep({ ...entry, changed: [], closed: [] });
        journal.commit();
        dieAt('between two halves of a torn journal');
      }
      journal.keep(entry);
      dieAt('after it was written');
    },
    commit() {
      dieAt('before the commit');
      journal.commit();
      dieAt('after the commit');
    },
  },
  clock: { elapsedMs: () => performance.now() },
  wallMs: Date.now,
  die: () => process.exit(1),
});
const ask = openTurns(ledger, openRpc(ledger));
const connection = connect(async (_url, init) => new Response(await ask(String(init?.body))));
const market = await openMarket(connection, { mintWh: 10_000, allowanceWh: 10_000 });
for (let wh = 1; wh <= 2 * fatal; wh++) {
  const { raw, signature } = await sign(connection, [market.transfer(wh)], [market.hub]);
  await connection.sendRawTransaction(raw, { skipPreflight: true });
  process.stdout.write(`${signature}\n`);
}
