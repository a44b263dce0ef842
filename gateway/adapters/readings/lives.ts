/** One number for a meter and its boot, so that a row needs only one. */
import type { DatabaseSync } from 'node:sqlite';

/** How many are remembered; all are on the disk. */
const rememberedMax = 10_000;

export type Life = {
  readonly id: number;
  readonly meter: number;
  readonly boot: number;
  /** Unix seconds of the first reading less its uptime; 0 when it had none. */
  readonly startedS: number;
};

const lifeSql = 'SELECT id, meter, boot, started_s AS startedS FROM life';

export class Lives {
  readonly #find;
  readonly #byId;
  readonly #insert;
  readonly #remembered = new Map<number, Life>();

  constructor(db: DatabaseSync) {
    this.#find = db.prepare(`${lifeSql} WHERE meter = ? AND boot = ?`);
    this.#byId = db.prepare(`${lifeSql} WHERE id = ?`);
    this.#insert = db.prepare('INSERT INTO life (meter, boot, started_s) VALUES (?, ?, ?)');
  }

  /** The meter's life of that boot; a new one gets its row and `startedS`. */
  of(meter: number, boot: number, startedS: number): Life {
    const found = this.#find.get(meter, boot) as Life | undefined;
    if (found !== undefined) return found;
    const { lastInsertRowid } = this.#insert.run(meter, boot, startedS);
    return { id: Number(lastInsertRowid), meter, boot, startedS };
  }

  isKnown(meter: number, boot: number): boolean {
    return this.#find.get(meter, boot) !== undefined;
  }

  byId(id: number): Life {
    const known = this.#remembered.get(id);
    if (known !== undefined) return known;
    const life = this.#byId.get(id) as Life | undefined;
    if (life === undefined) throw new Error(`no life has the number ${id}`);
    if (this.#remembered.size >= rememberedMax) this.#remembered.clear();
    this.#remembered.set(id, life);
    return life;
  }

  /** After a rollback: a number may come to mean another life. */
  forget(): void {
    this.#remembered.clear();
  }
}
