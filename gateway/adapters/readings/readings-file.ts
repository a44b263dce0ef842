/** readings.db and all that is remembered of it: writes batches, seals, forgets, answers. Lives in one thread. */
import type { MeterId } from '../../core/ids.ts';
import type { Reading } from '../../core/reading.ts';
import type { Packed } from './answers.ts';
import { type BatchOutcome, BatchWriter } from './batch-writer.ts';
import { isFailing, sayCommittedUpTo, sayFailing } from './disk-board.ts';
import { diskProblemOf, mendableProblemOf } from './disk-problem.ts';
import { Doubt, type HubTime } from './doubt.ts';
import { forgetOld, giveSpaceBack } from './forget-old.ts';
import type { Batch, Introduction, Question, WriterOptions } from './messages.ts';
import type { Meter } from './meter.ts';
import { openDatabase, type ReadingsDatabase } from './open-database.ts';
import { ReadReadings } from './read-readings.ts';
import { sealReadings } from './seal-readings.ts';
import { Shelf } from './shelf.ts';
import { forgedIn, type Signer, signerOf } from './verify-signatures.ts';

type Known = { readonly name: MeterId; readonly signer: Signer | undefined };

/** More readings than this between two ticks of a second say that they pour in. */
const calmReadingsMax = 20_000;
/** What can wait is tried again after so many ticks of a second. */
const restTicksAfterRefusal = 60;
/** At most so many seals wait then: a million readings. */
const sealsDueMax = 16;

