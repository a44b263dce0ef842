/** Registers at the start of slots, looked up on the event loop in one short read of a few rows. */
import { DatabaseSync } from 'node:sqlite';
import type { MeterId } from '../../core/ids.ts';
import type { BoundaryRegisters } from '../../core/reading.ts';
import { milliWattHours, type SlotNumber, slotNumber } from '../../core/units.ts';

const registersSql = `
  SELECT name, slot, import_mwh, export_mwh, generation_mwh
  FROM boundary JOIN meter ON meter.id = boundary.meter WHERE slot = ? ORDER BY name`;
/** How long a checkpoint of the writer may keep a reader waiting. */
const busyMs = 2000;

export class RegistersAt implements Disposable {
  readonly #db: DatabaseSync;
  readonly #registers;

  constructor(file: string) {
    this.#db = new DatabaseSync(file, { readOnly: true, timeout: busyMs });
    this.#registers = this.#db.prepare(registersSql);
    this.#registers.setReturnArrays(true);
  }

  at(slot: SlotNumber): BoundaryRegisters[] {
    const rows = this.#registers.all(slot) as unknown as [
      MeterId,
      number,
      number,
      number,
      number,
    ][];
    return rows.map(([meter, at, imported, exported, generated]) => ({
      meter,
      slot: slotNumber(at),
      importMwh: milliWattHours(imported),
      exportMwh: milliWattHours(exported),
      generationMwh: milliWattHours(generated),
    }));
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}
