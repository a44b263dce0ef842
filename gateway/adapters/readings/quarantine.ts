/** Payloads that were refused, kept as evidence: the newest of all, and of each meter only so many an hour. */
import type { DatabaseSync } from 'node:sqlite';
import { hourMs } from '../../core/slot.ts';
import type { Quarantine } from '../../ports/readings.ts';

/** The oldest rows make room for new ones. */
const rowsMax = 10_000;
/** A meter that talks nonsense must not fill the card: beyond this it is only counted. */
export const evidencePerMeterAndHourMax = 200;

export class QuarantineShelf {
  readonly #insert;
  readonly #trim;
  readonly #use;
  #hour = 0;
  readonly #kept = new Map<number, number>();

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(
      'INSERT INTO quarantine (meter, received_at, reason, payload) VALUES (?, ?, ?, ?)',
    );
    this.#use = db.prepare('INSERT INTO used_number VALUES (?, ?) ON CONFLICT DO NOTHING');
    this.#trim = db.prepare(
      `DELETE FROM quarantine WHERE row <= (SELECT max(row) FROM quarantine) - ${rowsMax}`,
    );
  }

  /** `usedSequence` is the number that the payload has used up, if its form was right. */
  keep(
    meter: number,
    receivedAt: number,
    reason: Quarantine,
    payload: Uint8Array,
    usedSequence: number | undefined,
  ): void {
    const hour = Math.floor(receivedAt / hourMs);
    if (hour !== this.#hour) this.#kept.clear();
    this.#hour = hour;
    const kept = this.#kept.get(meter) ?? 0;
    if (usedSequence !== undefined) this.#use.run(meter, usedSequence);
    if (kept >= evidencePerMeterAndHourMax) return;
    this.#kept.set(meter, kept + 1);
    this.#insert.run(meter, receivedAt, reason, payload);
  }

  trim(): void {
    this.#trim.run();
  }
}
