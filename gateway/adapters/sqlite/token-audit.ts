/** What an auditor of the chain takes from the books: what each household should hold, and which moves prove it. */
import type { Database } from 'better-sqlite3';
import type { HouseholdId } from '../../core/ids.ts';
import type { BookedTokens } from '../../core/token-audit.ts';

export type BookedMove = {
  readonly intent: string;
  readonly signature: string;
  readonly kind: 'transfer' | 'burn';
  readonly from: HouseholdId;
  readonly to: HouseholdId | null;
  readonly energyWh: number;
  readonly mintWh: number;
};

export type TokenAudit = {
  /** Sees one moment of the books. */
  households(): BookedTokens[];
  owners(): { readonly household: HouseholdId; readonly owner: string }[];
  /** Of moves that are final by the books. */
  finalSignatures(): string[];
  /** Wh that have left the neighbourhood's wallets and not come back, as far as the books know. */
  outsideWh(): number;
  /** Every attempt of moves that are not final by the books: one of them may just have landed. */
  openAttempts(): BookedMove[];
  /** Changes whenever a move becomes final, so that two looks can be told from one. */
  mark(): string;
};

// A trade's energy changes hands in the books only when its move is final; a gift's does when it is owed.
const perHousehold = `
  SELECT h.id AS household,
    (SELECT coalesce(sum(balance), 0) FROM account WHERE id IN ('energy:' || h.id, 'bought:' || h.id))
    + (SELECT coalesce(sum(a.balance), 0) FROM trade t JOIN account a ON a.id = 'reserved:' || t.id
       WHERE t.seller = h.id) AS heldWh,
    coalesce(e.wh, 0) AS exportedWh,
    (SELECT coalesce(sum(balance), 0) FROM account WHERE id = 'used:' || h.id) + coalesce(x.wh, 0) AS goneWh,
    (SELECT coalesce(sum(mint_wh), 0) FROM token_intent
     WHERE from_household = h.id AND state = 'done') AS mintedWh,
    (SELECT coalesce(sum(energy_wh), 0) FROM token_intent
     WHERE from_household = h.id AND kind = 'burn' AND state = 'done')
    + (SELECT coalesce(sum(s.energy_wh), 0) FROM burn_share s JOIN token_intent i ON i.id = s.intent
       WHERE s.household = h.id AND i.state = 'done') AS burnedWh,
    (SELECT coalesce(sum(energy_wh), 0) FROM token_intent
     WHERE to_household = h.id AND trade IS NULL AND state IN ('open', 'review'))
    - (SELECT coalesce(sum(energy_wh), 0) FROM token_intent
       WHERE from_household = h.id AND trade IS NULL AND kind = 'transfer'
       AND state IN ('open', 'review')) AS queuedWh
  FROM household h
  LEFT JOIN (SELECT to_account, sum(amount) AS wh FROM posting
    WHERE from_account = 'exported' GROUP BY to_account) e ON e.to_account = 'energy:' || h.id
  LEFT JOIN (SELECT from_account, sum(amount) AS wh FROM posting
    WHERE to_account = 'expired' GROUP BY from_account) x ON x.from_account = 'energy:' || h.id
  ORDER BY h.id`;

export function tokenAudit(db: Database): TokenAudit {
  const households = db.prepare<[], BookedTokens>(perHousehold);
  const owners = db.prepare<[], { household: HouseholdId; owner: string }>(
    'SELECT household, owner FROM token_owner ORDER BY household, from_ms',
  );
  const finals = db.prepare<[], { signature: string }>(
    "SELECT signature FROM token_intent WHERE state = 'done' AND signature IS NOT NULL",
  );
  const open = db.prepare<[], BookedMove>(
    `SELECT i.id AS intent, a.signature, i.kind, i.from_household AS "from", i.to_household AS "to",
       i.energy_wh AS energyWh, i.mint_wh AS mintWh
     FROM token_intent i JOIN token_attempt a ON a.intent = i.id WHERE i.state IN ('open', 'review')
     UNION ALL
     SELECT i.id, a.signature, i.kind, s.household, NULL, s.energy_wh, 0
     FROM token_intent i JOIN token_attempt a ON a.intent = i.id JOIN burn_share s ON s.intent = i.id
     WHERE i.state IN ('open', 'review')`,
  );
  const outside = db.prepare<[], { wh: number }>(
    `SELECT (SELECT coalesce(sum(left_wh), 0) FROM own_wallet)
       - (SELECT coalesce(sum(amount), 0) FROM posting WHERE from_account = 'arrived') AS wh`,
  );
  const mark = db.prepare<[], { mark: string }>(
    `SELECT (SELECT count(*) FROM token_intent WHERE state = 'done') || ':' ||
       (SELECT count(*) FROM token_attempt) || ':' || (SELECT coalesce(max(id), 0) FROM posting) || ':' ||
       (SELECT coalesce(sum(left_wh), 0) FROM own_wallet) AS mark`,
  );
  return {
    households: () => households.all(),
    owners: () => owners.all(),
    finalSignatures: () => finals.all().map(({ signature }) => signature),
    outsideWh: () => outside.get()?.wh ?? 0,
    openAttempts: () => open.all(),
    mark: () => mark.get()?.mark ?? '',
  };
}
