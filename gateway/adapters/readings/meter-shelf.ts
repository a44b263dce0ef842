/** What the writing thread remembers of all meters; a batch works on copies until its commit. */
import type Database from 'better-sqlite3';
import type { Likeness } from '../../core/admit-reading.ts';
import type { MeterId } from '../../core/ids.ts';
import type { Reading } from '../../core/reading.ts';
import { emptyState, type MeterState, readState, writeState } from './meter-state.ts';

/** How many payloads per meter are told apart by their bytes. */
const contentsPerMeterMax = 256;
/** How many rows are read at start to know recent bytes again. */
const contentsReadMax = 20_000;

type Kept = { readonly id: number; state: MeterState; readonly contents: Map<number, number> };

/** One meter within one batch. */
export type MeterDraft = {
  readonly id: number;
  state: MeterState;
  /** Short hashes by sequence number. */
  readonly contents: Map<number, number>;
};

export class MeterShelf {
  readonly #meters = new Map<MeterId, Kept>();
  #drafts = new Map<MeterId, MeterDraft>();
  readonly #insertMeter;
  readonly #saveState;

  constructor(db: Database.Database) {
    this.#insertMeter = db.prepare('INSERT INTO meter (name) VALUES (?)');
    this.#saveState = db.prepare(
      'INSERT INTO meter_state VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state',
    );
    const rows = db
      .prepare('SELECT id, name, state FROM meter LEFT JOIN meter_state ON meter = id')
      .all() as { id: number; name: MeterId; state: string | null }[];
    for (const { id, name, state } of rows) {
      const known = state === null ? emptyState : readState(name, state);
      this.#meters.set(name, { id, state: known, contents: new Map() });
    }
    this.#readContents(db);
  }

  latest(): Reading[] {
    return [...this.#meters.values()].flatMap(({ state }) => state.latest ?? []);
  }

  /** The meter as this batch left it so far; a new one gets its row. */
  draftOf(meter: MeterId): MeterDraft {
    const begun = this.#drafts.get(meter);
    if (begun !== undefined) return begun;
    const kept = this.#meters.get(meter);
    const id = kept?.id ?? Number(this.#insertMeter.run(meter).lastInsertRowid);
    const draft = { id, state: kept?.state ?? emptyState, contents: new Map<number, number>() };
    this.#drafts.set(meter, draft);
    return draft;
  }

  likenessOf(meter: MeterId, sequence: number, content: number): Likeness {
    const seen =
      this.#drafts.get(meter)?.contents.get(sequence) ??
      this.#meters.get(meter)?.contents.get(sequence);
    if (seen === undefined) return 'forgotten';
    return seen === content ? 'same' : 'other';
  }

  /** Within the transaction: one row per meter that changed. */
  saveDrafts(): void {
    for (const [meter, draft] of this.#drafts) {
      if (draft.state === (this.#meters.get(meter)?.state ?? emptyState)) continue;
      this.#saveState.run(draft.id, writeState(draft.state));
    }
  }

  /** After the commit: memory follows the disk. */
  adoptDrafts(): void {
    for (const [meter, { id, state, contents }] of this.#drafts) {
      const kept = this.#meters.get(meter) ?? { id, state, contents: new Map() };
      kept.state = state;
      for (const [sequence, content] of contents) remember(kept.contents, sequence, content);
      this.#meters.set(meter, kept);
    }
    this.#drafts = new Map();
  }

  /** After a rollback. */
  dropDrafts(): void {
    this.#drafts = new Map();
  }

  #readContents(db: Database.Database): void {
    const rows = db
      .prepare(
        'SELECT name, sequence, content FROM hot JOIN meter ON meter.id = hot.meter WHERE row > (SELECT max(row) FROM hot) - ? ORDER BY row',
      )
      .all(contentsReadMax) as { name: MeterId; sequence: number; content: number }[];
    for (const { name, sequence, content } of rows) {
      const kept = this.#meters.get(name);
      if (kept) remember(kept.contents, sequence, content);
    }
  }
}

function remember(contents: Map<number, number>, sequence: number, content: number): void {
  contents.set(sequence, content);
  if (contents.size <= contentsPerMeterMax) return;
  for (const oldest of contents.keys()) {
    contents.delete(oldest);
    return;
  }
}
