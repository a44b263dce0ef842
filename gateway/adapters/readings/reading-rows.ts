/** Short reads of readings.db on the event loop; none holds a transaction open. */
import Database from 'better-sqlite3';
import type { MeterId } from '../../core/ids.ts';
import type { BoundaryRegisters, Reading } from '../../core/reading.ts';
import { hourMs } from '../../core/slot.ts';
import {
  type EpochMs,
  epochMs,
  type MilliWattHours,
  type SlotNumber,
  slotNumber,
} from '../../core/units.ts';
import { rowsPerBlock } from './row-block.ts';

const readRowsMax = 100_000;

const betweenSql = `
  WITH found AS (SELECT DISTINCT block FROM hour_block WHERE hour BETWEEN :firstHour AND :lastHour)
  SELECT sequence, boot, at, time_source AS byMeter, import_mwh AS importMwh, export_mwh AS exportMwh,
    generation_mwh AS generationMwh, power_mw AS powerMw, voltage_mv AS voltageMv, flags
  FROM found CROSS JOIN hot
    ON hot.row >= block * ${rowsPerBlock} AND hot.row < (block + 1) * ${rowsPerBlock}
  WHERE meter = (SELECT id FROM meter WHERE name = :meter) AND at >= :from AND at < :to
  ORDER BY at, sequence LIMIT :limit`;

const registersSql = `
  SELECT name AS meter, slot, import_mwh AS importMwh, export_mwh AS exportMwh,
    generation_mwh AS generationMwh
  FROM boundary JOIN meter ON meter.id = boundary.meter WHERE slot = ? ORDER BY name`;

type BoundaryRow = {
  readonly meter: MeterId;
  readonly slot: number;
  readonly importMwh: MilliWattHours;
  readonly exportMwh: MilliWattHours;
  readonly generationMwh: MilliWattHours;
};

/** Our own rows: they were checked when they were written, so their units are believed. */
type ReadingRow = Omit<Reading, 'meter' | 'timeSource'> & { readonly byMeter: 0 | 1 };

export class ReadingRows implements Disposable {
  readonly #db: Database.Database;
  readonly #between;
  readonly #registers;

  constructor(file: string) {
    this.#db = new Database(file, { readonly: true, fileMustExist: true });
    this.#between = this.#db.prepare(betweenSql);
    this.#registers = this.#db.prepare(registersSql);
  }

  between(meter: MeterId, from: EpochMs, to: EpochMs, limit: number): Reading[] {
    const rows = this.#between.all({
      meter,
      from,
      to,
      firstHour: Math.floor(from / hourMs),
      lastHour: Math.floor(to / hourMs),
      limit: Math.max(0, Math.min(limit, readRowsMax)),
    }) as ReadingRow[];
    return rows.map(({ byMeter, ...row }) => ({
      meter,
      ...row,
      at: epochMs(row.at),
      timeSource: byMeter === 1 ? 'meter' : 'receipt',
    }));
  }

  registersAt(slot: SlotNumber): BoundaryRegisters[] {
    const rows = this.#registers.all(slot) as BoundaryRow[];
    return rows.map((row) => ({ ...row, slot: slotNumber(row.slot) }));
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}
