/** Counts of payloads, kept on disk in the same transaction as what they count. */
import type Database from 'better-sqlite3';
import type { Quarantine, ReadingCounts } from '../../ports/readings.ts';
import { quarantines } from './messages.ts';

type Name = 'stored' | 'settled' | 'duplicates' | Quarantine;
const names: readonly Name[] = ['stored', 'settled', 'duplicates', ...quarantines];

export class Tally {
  #kept: ReadonlyMap<Name, number>;
  #draft: Map<Name, number>;
  readonly #save;

  constructor(db: Database.Database) {
    const rows = db.prepare('SELECT name, value FROM counter').all() as {
      name: Name;
      value: number;
    }[];
    this.#kept = new Map(
      rows.filter(({ name }) => names.includes(name)).map((r) => [r.name, r.value]),
    );
    this.#draft = new Map(this.#kept);
    this.#save = db.prepare(
      'INSERT INTO counter VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    );
  }

  /** Adds one and answers the new count, which holds only if the transaction does. */
  add(name: Name): number {
    const count = (this.#draft.get(name) ?? 0) + 1;
    this.#draft.set(name, count);
    return count;
  }

  save(): void {
    for (const [name, value] of this.#draft) {
      if (this.#kept.get(name) !== value) this.#save.run(name, value);
    }
  }

  adopt(): void {
    this.#kept = new Map(this.#draft);
  }

  drop(): void {
    this.#draft = new Map(this.#kept);
  }

  counts(): ReadingCounts {
    const count = (name: Name): number => this.#kept.get(name) ?? 0;
    const quarantined: Partial<Record<Quarantine, number>> = {};
    for (const reason of quarantines) {
      if (count(reason) > 0) quarantined[reason] = count(reason);
    }
    return {
      stored: count('stored'),
      settled: count('settled'),
      duplicates: count('duplicates'),
      quarantined,
    };
  }
}
