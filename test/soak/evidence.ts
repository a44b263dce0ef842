/** What everybody has in hand when the soak is over; each promise is judged from this, and from nothing else. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Totals } from '../../gateway/simulators/daraja/ledger.ts';
import type { Payout } from '../../gateway/simulators/daraja/payouts.ts';
import type { Prompt } from '../../gateway/simulators/daraja/prompts.ts';
import type { Payment } from '../../gateway/simulators/daraja/till.ts';
import type { Stage } from './stage.ts';
import type { MetersLife } from './told.ts';

/** Of M-Pesa and its phones. */
export type Witness = {
  readonly prompts: readonly Prompt[];
  readonly payments: readonly Payment[];
  /** Money that arrived at phones. */
  readonly payouts: readonly Payout[];
  readonly totals: Totals;
};

export type Evidence = {
  readonly witness: Witness;
  readonly lives: readonly MetersLife[];
  readonly readingsFile: string;
  readonly books: BookRows;
  readonly stage: Stage;
};

export type BookRows = Disposable & {
  rows<Row>(query: string): Row[];
  readonly db: Database.Database;
};

/** Only looks; the hub may run. Throws while the file cannot be opened. */
export function lookIntoBooks(folder: string): BookRows {
  const db = new Database(join(folder, 'books.db'), { readonly: true, timeout: 5_000 });
  return {
    db,
    rows: <Row>(query: string) => db.prepare<[], Row>(query).all(),
    [Symbol.dispose]: () => {
      db.close();
    },
  };
}

/** How often a promise was broken, and of how many times. */
export type Count = {
  /** The number of the promise in the order in which the product gives them. */
  readonly promise: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;
  /** What would be wrong. */
  readonly name: string;
  readonly unit: string;
  readonly broken: number;
  readonly of: number;
  readonly examples: readonly string[];
};

const examplesMost = 3;

/** Counts what is wrong among all. */
export function countOf<Thing>(
  about: Pick<Count, 'promise' | 'name' | 'unit'>,
  all: readonly Thing[],
  isBroken: (thing: Thing) => boolean,
  words: (thing: Thing) => string = (thing) => JSON.stringify(thing),
): Count {
  const broken = all.filter(isBroken);
  const examples = broken.slice(0, examplesMost).map(words);
  return { ...about, broken: broken.length, of: all.length, examples };
}
