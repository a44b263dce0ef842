/** Turns one batch of payloads into one transaction: readings, boundaries, quarantine. */
import {
  type Admission,
  admitReading,
  isDoubtful,
  type ReadingLine,
} from '../../core/admit-reading.ts';
import { isPlain } from '../../core/plain-reading.ts';
import type { BoundaryRegisters, Reading } from '../../core/reading.ts';
import { type EpochMs, epochMs, milliWattHours } from '../../core/units.ts';
import type { Quarantine } from '../../ports/readings.ts';
import { columns, marksOf, usualFrequencyMhz, usualVoltageMv } from './hot-row.ts';
import { IsOnDisk } from './is-on-disk.ts';
import { latestNumbers } from './latest-readings.ts';
import type { Life } from './lives.ts';
import { type Batch, duplicateVerdict, keptVerdict, quarantineVerdict } from './messages.ts';
import type { Meter } from './meter.ts';
import type { ReadingsDatabase } from './open-database.ts';
import { indexWidth, payloadBytesMax } from './payload-batch.ts';
import { QuarantineShelf } from './quarantine.ts';
import { ReadingFields, untold } from './reading-fields.ts';
import { readPayload } from './reading-line.ts';
import { scanReading } from './scan-reading.ts';
import type { Shelf } from './shelf.ts';

/** Bit of `fl`: the link was down when this was measured (facts of the firmware's reading). */
const measuredWhileDown = 8;

export type BatchOutcome = {
  readonly verdicts: Uint8Array<ArrayBuffer>;
  readonly latest: Float64Array<ArrayBuffer>;
  readonly backlog: boolean;
};

export class BatchWriter {
  readonly #shelf: Shelf;
  readonly #database: ReadingsDatabase;
  readonly #quarantine: QuarantineShelf;
  readonly #keepBoundary;
  readonly #onDisk: IsOnDisk;
  readonly #fields = new ReadingFields();
  readonly #touched = new Map<Meter, number>();
  #bytes = Buffer.alloc(0);
  #backlog = false;
  #refused = false;

  constructor(database: ReadingsDatabase, shelf: Shelf) {
    this.#database = database;
    this.#shelf = shelf;
    this.#quarantine = new QuarantineShelf(database.db);
    this.#onDisk = new IsOnDisk(database.db, shelf);
    this.#keepBoundary = database.db.prepare(
      'INSERT INTO boundary VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
  }

  /**
   * Everything of the batch is committed when this returns, and on the disk after the next wait. When it throws
   * nothing counts: memory is to be read back. `forged` marks payloads whose signature is missing or wrong.
   */
  write(
    { bytes, index, count }: Batch,
    meterOf: (number: number) => Meter,
    forged: Uint8Array | undefined,
  ): BatchOutcome {
    this.#bytes = Buffer.from(bytes);
    this.#touched.clear();
    this.#backlog = false;
    this.#refused = false;
    const verdicts = new Uint8Array(count);
    this.#database.begin();
    this.#shelf.turnTo(index[3] ?? 0);
    for (let k = 0, at = 0; k < count; k++, at += indexWidth) {
      const number = index[at] as number;
      const meter = meterOf(number);
      const receivedAt = epochMs(index[at + 3] as number);
      const [from, to] = [index[at + 1] as number, index[at + 2] as number];
      const verdict =
        forged?.[k] === 1
          ? this.#refuse(meter, 'bad-signature', from, to, receivedAt)
          : this.#settle(meter, from, to, receivedAt);
      if (verdict === keptVerdict) this.#touched.set(meter, number);
      verdicts[k] = verdict;
    }
    this.#shelf.ring.write();
    if (this.#refused) this.#quarantine.trim();
    this.#database.commitUnwaited();
    return { verdicts, latest: latestNumbers(this.#touched), backlog: this.#backlog };
  }

  #settle(meter: Meter, from: number, to: number, receivedAt: EpochMs): number {
    if (to - from > payloadBytesMax) return this.#refuse(meter, 'too-large', from, to, receivedAt);
    const fields = this.#fields;
    if (
      !scanReading(this.#bytes, from, to, fields) &&
      !readPayload(this.#bytes.subarray(from, to), fields)
    ) {
      return this.#refuse(meter, 'malformed', from, to, receivedAt);
    }
    const told = fields.generationMwh;
    if (meter.mayBePlain) {
      if (told === untold) fields.generationMwh = meter.last.generationMwh;
      if (isPlain(meter.last, fields, receivedAt)) {
        this.#keep(
          meter,
          meter.life as Life,
          fields.unixSeconds * 1000,
          true,
          fields.generationMwh,
        );
        meter.passTo(fields, fields.unixSeconds * 1000, fields.generationMwh);
        return keptVerdict;
      }
      fields.generationMwh = told;
    }
    return this.#judge(meter, from, to, receivedAt);
  }

  /** Whatever is not plain: the first of a meter, a gap, a resend, a late one, a clock that does not run. */
  #judge(meter: Meter, from: number, to: number, receivedAt: EpochMs): number {
    const fields = this.#fields;
    const memory = meter.memory();
    let likeness = meter.recent.likenessOf(fields);
    if (likeness === 'forgotten' && isDoubtful(memory, fields.sequence)) {
      // Rows that wait for their INSERT are not forgotten yet, so the disk need not know them.
      likeness = this.#onDisk.has(meter.id, fields.sequence) ? 'forgotten' : 'absent';
    }
    // What a boot says that nobody knows cannot have been said before: the meter was reset, and has no clock.
    if (likeness === 'forgotten' && !this.#shelf.lives.isKnown(meter.id, fields.boot)) {
      likeness = 'other';
    }
    const admission = admitReading(memory, lineOf(meter, fields), receivedAt, likeness);
    if (admission.kind === 'duplicate') return duplicateVerdict;
    if (admission.kind === 'kept') {
      this.#keepJudged(meter, admission);
      return keptVerdict;
    }
    const { reason } = admission;
    const isUsedUp = reason !== 'replayed-with-other-content';
    meter.adopt(admission.memory, undefined, untold);
    if (isUsedUp) meter.recent.remember(fields, fields.generationMwh, fields.unixSeconds);
    return this.#refuse(
      meter,
      reason,
      from,
      to,
      receivedAt,
      isUsedUp ? fields.sequence : undefined,
    );
  }

  #keepJudged(meter: Meter, admission: Extract<Admission, { kind: 'kept' }>): void {
    const { reading, memory, boundaries } = admission;
    const fields = this.#fields;
    const life = this.#lifeOf(meter, reading);
    fields.importMwh = reading.importMwh;
    fields.exportMwh = reading.exportMwh;
    this.#keep(meter, life, reading.at, reading.timeSource === 'meter', reading.generationMwh);
    meter.adopt(memory, reading, fields.uptimeSeconds);
    if (meter.last.sequence === reading.sequence) meter.life = life;
    for (const boundary of boundaries) this.#keepRegisters(meter, boundary);
  }

