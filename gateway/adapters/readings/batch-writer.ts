/** Turns one batch of payloads into one transaction: readings, boundaries, quarantine, memory and counts. */
import { hash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { admitReading } from '../../core/admit-reading.ts';
import type { BoundaryRegisters, Reading } from '../../core/reading.ts';
import { hourMs } from '../../core/slot.ts';
import type { Quarantine } from '../../ports/readings.ts';
import { duplicateVerdict, keptVerdict, quarantineVerdict } from './messages.ts';
import { MeterShelf } from './meter-shelf.ts';
import { type Parcel, parcelsOf } from './payload-batch.ts';
import { type ParsedPayload, readPayload } from './reading-line.ts';
import { rowsPerBlock } from './row-block.ts';
import { Tally } from './tally.ts';

/** Bit of `fl`: the link was down when this was measured (facts of the firmware's reading). */
const measuredWhileDown = 8;
/** The oldest quarantined payloads make room for new ones. */
const quarantineRowsMax = 10_000;
const nothingNoted = { hour: -1, block: -1 };

export type BatchOutcome = {
  readonly verdicts: Uint8Array<ArrayBuffer>;
  readonly kept: readonly Reading[];
  readonly backlog: boolean;
};

export class BatchWriter {
  readonly #shelf: MeterShelf;
  readonly #tally: Tally;
  readonly #db: Database.Database;
  readonly #statements;
  #kept: Reading[] = [];
  /** The entry of `hour_block` that this batch wrote last. */
  #noted = nothingNoted;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#shelf = new MeterShelf(db);
    this.#tally = new Tally(db);
    this.#statements = prepare(db);
  }

  latest = () => this.#shelf.latest();
  counts = () => this.#tally.counts();

  /** Either everything of the batch is on disk and remembered, or this throws and nothing is. */
  write(buffer: ArrayBuffer, used: number): BatchOutcome {
    this.#shelf.dropDrafts();
    this.#tally.drop();
    this.#kept = [];
    this.#noted = nothingNoted;
    const verdicts: number[] = [];
    this.#db
      .transaction(() => {
        for (const parcel of parcelsOf(buffer, used)) verdicts.push(this.#settle(parcel));
        this.#statements.trimQuarantine.run(quarantineRowsMax);
        this.#shelf.saveDrafts();
        this.#tally.save();
      })
      .immediate();
    this.#shelf.adoptDrafts();
    this.#tally.adopt();
    const backlog = this.#kept.some(({ flags }) => (flags & measuredWhileDown) !== 0);
    return { verdicts: Uint8Array.from(verdicts), kept: this.#kept, backlog };
  }

  #settle(parcel: Parcel): number {
    this.#tally.add('settled');
    if (parcel.tooLarge) return this.#quarantine(parcel, 'too-large');
    const parsed = readPayload(parcel.meter, parcel.payload);
    if (parsed === undefined) return this.#quarantine(parcel, 'malformed');

    const { meter, sequence } = parsed.line;
    const content = shortHash(parcel.payload);
    const draft = this.#shelf.draftOf(meter);
    const likeness = this.#shelf.likenessOf(meter, sequence, content);
    const admission = admitReading(draft.state.memory, parsed.line, parcel.receivedAt, likeness);
    if (admission.kind === 'duplicate') {
      this.#tally.add('duplicates');
      return duplicateVerdict;
    }
    const { latest } = draft.state;
    if (admission.kind === 'quarantined') {
      draft.state = { latest, memory: admission.memory };
      if (likeness === 'forgotten') draft.contents.set(sequence, content);
      return this.#quarantine(parcel, admission.reason);
    }
    const { reading, memory } = admission;
    draft.state = { memory, latest: latest && latest.sequence > sequence ? latest : reading };
    draft.contents.set(sequence, content);
    this.#keep(draft.id, reading, parsed, content);
    for (const boundary of admission.boundaries) this.#keepBoundary(draft.id, boundary);
    return keptVerdict;
  }

  #quarantine({ meter, receivedAt, payload }: Parcel, reason: Quarantine): number {
    const { id } = this.#shelf.draftOf(meter);
    this.#tally.add(reason);
    this.#statements.quarantine.run(id, receivedAt, reason, payload);
    return quarantineVerdict(reason);
  }

  #keep(meter: number, reading: Reading, parsed: ParsedPayload, content: number): void {
    const row = this.#tally.add('stored');
    this.#statements.reading.run(
      row,
      meter,
      reading.sequence,
      reading.boot,
      reading.at,
      reading.timeSource === 'meter' ? 1 : 0,
      reading.importMwh,
      reading.exportMwh,
      reading.generationMwh,
      reading.powerMw,
      reading.voltageMv,
      parsed.currentMa,
      parsed.frequencyMhz,
      parsed.line.uptimeSeconds ?? null,
      reading.flags,
      content,
    );
    this.#noteBlock(Math.floor(reading.at / hourMs), Math.floor(row / rowsPerBlock));
    this.#kept.push(reading);
  }

  #noteBlock(hour: number, block: number): void {
    if (this.#noted.hour === hour && this.#noted.block === block) return;
    this.#statements.block.run(hour, block);
    this.#noted = { hour, block };
  }

  #keepBoundary(meter: number, { slot, importMwh, exportMwh, generationMwh }: BoundaryRegisters) {
    this.#statements.boundary.run(slot, meter, importMwh, exportMwh, generationMwh);
  }
}

function prepare(db: Database.Database) {
  return {
    reading: db.prepare(`INSERT INTO hot VALUES (${Array(16).fill('?').join(', ')})`),
    block: db.prepare('INSERT INTO hour_block VALUES (?, ?) ON CONFLICT DO NOTHING'),
    boundary: db.prepare('INSERT INTO boundary VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING'),
    quarantine: db.prepare(
      'INSERT INTO quarantine (meter, received_at, reason, payload) VALUES (?, ?, ?, ?)',
    ),
    trimQuarantine: db.prepare(
      'DELETE FROM quarantine WHERE row <= (SELECT max(row) FROM quarantine) - ?',
    ),
  };
}

/** 48 bits: enough to tell a resend from other content, small enough to be an exact number. */
const shortHash = (payload: Buffer): number => hash('sha256', payload, 'buffer').readUIntBE(0, 6);
