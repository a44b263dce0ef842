/** A hub runs for years: what it asks its books while it lives must not take longer with everything that ever happened. */
import Database from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openBooks } from '../../../gateway/adapters/sqlite/open.ts';
import { epochMs } from '../../../gateway/core/units.ts';
import { booksOnDisk } from './books-on-disk.ts';

const lookingUp = suite('looking something up in old books');

/** They get rows with every trade, payment or slot. */
const growing = ['posting', 'trade', 'topup', 'payout', 'payment', 'advice', 'slot_energy'];
const alsoGrowing = ['trade_event', 'token_intent', 'token_attempt', 'proposal', 'round_seller'];

/** Whole files that read everything by design: an audit, a report, and what a start puts together once. */
const readsAll = ['audit.ts', 'kpi-facts.ts', 'token-audit.ts', 'token-records.ts'];
/** Single questions that count along an index of what they count. */
const counts = ['topup_confirmed', 'topup_waited', 'COVERING INDEX trade_state'];
/** Asked when a person changes a household's wallet. */
const rarely = ['burn_share s WHERE s.intent = i.id AND s.household = @who)'];

type Question = { readonly sql: string; readonly from: string };

/** Every question that the books prepare, with the file that asks it. */
function questions(): Question[] {
  const prepare = Database.prototype.prepare;
  const asked = new Map<string, string>();
  Database.prototype.prepare = function (this: Database.Database, sql: string) {
    const from = /sqlite\/([a-z-]+\.ts):\d+/.exec(new Error().stack ?? '')?.[1] ?? '';
    asked.set(sql, from);
    return prepare.call(this, sql);
  } as typeof prepare;
  try {
    using books = openBooks(':memory:');
    // Prepared when it is first asked: for meters, and for all kinds.
    for (const kinds of [['tell-command'] as const, undefined])
      books.deeds.due(epochMs(0), 1, kinds);
  } finally {
    Database.prototype.prepare = prepare;
  }
  return [...asked].map(([sql, from]) => ({ sql, from }));
}

/** Tables by the short names that a question gives them. */
const shortNames = (sql: string): Map<string, string> =>
  new Map(
    [...sql.matchAll(/\b(?:FROM|JOIN|,)\s+([a-z_]+) ([a-z])\b/g)].map(
      ([, t, s]) => [s, t] as [string, string],
    ),
  );

function scansOf(db: Database.Database, { sql }: Question): string[] {
  const names = new Set(Array.from(sql.matchAll(/[@$]([a-zA-Z]+)/g), ([, name]) => name));
  const given = Array.from(sql.matchAll(/\?/g), () => 1);
  const params = names.size > 0 ? [Object.fromEntries([...names].map((name) => [name, 1]))] : given;
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...params) as { detail: string }[];
  const short = shortNames(sql);
  return plan
    .map(({ detail }) => detail)
    .filter((detail) => {
      const table = /^SCAN (\w+)/.exec(detail)?.[1] ?? '';
      return [...growing, ...alsoGrowing].includes(short.get(table) ?? table);
    })
    .filter((detail) => !isNewestFirst(sql, detail, plan));
}

/** The first few along an index that is in their order. */
const isNewestFirst = (sql: string, detail: string, plan: readonly { detail: string }[]): boolean =>
  /LIMIT (?:[?$]|\d)/.test(sql) &&
  /USING (?:COVERING )?INDEX/.test(detail) &&
  !plan.some(({ detail: step }) => step.includes('TEMP B-TREE FOR ORDER BY'));

lookingUp('no question of a living hub reads a growing table from end to end', () => {
  using disk = booksOnDisk();
  const db = new Database(disk.file);
  const asked = questions().filter(({ sql }) => /^\s*(?:SELECT|WITH)\b/.test(sql));
  assert.ok(asked.length > 150, `${asked.length} questions`);
  const slow = asked
    .filter(
      ({ sql, from }) => !readsAll.includes(from) && !rarely.some((part) => sql.includes(part)),
    )
    .flatMap((question) =>
      scansOf(db, question)
        .filter((scan) => !counts.some((index) => scan.includes(index)))
        .map(
          (scan) =>
            `${question.from}: ${scan}: ${question.sql.replaceAll(/\s+/g, ' ').slice(0, 120)}`,
        ),
    );
  db.close();
  assert.equal(slow, []);
});

lookingUp('what meters are to be told is found without walking through what else is due', () => {
  using disk = booksOnDisk();
  const [question] = questions().filter(({ sql }) => sql.includes("kind = 'tell-command'"));
  const db = new Database(disk.file);
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${question?.sql}`).all(1, 1) as { detail: string }[];
  db.close();
  assert.match(plan[0]?.detail ?? '', 'deed_tell_command');
});

lookingUp.run();
