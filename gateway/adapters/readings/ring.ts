/** The rows of fresh readings: places are free again once their seal is finished, and the lowest are used first. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { columnCount, columnNames, columns } from './hot-row.ts';

/** Rows of one INSERT. */
const rowsAtOnce = 16;
/** Rows of one slice when the ring is read through or shortened. */
const sliceRows = 10_000;

type Run = { from: number; to: number };

export class Ring {
  readonly #many: StatementSync;
  readonly #one: StatementSync;
  readonly #slice: StatementSync;
  readonly #lives: StatementSync;
  readonly #some: StatementSync;
  readonly #shrink: StatementSync;
  readonly #last: StatementSync;
  readonly #waiting = new Array<number>(rowsAtOnce * columnCount).fill(0);
  #waitingRows = 0;
  /** Handed out again and again: this is on the way of every reading. */
  readonly #slot = { row: this.#waiting, offset: 0 };
  /** Free places, lowest first; the last run has no end. */
  #free: Run[] = [{ from: 1, to: Number.POSITIVE_INFINITY }];
  /** Rows of each seal that is not finished, and the places where they stand. */
  readonly #used = new Map<number, Run[]>();
  #liveRows = 0;

  constructor(db: DatabaseSync) {
    const row = `(${Array(columnCount).fill('?').join(', ')})`;
    const insert = 'INSERT OR REPLACE INTO ring VALUES';
    this.#one = db.prepare(`${insert} ${row}`);
    this.#many = db.prepare(`${insert} ${Array(rowsAtOnce).fill(row).join(', ')}`);
    this.#slice = db.prepare(
      `SELECT ${columnNames} FROM ring WHERE place > ? ORDER BY place LIMIT ?`,
    );
    this.#slice.setReturnArrays(true);
    this.#lives = db.prepare('SELECT place, life FROM ring WHERE place > ? ORDER BY place LIMIT ?');
    this.#lives.setReturnArrays(true);
    this.#some = db.prepare(
      `SELECT ${columnNames} FROM ring WHERE place IN (SELECT value FROM json_each(?))`,
    );
    this.#some.setReturnArrays(true);
    this.#last = db.prepare('SELECT max(place) AS place FROM ring');
    this.#shrink = db.prepare('DELETE FROM ring WHERE place > ?');
  }

  get liveRows(): number {
    return this.#liveRows;
  }

  rowsOf(seal: number): number {
    return (this.#used.get(seal) ?? []).reduce((sum, { from, to }) => sum + to - from + 1, 0);
  }

  /**
   * The array and the offset at which the caller writes the next row's numbers, from `life` on; `place` and
   * `seal` are written here. The row is in the transaction at the latest after `write`.
   */
  next(seal: number): { readonly row: number[]; readonly offset: number } {
    if (this.#waitingRows === rowsAtOnce) this.#writeMany();
    const offset = this.#waitingRows * columnCount;
    this.#waiting[offset + columns.place] = this.#take(seal);
    this.#waiting[offset + columns.seal] = seal;
    this.#waitingRows += 1;
    this.#slot.offset = offset;
    return this.#slot;
  }
  /** Puts what `next` gave out into the transaction. */
  write(): void {
    if (this.#waitingRows === rowsAtOnce) {
      this.#writeMany();
      return;
    }
    for (let row = 0; row < this.#waitingRows; row++) {
      this.#one.run(...this.#waiting.slice(row * columnCount, (row + 1) * columnCount));
    }
    this.#waitingRows = 0;
  }

  #writeMany(): void {
    this.#many.run(...this.#waiting);
    this.#waitingRows = 0;
  }

  #take(seal: number): number {
    const [run] = this.#free;
    if (run === undefined) throw new Error('the ring has no end');
    const place = run.from++;
    if (run.from > run.to) this.#free.shift();
    this.#occupy(seal, place);
    return place;
  }

  #occupy(seal: number, place: number): void {
    this.#liveRows += 1;
    let runs = this.#used.get(seal);
    if (runs === undefined) {
      runs = [];
      this.#used.set(seal, runs);
    }
    const last = runs[runs.length - 1];
    if (last !== undefined && last.to === place - 1) last.to = place;
    else runs.push({ from: place, to: place });
  }

  /** The seal is finished: its places are free. */
  release(seal: number): void {
    this.#liveRows -= this.rowsOf(seal);
    const runs = [...this.#free, ...(this.#used.get(seal) ?? [])].sort((a, b) => a.from - b.from);
    this.#used.delete(seal);
    this.#free = [];
    for (const run of runs) {
      const last = this.#free.at(-1);
      if (last !== undefined && last.to === run.from - 1) last.to = run.to;
      else this.#free.push(run);
    }
  }

  /** Rows after `place` in the order of places; empty at the end of the ring. */
  #sliceAfter(place: number, rows = sliceRows): number[][] {
    return this.#slice.all(place, rows) as unknown as number[][];
  }

  /** Where the rows of a seal stand and whose life each tells of, as [place, life], slice by slice. */
  *livesOf(seal: number): Generator<(readonly [number, number])[]> {
    for (const { from, to } of [...(this.#used.get(seal) ?? [])]) {
      for (let next = from; next <= to; next += sliceRows) {
        const rows = this.#lives.all(next - 1, Math.min(sliceRows, to - next + 1));
        yield rows as unknown as [number, number][];
      }
    }
  }

  /** The rows at these places. */
  at(places: readonly number[]): number[][] {
    return this.#some.all(JSON.stringify(places)) as unknown as number[][];
  }

  /** Learns from the disk which places are taken: rows of seals above `finished`. `each` sees them too. */
  readBack(finished: number, each: (row: number[]) => void): void {
    this.#used.clear();
    this.#liveRows = 0;
    this.#waitingRows = 0;
    this.#free = [];
    let [after, freeFrom] = [0, 1];
    for (let rows = this.#sliceAfter(after); rows.length > 0; rows = this.#sliceAfter(after)) {
      for (const row of rows) {
        after = row[columns.place] as number;
        const seal = row[columns.seal] as number;
        if (seal <= finished) continue;
        if (freeFrom < after) this.#free.push({ from: freeFrom, to: after - 1 });
        freeFrom = after + 1;
        this.#occupy(seal, after);
        each(row);
      }
    }
    this.#free.push({ from: freeFrom, to: Number.POSITIVE_INFINITY });
  }

  /** Deletes free places at the end of the ring beyond `rowsKept`, at most a slice; whether there were any. */
  shrink(rowsKept: number): boolean {
    const end = this.#free.at(-1)?.from ?? 1;
    const stored = this.#lastPlace();
    const keep = Math.max(end - 1, rowsKept, stored - sliceRows);
    return stored > keep && this.#shrink.run(keep).changes > 0;
  }

  #lastPlace(): number {
    return Number(this.#last.get()?.['place'] ?? 0);
  }
}
