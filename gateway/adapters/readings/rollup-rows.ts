/** The roll-ups of sealed readings: one table per width, keyed by time first, so that a neighbourhood's hour is one run. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { MeterId } from '../../core/ids.ts';
import { type Rollup, type RollupWidth, rollupWidths } from '../../core/rollup.ts';
import { type EpochMs, epochMs, milliWattHours } from '../../core/units.ts';

const widths = Object.keys(rollupWidths) as readonly RollupWidth[];

const addSql = (table: RollupWidth): string => `
  INSERT INTO ${table} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    readings = readings + excluded.readings,
    ${registerSql('import')}, ${registerSql('export')}, ${registerSql('generation')},
    power_sum = power_sum + excluded.power_sum,
    power_least = min(power_least, excluded.power_least),
    power_most = max(power_most, excluded.power_most)`;

/** The lower of both firsts, and from there up to the higher of both lasts. */
const registerSql = (name: string): string => {
  const [first, rise] = [`${name}_first`, `${name}_rise`];
  const last = `max(${first} + ${rise}, excluded.${first} + excluded.${rise})`;
  return `${first} = min(${first}, excluded.${first}),
    ${rise} = ${last} - min(${first}, excluded.${first})`;
};

const columnsSql = `bucket, name, readings, import_first, import_rise, export_first, export_rise,
  generation_first, generation_rise, power_sum, power_least, power_most`;

const inSql = (table: RollupWidth, ofOne: boolean): string => `
  SELECT ${columnsSql} FROM ${table} JOIN meter ON meter.id = ${table}.meter
  WHERE bucket >= ? AND bucket < ? ${ofOne ? `AND ${table}.meter = ?` : ''}
  ORDER BY bucket, ${table}.meter LIMIT ?`;

type Row = [
  number,
  string,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

export class RollupRows {
  readonly #add: Readonly<Record<RollupWidth, StatementSync>>;
  readonly #ofAll: Readonly<Record<RollupWidth, StatementSync>>;
  readonly #ofOne: Readonly<Record<RollupWidth, StatementSync>>;

  constructor(db: DatabaseSync) {
    const each = (sql: (table: RollupWidth) => string) =>
      Object.fromEntries(
        widths.map((width) => {
          const statement = db.prepare(sql(width));
          statement.setReturnArrays(true);
          return [width, statement];
        }),
      ) as Record<RollupWidth, StatementSync>;
    this.#add = each(addSql);
    this.#ofAll = each((table) => inSql(table, false));
    this.#ofOne = each((table) => inSql(table, true));
  }

  /** Adds to what the bucket holds already. */
  add(width: RollupWidth, meter: number, rollup: Rollup): void {
    this.#add[width].run(
      rollup.start / rollupWidths[width],
      meter,
      rollup.count,
      rollup.firstImportMwh,
      rollup.lastImportMwh - rollup.firstImportMwh,
      rollup.firstExportMwh,
      rollup.lastExportMwh - rollup.firstExportMwh,
      rollup.firstGenerationMwh,
      rollup.lastGenerationMwh - rollup.firstGenerationMwh,
      rollup.powerSumMw,
      rollup.powerLeastMw,
      rollup.powerMostMw,
    );
  }

  /** Ordered by time, then by meter. */
  read(
    width: RollupWidth,
    meter: number | undefined,
    from: EpochMs,
    to: EpochMs,
    limit: number,
  ): Rollup[] {
    const statement = meter === undefined ? this.#ofAll[width] : this.#ofOne[width];
    const step = rollupWidths[width];
    const asked = [Math.ceil(from / step), Math.ceil(to / step)];
    if (meter !== undefined) asked.push(meter);
    return (statement.all(...asked, limit) as unknown as Row[]).map((row) => rollupFrom(row, step));
  }
}

const rollupFrom = (row: Row, step: number): Rollup => ({
  start: epochMs(row[0] * step),
  meter: row[1] as MeterId,
  count: row[2],
  firstImportMwh: milliWattHours(row[3]),
  lastImportMwh: milliWattHours(row[3] + row[4]),
  firstExportMwh: milliWattHours(row[5]),
  lastExportMwh: milliWattHours(row[5] + row[6]),
  firstGenerationMwh: milliWattHours(row[7]),
  lastGenerationMwh: milliWattHours(row[7] + row[8]),
  powerSumMw: row[9],
  powerLeastMw: row[10],
  powerMostMw: row[11],
});