export class ReadingsFile {
  readonly #options: WriterOptions;
  readonly #database: ReadingsDatabase;
  readonly #shelf: Shelf;
  readonly #doubt: Doubt;
  readonly #writer: BatchWriter;
  readonly #reader: ReadReadings;
  /** By the numbers of the event loop's side. */
  readonly #known: Known[] = [];
  #meters: (Meter | undefined)[] = [];
  #now = 0;
  /** Readings since the last tick, and in the one before. */
  #sinceTick = 0;
  #lastTick = 0;
  #mayLayOut = false;
  #mayForget = false;
  /** Ticks until sealing and forgetting are tried again. */
  #restTicks = 0;
  #sealing: Generator<void, void> | undefined;
  /** A step that found the disk failing: memory is read back before anything else is written. */
  #isStale = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#database = openDatabase(options.file, options.fileBytesMax, options.durability);
    // What a seal wrote before the power failed does not count.
    this.#database.db.exec(
      'DELETE FROM chunk WHERE seal > (SELECT coalesce(max(id), 0) FROM seal)',
    );
    this.#shelf = new Shelf(this.#database);
    this.#doubt = new Doubt(this.#database, this.#shelf);
    this.#writer = new BatchWriter(this.#database, this.#shelf);
    this.#reader = new ReadReadings(this.#database.db, this.#shelf);
  }

  /** Whether a wait for the disk has failed, and the log was not mended yet. */
  get isFailing(): boolean {
    return isFailing(this.#options.board);
  }

  get stored(): number {
    return this.#shelf.stored;
  }

  latest(): Reading[] {
    return [...this.#shelf.meters()]
      .filter(({ hasLast }) => hasLast)
      .map((meter) => meter.latest());
  }

  /** Starts to check signatures; undefined when no meter of the batch signs. */
  forgedIn(batch: Batch): Promise<Uint8Array> | undefined {
    for (const introduction of batch.introductions) this.#introduce(introduction);
    return forgedIn(batch, (number) => this.#known[number]?.signer);
  }

  /** Everything of the batch is committed, and on the disk when the disk thread says so; or nothing counts. */
  write(batch: Batch, forged: Uint8Array | undefined): BatchOutcome | { readonly refused: string } {
    try {
      if (this.#isStale) this.#readBack();
      this.#sinceTick += batch.count;
      const outcome = this.#writer.write(batch, (number) => this.#meterOf(number), forged);
      sayCommittedUpTo(this.#options.board, batch.number);
      return outcome;
    } catch (error) {
      return { refused: this.#refused(error) };
    }
  }

  /** The hub's time, believed from now on or not. How many readings moved, or the code of a disk that says no. */
  turn(
    time: HubTime,
    isBelieved: boolean,
  ): { readonly moved: number } | { readonly refused: string } {
    try {
      if (this.#isStale) this.#readBack();
      const moved = isBelieved ? this.#doubt.believe(time) : this.#doubt.begin(time);
      if (moved > 0) {
        // Meters were made anew where memory was read back, and a seal under way would mix both dates: it begins again.
        this.#meters = [];
        this.#sealing = undefined;
      }
      return { moved };
    } catch (error) {
      return { refused: this.#refused(error) };
    }
  }

  /** After a wait that failed, whoever waited: what was written is on the disk when this returns; else the code. */
  mend(): string | undefined {
    try {
      this.#database.mendLog();
      sayFailing(this.#options.board, false);
      return undefined;
    } catch (error) {
      const code = diskProblemOf(error);
      if (code === undefined) throw error;
      return code;
    }
  }

  /** Throws where memory does not follow the disk and cannot be made to now. */
  answer(question: Question): Packed {
    if (this.#isStale) this.#readBack();
    const { from, to, limit } = question;
    if (question.name === 'between') return this.#reader.between(question.meter, from, to, limit);
    const { width, meter } = question;
    return this.#reader.rollups(width, meter, from, to, limit);
  }

  /** Time has come to `now`, by the neighbourhood's clock. */
  passTo(now: number, mayForget = true): void {
    this.#now = now;
    this.#mayForget = mayForget;
    this.#lastTick = this.#sinceTick;
    this.#sinceTick = 0;
    if (this.#restTicks > 0) this.#restTicks -= 1;
    if (this.#isStale) return;
    this.#shelf.turnTo(now);
    this.#mayLayOut = true;
  }

  /** One step of what is due besides readings; false when nothing is, a code when the disk said no. */
  step(): boolean | string {
    if (this.#restTicks > 0) return false;
    if (isFailing(this.#options.board) && !this.#isStale) return false;
    try {
      if (this.#isStale) this.#readBack();
      return this.#layOut() || this.#seal() || this.#forget();
    } catch (error) {
      this.#restTicks = restTicksAfterRefusal;
      return this.#refused(error, mendableProblemOf(error));
    }
  }

  close(): void {
    this.#database.close();
  }

  /** Once a tick: a start is no time for writing much. */
  #layOut(): boolean {
    const due = this.#mayLayOut;
    this.#mayLayOut = false;
    return due && this.#database.layOut();
  }

  /** While readings pour in they come first, until so much is unsealed that a start would take long. */
  #seal(): boolean {
    const due = this.#doubt.holdsSeals ? undefined : this.#shelf.dueSeal();
    if (this.#sealing === undefined && due === undefined) return false;
    const isBusy = Math.max(this.#sinceTick, this.#lastTick) > calmReadingsMax;
    if (isBusy && this.#shelf.sealsDue < sealsDueMax) return false;
    this.#sealing ??= sealReadings(this.#database, this.#shelf, due ?? 0);
    if (this.#sealing.next().done === true) this.#sealing = undefined;
    return true;
  }

  #forget(): boolean {
    const { retentionDays } = this.#options;
    if (!this.#mayForget || this.#sealing !== undefined) return false;
    return (
      forgetOld(this.#database, this.#shelf, retentionDays, this.#now) ||
      giveSpaceBack(this.#database)
    );
  }

  #introduce({ number, meter, publicKey }: Introduction): void {
    const signer = publicKey === undefined ? undefined : signerOf(meter, publicKey);
    this.#known[number] = { name: meter, signer };
    this.#meters[number] = undefined;
  }

  #meterOf(number: number): Meter {
    const met = this.#meters[number];
    if (met !== undefined) return met;
    const known = this.#known[number];
    if (known === undefined) throw new Error('a payload of nobody');
    const meter = this.#shelf.meet(known.name);
    this.#meters[number] = meter;
    return meter;
  }

  /** The code of a disk that says no; any other error is a mistake of ours and goes on. */
  #refused(error: unknown, code = diskProblemOf(error)): string {
    if (code === undefined) throw error;
    // Nobody else waits for the file while the disk is given its rest.
    this.#database.rollback();
    if (this.#database.hasFailed()) sayFailing(this.#options.board, true);
    this.#isStale = true;
    this.#sealing = undefined;
    return code;
  }

  /** After a failed transaction memory follows the disk; a log that may not be there is written anew before. */
  #readBack(): void {
    if (isFailing(this.#options.board)) {
      this.#database.mendLog();
      sayFailing(this.#options.board, false);
    }
    this.#meters = [];
    this.#shelf.readBack();
    this.#doubt.goOn();
    this.#isStale = false;
  }
}
