/** Token intents and their attempts. */
import type { Database } from 'better-sqlite3';
import type { HouseholdId, TokenIntentId, TradeId } from '../../core/ids.ts';
import type { TokenAttempt, TokenIntent } from '../../core/token.ts';
import { wattHours } from '../../core/units.ts';
import type { TokenBooks } from '../../ports/books/tokens.ts';
import { deedWriter, intentWriter } from './postings.ts';
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

const toIntent = (row: IntentRow): TokenIntent => ({
  id: row.id as TokenIntentId,
  kind: row.kind,
  trade: (row.trade ?? undefined) as TradeId | undefined,
  reference: row.reference,
  from: row.from_household as HouseholdId,
  to: (row.to_household ?? undefined) as HouseholdId | undefined,
  energyWh: wattHours(row.energy_wh),
  mintWh: wattHours(row.mint_wh),
  memo: row.memo,
  state: row.state,
  signature: row.signature ?? undefined,
});

/** The token family of books.db. */
export function tokenBooks(db: Database): TokenBooks {
  const deeds = deedWriter(db);
  const move = stateMover(db);
  const find = db.prepare<[string], IntentRow>('SELECT * FROM token_intent WHERE id = ?');
  const ofTrade = db.prepare<[string], IntentRow>('SELECT * FROM token_intent WHERE trade = ?');
  const open = db.prepare<[string], { signature: string; raw: Buffer; last_valid_height: number }>(
    "SELECT * FROM token_attempt WHERE intent = ? AND state = 'open'",
  );
  const count = db.prepare<[string], { n: number }>(
    'SELECT count(*) AS n FROM token_attempt WHERE intent = ?',
  );
  const insert = db.prepare("INSERT INTO token_attempt VALUES (?, ?, ?, ?, 'open')");
  const expire = db.prepare(
    "UPDATE token_attempt SET state = 'expired' WHERE signature = ? AND state = 'open'",
  );
  const landed = db.prepare(
    "UPDATE token_attempt SET state = 'landed' WHERE signature = ? AND state = 'open'",
  );
  const end = db.prepare(
    "UPDATE token_intent SET state = ?, signature = ? WHERE id = ? AND state = 'open'",
  );
  const paid = db.prepare<[string], { id: string }>(
    "SELECT id FROM trade WHERE id = ? AND state = 'paid'",
  );

  const saveAttempt = db.transaction((intent: TokenIntent, attempt: TokenAttempt, at: number) => {
    insert.run(attempt.signature, intent.id, attempt.raw, attempt.lastValidHeight);
    if (intent.trade !== undefined && paid.get(intent.trade) !== undefined)
      move(intent.trade, 'tokens.sent', attempt.signature, at);
  });
  const finish = db.transaction((intent: TokenIntent, signature: string) => {
    landed.run(signature);
    end.run('done', signature, intent.id);
    deeds.remove('send-tokens', intent.id);
  });
  const setAside = db.transaction((intent: TokenIntent) => {
    end.run('review', null, intent.id);
    deeds.remove('send-tokens', intent.id);
  });
  const addIntents = intentWriter(db);
  const known = db.prepare<[string], { id: string }>(
    'SELECT id FROM token_intent WHERE reference = ?',
  );
  const intend = db.transaction((intent: TokenIntent, at: number) => {
    if (known.get(intent.reference) === undefined) addIntents([intent], at);
  });
  const one = (row: IntentRow | undefined) => row && toIntent(row);
  return {
    find: (id) => one(find.get(id)),
    ofTrade: (trade) => one(ofTrade.get(trade)),
    openAttempt: (intent) => {
      const row = open.get(intent);
      return (
        row && { signature: row.signature, raw: row.raw, lastValidHeight: row.last_valid_height }
      );
    },
    attempts: (intent) => count.get(intent)?.n ?? 0,
    saveAttempt: (intent, attempt, at) => saveAttempt.immediate(intent, attempt, at),
    expireAttempt: (attempt) => void expire.run(attempt.signature),
    intend: (intent, at) => intend.immediate(intent, at),
    finish: (intent, signature) => finish.immediate(intent, signature),
    setAside: (intent) => setAside.immediate(intent),
  };
}
