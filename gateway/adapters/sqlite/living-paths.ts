/** The callback paths that are in use, in memory, so that a guessed one costs no look into the books. */
import type { Database } from 'better-sqlite3';
import type { PathUse } from '../../ports/books/deeds.ts';
import type { CallbackKind } from '../../ports/mobile-money.ts';

/** Far more than a hub has given out at one time; older ones are looked up in the books. */
const pathsInMindMost = 50_000;

export interface LivingPaths {
  /** Exactly what the books would say. */
  useOf(hash: string, at: number): PathUse;
  /** Drops from memory what ended before this moment. */
  forget(before: number): void;
}

type PathRow = { readonly hash: string; readonly kind: CallbackKind; readonly expires_ms: number };
type Remembered = { readonly use: PathUse; readonly end: number };

/**
 * Reads the newest paths and hears of each that is given out on this connection, whoever writes it. One whose
 * write is rolled back stays in mind, which does no harm: `keep` looks into the books.
 */
export function livingPaths(db: Database, inMindMost = pathsInMindMost): LivingPaths {
  const inMind = new Map<string, Remembered>();
  /** No path that lives longer than this is missing in memory. */
  let completeFrom = 0;
  const newest = db.prepare<[number], PathRow>(
    'SELECT hash, kind, expires_ms FROM callback_path ORDER BY expires_ms DESC LIMIT ?',
  );
  const find = db.prepare<[string, number], PathRow>(
    'SELECT hash, kind, expires_ms FROM callback_path WHERE hash = ? AND expires_ms > ?',
  );
  const drop = (hash: string, end: number): void => {
    inMind.delete(hash);
    completeFrom = Math.max(completeFrom, end);
  };
  const remember = ({ hash, kind, expires_ms }: PathRow): void => {
    inMind.set(hash, { use: useOfKind(kind), end: expires_ms });
    const [first] = inMind;
    if (inMind.size > inMindMost && first !== undefined) drop(first[0], first[1].end);
  };

  for (const row of newest.all(inMindMost + 1).reverse()) remember(row);
  db.function('remember_path', (hash: string, kind: CallbackKind, end: number) => {
    remember({ hash, kind, expires_ms: end });
    return null;
  });
  db.exec(
    `CREATE TEMP TRIGGER callback_path_given_out AFTER INSERT ON main.callback_path
     BEGIN SELECT remember_path(NEW.hash, NEW.kind, NEW.expires_ms); END`,
  );

  return {
    useOf: (hash, at) => {
      const known = inMind.get(hash);
      if (known !== undefined) return known.end > at ? known.use : 'none';
      const row = at < completeFrom ? find.get(hash, at) : undefined;
      return row === undefined ? 'none' : useOfKind(row.kind);
    },
    forget: (before) => {
      for (const [hash, { end }] of inMind) if (end < before) drop(hash, end);
    },
  };
}

/** Money sent by hand is told of on one path for all time; every other path is for one answer. */
const useOfKind = (kind: CallbackKind): PathUse =>
  kind === 'confirmation' || kind === 'validation' ? 'standing' : 'once';
