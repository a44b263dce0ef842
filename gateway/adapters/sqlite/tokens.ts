/** Token intents and their attempts. */
import type { Database } from 'better-sqlite3';
import type { HouseholdId, TokenIntentId, TradeId } from '../../core/ids.ts';
import type { TokenAttempt, TokenIntent } from '../../core/token.ts';
import { wattHours } from '../../core/units.ts';
import type { TokenBooks } from '../../ports/books/tokens.ts';
import { deedWriter, intentWriter } from './postings.ts';
import { tokenRecords } from './token-records.ts';
import { stateMover } from './trades.ts';

type IntentRow = {
  id: string;
  kind: TokenIntent['kind'];
  trade: string | null;
  reference: string;
  from_household: string;
  to_household: string | null;
  energy_wh: number;
  mint_wh: number;
  memo: string;
  state: TokenIntent['state'];
  signature: string | null;
};
type AttemptRow = {
  signature: string;
  raw: Buffer;
  last_valid_height: number;
  genesis_hash: string;
};
type ShareRow = { household: string; energy_wh: number };

const toIntent = (row: IntentRow, shares: readonly ShareRow[]): TokenIntent => ({
  id: row.id as TokenIntentId,
  kind: row.kind,
  trade: (row.trade ?? undefined) as TradeId | undefined,
  reference: row.reference,
  from: row.from_household as HouseholdId,
  to: (row.to_household ?? undefined) as HouseholdId | undefined,
  energyWh: wattHours(row.energy_wh),
  mintWh: wattHours(row.mint_wh),
  ...(shares.length === 0 ? {} : { shares: shares.map(toShare) }),
  memo: row.memo,
  state: row.state,
  signature: row.signature ?? undefined,
});

const toShare = ({ household, energy_wh }: ShareRow) => ({
  household: household as HouseholdId,
  energyWh: wattHours(energy_wh),
});

/** The token family of books.db. */
export function tokenBooks(db: Database): TokenBooks {
  const find = db.prepare<[string], IntentRow>('SELECT * FROM token_intent WHERE id = ?');
  const ofTrade = db.prepare<[string], IntentRow>('SELECT * FROM token_intent WHERE trade = ?');
  const shares = db.prepare<[string], ShareRow>(
    'SELECT household, energy_wh FROM burn_share WHERE intent = ? ORDER BY household',
  );
  const open = db.prepare<[string], AttemptRow>(
    "SELECT * FROM token_attempt WHERE intent = ? AND state = 'open'",
  );
  const count = db.prepare<[string], { n: number }>(
    'SELECT count(*) AS n FROM token_attempt WHERE intent = ?',
  );
  const bound = db.prepare<[], { id: TokenIntentId }>(
    `SELECT id FROM token_intent i WHERE state = 'open'
       AND (EXISTS (SELECT 1 FROM token_attempt a WHERE a.intent = i.id)
         OR from_household IN (SELECT household FROM own_wallet))`,
  );
  const one = (row: IntentRow | undefined) => row && toIntent(row, shares.all(row.id));
  return {
    find: (id) => one(find.get(id)),
    ofTrade: (trade) => one(ofTrade.get(trade)),
    openAttempt: (intent) => {
      const row = open.get(intent);
      return (
        row && {
          signature: row.signature,
          raw: row.raw,
          lastValidHeight: row.last_valid_height,
          genesisHash: row.genesis_hash,
        }
      );
    },
    boundToFeePayer: () => bound.all().map(({ id }) => id),
    attempts: (intent) => count.get(intent)?.n ?? 0,
    ...tokenMoves(db),
    ...tokenRecords(db),
  };
}

type Moves = Pick<TokenBooks, 'saveAttempt' | 'expireAttempt' | 'intend' | 'finish' | 'setAside'>;

function tokenMoves(db: Database): Moves {
  const deeds = deedWriter(db);
  const move = stateMover(db);
  const addIntents = intentWriter(db);
  const insert = db.prepare(
    `INSERT INTO token_attempt (signature, intent, raw, last_valid_height, genesis_hash, at_ms, state)
     VALUES (?, ?, ?, ?, ?, ?, 'open') ON CONFLICT DO NOTHING`,
  );
  const expire = db.prepare(
    "UPDATE token_attempt SET state = 'expired' WHERE signature = ? AND state = 'open'",
  );
  const expireOthers = db.prepare(
    "UPDATE token_attempt SET state = 'expired' WHERE intent = ? AND state = 'open' AND signature <> ?",
  );
  const landed = db.prepare("UPDATE token_attempt SET state = 'landed' WHERE signature = ?");
  const end = db.prepare(
    "UPDATE token_intent SET state = ?, signature = ? WHERE id = ? AND state IN ('open', 'review')",
  );
  const paid = db.prepare<[string], { id: string }>(
    "SELECT id FROM trade WHERE id = ? AND state = 'paid'",
  );
  const known = db.prepare<[string], { id: string }>(
    'SELECT id FROM token_intent WHERE reference = ?',
  );

  const saveAttempt = db.transaction(
    (intent: TokenIntent, attempt: TokenAttempt, at: number): boolean => {
      const { signature, raw, lastValidHeight, genesisHash } = attempt;
      // Another attempt stands; or a node that stands still gave an old blockhash, and these bytes are dead.
      const kept = insert.run(signature, intent.id, raw, lastValidHeight, genesisHash, at);
      if (kept.changes === 0) return false;
      if (intent.trade !== undefined && paid.get(intent.trade) !== undefined)
        move(intent.trade, 'tokens.sent', signature, at);
      return true;
    },
  );
  const finish = db.transaction((intent: TokenIntent, signature: string) => {
    expireOthers.run(intent.id, signature);
    landed.run(signature);
    end.run('done', signature, intent.id);
    deeds.remove('send-tokens', intent.id);
  });
  const intend = db.transaction((intent: TokenIntent, at: number) => {
    if (known.get(intent.reference) === undefined) addIntents([intent], at);
  });
  return {
    saveAttempt: (intent, attempt, at) => saveAttempt.immediate(intent, attempt, at),
    expireAttempt: (attempt) => void expire.run(attempt.signature),
    intend: (intent, at) => intend.immediate(intent, at),
    finish: (intent, signature) => finish.immediate(intent, signature),
    setAside: (intent) => void end.run('review', null, intent.id),
  };
}
