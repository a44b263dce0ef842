/** The table that readings land in, without a hub around it: for peers that only write rows. */
import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '../../gateway/adapters/readings/open-database.ts';
import { firstSequence, firstUnixSeconds } from '../load.ts';

export type Row = {
  readonly meter: number;
  readonly sequence: number;
  readonly unixSeconds: number;
  readonly importMwh: number;
  readonly exportMwh: number;
  readonly generationMwh: number;
  readonly powerMw: number;
  readonly voltageMv: number;
  readonly frequencyMhz: number;
  readonly currentMa: number;
};

/** Where each value of a row goes; a column that is not named here holds 0. */
const valueIn: Readonly<Record<string, (row: Row, place: number) => number>> = {
  place: (_row, place) => place,
  seal: () => 1,
  life: ({ meter }) => meter,
  sequence: ({ sequence }) => sequence,
  at_s: ({ unixSeconds }) => unixSeconds,
  import_mwh: ({ importMwh }) => importMwh,
  export_mwh: ({ exportMwh }) => exportMwh,
  generation_mwh: ({ generationMwh }) => generationMwh,
  power_mw: ({ powerMw }) => powerMw,
  voltage: ({ voltageMv }) => voltageMv - 230_000,
  frequency: ({ frequencyMhz }) => frequencyMhz - 50_000,
  current: ({ currentMa }) => currentMa,
};

export class RawTable {
  /** As the hub itself creates it. */
  readonly createSql: string;
  readonly columns: readonly string[];

  /** `file` names a place where a file may be made and removed. */
  constructor(file: string) {
    const template = `${file}.template`;
    openDatabase(template).close();
    using db = new DatabaseSync(template, { readOnly: true });
    const found = db.prepare("SELECT sql FROM sqlite_master WHERE name = 'ring'").get();
    this.createSql = String(found?.['sql']);
    this.columns = db
      .prepare("SELECT name FROM pragma_table_info('ring')")
      .all()
      .map(({ name }) => String(name));
    db.close();
    for (const end of ['', '-wal', '-shm']) rmSync(template + end, { force: true });
  }

  insertSql(rows: number): string {
    const row = `(${this.columns.map(() => '?').join(', ')})`;
    return `INSERT INTO ring VALUES ${Array(rows).fill(row).join(', ')}`;
  }

  put(values: number[], offset: number, row: Row, place: number): void {
    for (const [index, column] of this.columns.entries())
      values[offset + index] = valueIn[column]?.(row, place) ?? 0;
  }
}

/** Reading number `k` of `meters`, every one different. */
export function rowNumber(k: number, meters: number): Row {
  const round = Math.floor(k / meters);
  return {
    ...{ meter: k % meters, sequence: firstSequence + round },
    ...{ unixSeconds: firstUnixSeconds + round, currentMa: 5340 + (k % 100) },
    ...{ importMwh: 100_000_000 + round * 350 + (k % meters), exportMwh: 10_000_000 + round },
    ...{ generationMwh: 100_000_000 + round, powerMw: 1_000_000 + ((k * 7919) % 500_000) },
    ...{
      voltageMv: 228_000 + ((k * 31) % 4096),
      frequencyMhz: 50_000,
      currentMa: 5340 + (k % 100),
    },
  };
}
