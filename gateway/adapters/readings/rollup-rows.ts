/** The roll-ups of sealed readings: one table per width, keyed by time first, so that a neighbourhood's hour is one run. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { MeterId } from '../../core/ids.ts';
import { type Rollup, type RollupWidth, rollupWidths } from '../../core/rollup.ts';
import type { EpochMs, MilliWattHours } from '../../core/units.ts';

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

const columnsSql = `bucket, meter, readings, import_first, import_rise, export_first, export_rise,
  generation_first, generation_rise, power_sum, power_least, power_most`;

const inSql = (table: RollupWidth, ofOne: boolean): string => `
  SELECT ${columnsSql} FROM ${table} WHERE bucket >= ? AND bucket < ? ${ofOne ? 'AND meter = ?' : ''}
  ORDER BY bucket, meter LIMIT ?`;

/** A row as it stands in the table: bucket, meter's number, readings, three registers as first and rise, power. */
export type RollupRow = number[];

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
    this.#add[width].run(...rowOf(width, meter, rollup));
  }

  /** Ordered by time, then by the meter's number. */
  read(
    width: RollupWidth,
    meter: number | undefined,
    from: EpochMs,
    to: EpochMs,
    limit: number,
  ): RollupRow[] {
    const statement = meter === undefined ? this.#ofAll[width] : this.#ofOne[width];
    const step = rollupWidths[width];
    const asked = [Math.ceil(from / step), Math.ceil(to / step)];
    if (meter !== undefined) asked.push(meter);
    return statement.all(...asked, limit) as unknown as RollupRow[];
  }
}

/** The row that a roll-up would have. */
export const rowOf = (width: RollupWidth, meter: number, rollup: Rollup): RollupRow => [
  ...[rollup.start / rollupWidths[width], meter, rollup.count],
  ...[rollup.firstImportMwh, rollup.lastImportMwh - rollup.firstImportMwh],
  ...[rollup.firstExportMwh, rollup.lastExportMwh - rollup.firstExportMwh],
  ...[rollup.firstGenerationMwh, rollup.lastGenerationMwh - rollup.firstGenerationMwh],
  ...[rollup.powerSumMw, rollup.powerLeastMw, rollup.powerMostMw],
];

/** The roll-up that stands at `at` of `numbers`, as a row does. Our own numbers: they were checked at the door. */
export function rollupAt(
  numbers: ArrayLike<number>,
  at: number,
  width: RollupWidth,
  meter: MeterId,
): Rollup {
  const first = (place: number) => numbers[at + place] as MilliWattHours;
  const last = (place: number) =>
    ((numbers[at + place] as number) + (numbers[at + place + 1] as number)) as MilliWattHours;
  return {
    meter,
    start: ((numbers[at] as number) * rollupWidths[width]) as EpochMs,
    count: numbers[at + 2] as number,
    firstImportMwh: first(3),
    lastImportMwh: last(3),
    firstExportMwh: first(5),
    lastExportMwh: last(5),
    firstGenerationMwh: first(7),
    lastGenerationMwh: last(7),
    powerSumMw: numbers[at + 9] as number,
    powerLeastMw: numbers[at + 10] as number,
    powerMostMw: numbers[at + 11] as number,
  };
}
