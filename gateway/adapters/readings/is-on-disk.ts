/** Asks the disk whether it has seen a number of a meter: where memory has forgotten a gap. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { openBody } from './chunk-format.ts';
import type { Shelf } from './shelf.ts';

const freshSql = `
  SELECT 1 FROM ring WHERE seal > ? AND sequence = ? AND life IN (SELECT id FROM life WHERE meter = ?) LIMIT 1`;
const refusedSql = 'SELECT 1 FROM used_number WHERE meter = ? AND sequence = ?';
const sealedSql = `
  SELECT body, hash FROM seal CROSS JOIN chunk ON chunk.seal = seal.id AND chunk.meter = ?1
  WHERE first_sequence <= ?2 AND last_sequence >= ?2 ORDER BY seal.id DESC`;

export class IsOnDisk {
  readonly #shelf: Shelf;
  readonly #fresh: StatementSync;
  readonly #refused: StatementSync;
  readonly #sealed: StatementSync;

  constructor(db: DatabaseSync, shelf: Shelf) {
    this.#shelf = shelf;
    this.#fresh = db.prepare(freshSql);
    this.#refused = db.prepare(refusedSql);
    this.#sealed = db.prepare(sealedSql);
  }

  /** Some milliseconds: every row of the ring is looked at, and the chunks that may hold the number are opened. */
  has(meter: number, sequence: number): boolean {
    if (this.#fresh.get(this.#shelf.finished, sequence, meter) !== undefined) return true;
    if (this.#refused.get(meter, sequence) !== undefined) return true;
    for (const chunk of this.#sealed.iterate(meter, sequence)) {
      const rows = openBody(chunk as unknown as { body: Uint8Array; hash: Uint8Array });
      if (rows.some(([number]) => number === sequence)) return true;
    }
    return false;
  }
}