  #lifeOf(meter: Meter, { boot, at }: Reading): Life {
    if (meter.life?.boot === boot) return meter.life;
    const { uptimeSeconds } = this.#fields;
    const startedS = uptimeSeconds === untold ? 0 : Math.floor(at / 1000) - uptimeSeconds;
    return this.#shelf.lives.of(meter.id, boot, startedS);
  }

  #keep(meter: Meter, life: Life, at: number, byMeter: boolean, generationMwh: number): void {
    const fields = this.#fields;
    const seal = this.#shelf.openSeal;
    const { row, offset } = this.#shelf.ring.next(seal);
    const atS = Math.floor(at / 1000);
    const hasUptime = fields.uptimeSeconds !== untold;
    row[offset + columns.life] = life.id;
    row[offset + columns.sequence] = fields.sequence;
    row[offset + columns.atS] = atS;
    row[offset + columns.importMwh] = fields.importMwh;
    row[offset + columns.exportMwh] = fields.exportMwh;
    row[offset + columns.generationMwh] = generationMwh;
    row[offset + columns.powerMw] = fields.powerMw;
    row[offset + columns.voltage] = fields.voltageMv - usualVoltageMv;
    row[offset + columns.frequency] = fields.frequencyMhz - usualFrequencyMhz;
    row[offset + columns.current] = fields.currentMa;
    row[offset + columns.drift] = hasUptime ? atS - fields.uptimeSeconds - life.startedS : 0;
    row[offset + columns.marks] = marksOf(fields.flags, at, hasUptime, byMeter);
    meter.recent.remember(fields, generationMwh, fields.unixSeconds);
    this.#shelf
      .minutesOf(seal, meter.id)
      .add(at, fields.importMwh, fields.exportMwh, generationMwh, fields.powerMw);
    if ((fields.flags & measuredWhileDown) !== 0) this.#backlog = true;
  }

  #keepRegisters(meter: Meter, { slot, importMwh, exportMwh, generationMwh }: BoundaryRegisters) {
    this.#keepBoundary.run(slot, meter.id, importMwh, exportMwh, generationMwh);
  }

  #refuse(
    meter: Meter,
    reason: Quarantine,
    from: number,
    to: number,
    receivedAt: number,
    usedSequence?: number,
  ): number {
    this.#refused = true;
    const payload = this.#bytes.subarray(from, Math.min(to, from + payloadBytesMax));
    this.#quarantine.keep(meter.id, receivedAt, reason, payload, usedSequence);
    return quarantineVerdict(reason);
  }
}

function lineOf(meter: Meter, fields: ReadingFields): ReadingLine {
  const { generationMwh, uptimeSeconds, timeQuality } = fields;
  return {
    meter: meter.name,
    sequence: fields.sequence,
    boot: fields.boot,
    unixSeconds: fields.unixSeconds,
    timeQuality: timeQuality as 0 | 1 | 2,
    uptimeSeconds: uptimeSeconds === untold ? undefined : uptimeSeconds,
    importMwh: milliWattHours(fields.importMwh),
    exportMwh: milliWattHours(fields.exportMwh),
    generationMwh: generationMwh === untold ? undefined : milliWattHours(generationMwh),
    powerMw: fields.powerMw,
    voltageMv: fields.voltageMv,
    flags: fields.flags,
  };
}
