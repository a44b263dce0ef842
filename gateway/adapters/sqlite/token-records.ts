/** What is kept about tokens beside the moves: the chain, its addresses, the day's minting and old rents. */
import type { Database } from 'better-sqlite3';
import type { TokenIntentId } from '../../core/ids.ts';
import type { TokenBooks } from '../../ports/books/tokens.ts';
import type { ChainFacts } from '../../ports/tokens.ts';
import { mintedToday } from './minted-today.ts';

type Records = Pick<
  TokenBooks,
  | 'mintedSince'
  | 'noteMintingStopped'
  | 'noteChain'
  | 'chain'
  | 'changeHub'
  | 'noteOwner'
  | 'ownerAt'
  | 'ownAddress'
  | 'markedBytes'
  | 'rents'
  | 'rentReclaimed'
>;

export function tokenRecords(db: Database): Records {
  const minted = mintedToday(db);
  const stop = db.prepare('INSERT OR IGNORE INTO minting_stopped VALUES (?)');
  const keepChain = db.prepare('INSERT OR IGNORE INTO token_chain VALUES (1, ?, ?, ?)');
  const chain = db.prepare<[], ChainFacts>(
    'SELECT genesis_hash AS genesisHash, mint, hub FROM token_chain',
  );
  const changeHub = db.prepare('UPDATE token_chain SET hub = ?');
  const keepOwner = db.prepare('INSERT OR IGNORE INTO token_owner VALUES (?, ?, ?)');
  const ownAddress = db.prepare<[string], { address: string }>(
    'SELECT address FROM own_wallet WHERE household = ?',
  );
  const ownerAt = db.prepare<[string, number], { owner: string }>(
    `SELECT owner FROM token_owner WHERE household = ? AND from_ms <= ?
     ORDER BY from_ms DESC LIMIT 1`,
  );
  const rents = db.prepare<[number], { intent: TokenIntentId; pastHeight: number }>(
    `SELECT i.id AS intent, max(a.last_valid_height) AS pastHeight
     FROM token_intent i JOIN token_attempt a ON a.intent = i.id
     WHERE i.state = 'done' AND i.id NOT IN (SELECT intent FROM rent_reclaimed)
     GROUP BY i.id HAVING sum(a.state = 'open') = 0
     UNION ALL
     SELECT d.id, max(a.last_valid_height) FROM receipt_day d JOIN receipt_attempt a ON a.day_id = d.id
     WHERE d.state = 'done' AND d.rent_home = 0 GROUP BY d.id HAVING sum(a.state = 'open') = 0
     ORDER BY 1 LIMIT ?`,
  );
  const marked = db.prepare<[], { raw: Buffer }>(
    `SELECT a.raw FROM token_attempt a JOIN token_intent i ON i.id = a.intent
     WHERE i.state IN ('open', 'review')
       OR (i.state = 'done' AND i.id NOT IN (SELECT intent FROM rent_reclaimed))
     UNION ALL
     SELECT a.raw FROM receipt_attempt a JOIN receipt_day d ON d.id = a.day_id
     WHERE d.state <> 'done' OR d.rent_home = 0`,
  );
  const reclaimed = db.prepare(
    'INSERT OR IGNORE INTO rent_reclaimed SELECT id, ? FROM token_intent WHERE id = ?',
  );
  const noteReclaimed = db.prepare('UPDATE receipt_day SET rent_home = 1 WHERE id = ?');
  const rentReclaimed = db.transaction((intents: readonly TokenIntentId[], at: number) => {
    for (const intent of intents) {
      reclaimed.run(at, intent);
      noteReclaimed.run(intent);
    }
  });
  return {
    mintedSince: minted,
    noteMintingStopped: (day) => stop.run(day).changes === 1,
    noteChain: (facts) => {
      keepChain.run(facts.genesisHash, facts.mint, facts.hub);
      return chain.get() ?? facts;
    },
    chain: () => chain.get(),
    changeHub: (hub) => void changeHub.run(hub),
    ownAddress: (household) => ownAddress.get(household)?.address,
    ownerAt: (household, at) => ownerAt.get(household, at)?.owner,
    noteOwner: (household, owner, from) => void keepOwner.run(household, owner, from),
    markedBytes: () => marked.all().map(({ raw }) => raw),
    rents: (limit) => rents.all(limit),
    rentReclaimed: (intents, at) => rentReclaimed.immediate(intents, at),
  };
}
