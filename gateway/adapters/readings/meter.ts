/**
 * What the writing thread remembers of one meter. Plain readings only move a few numbers; the full memory of
 * core/admit-reading.ts is made from them when a reading needs it.
 */
import { emptyMemory, type MeterMemory, remembering } from '../../core/admit-reading.ts';
import type { MeterId } from '../../core/ids.ts';
import type { LastReading } from '../../core/plain-reading.ts';
import type { Reading } from '../../core/reading.ts';
import { epochMs, milliWattHours } from '../../core/units.ts';
import type { Life } from './lives.ts';
import { type ReadingFields, untold } from './reading-fields.ts';
import { RecentContents } from './recent-contents.ts';

/** The last kept reading in numbers that plain readings overwrite. */
class Last implements LastReading {
  sequence = 0;
  boot = 0;
  at = 0;
  byMeter = true;
  importMwh = 0;
  exportMwh = 0;
  generationMwh = 0;
  powerMw = 0;
  voltageMv = 0;
  flags = 0;
  uptimeSeconds: number = untold;
}

export class Meter {
  readonly id: number;
  readonly name: MeterId;
  /** The life of `last`, once there is one. */
  life: Life | undefined;
  /** The kept reading with the highest sequence number, once there is one. */
  readonly last = new Last();
  /** Whether `last` is the newest in time too, and nothing was seen beyond it: the next may be plain. */
  mayBePlain = false;
  hasLast = false;
  readonly recent = new RecentContents();
  #memory: MeterMemory = emptyMemory;
  /** Whether plain readings came after `#memory`. */
  #isBehind = false;

  constructor(id: number, name: MeterId) {
    this.id = id;
    this.name = name;
  }

  /** A plain reading was kept. */
  passTo(
    fields: Omit<ReadingFields, 'version' | 'boot' | 'unixSeconds' | 'timeQuality'>,
    at: number,
    generationMwh: number,
  ): void {
    const { last } = this;
    last.sequence = fields.sequence;
    last.at = at;
    last.importMwh = fields.importMwh;
    last.exportMwh = fields.exportMwh;
    last.generationMwh = generationMwh;
    last.powerMw = fields.powerMw;
    last.voltageMv = fields.voltageMv;
    last.flags = fields.flags;
    last.uptimeSeconds = fields.uptimeSeconds;
    this.#isBehind = true;
  }

  /** All that core needs to judge any line. */
  memory(): MeterMemory {
    if (!this.#isBehind) return this.#memory;
    this.#isBehind = false;
    const { uptimeSeconds } = this.last;
    const told = uptimeSeconds === untold ? undefined : uptimeSeconds;
    this.#memory = caughtUp(this.#memory, this.latest(), told);
    return this.#memory;
  }

  /** A reading was judged in full; `reading` is undefined when it was not kept. */
  adopt(memory: MeterMemory, reading: Reading | undefined, uptimeSeconds: number): void {
    this.#isBehind = false;
    this.#memory = memory;
    if (reading !== undefined && (!this.hasLast || reading.sequence > this.last.sequence)) {
      const { meter: _meter, timeSource, ...numbers } = reading;
      Object.assign(this.last, numbers, { byMeter: timeSource === 'meter', uptimeSeconds });
      this.hasLast = true;
    }
    const top = memory.seen.at(-1);
    this.mayBePlain =
      this.hasLast &&
      top?.to === this.last.sequence &&
      top.last?.sequence === this.last.sequence &&
      memory.newest?.sequence === this.last.sequence;
  }

  /** The kept reading with the highest sequence number; asked only when there is one. */
  latest(): Reading {
    const { last } = this;
    return {
      meter: this.name,
      sequence: last.sequence,
      boot: last.boot,
      at: epochMs(last.at),
      timeSource: last.byMeter ? 'meter' : 'receipt',
      importMwh: milliWattHours(last.importMwh),
      exportMwh: milliWattHours(last.exportMwh),
      generationMwh: milliWattHours(last.generationMwh),
      powerMw: last.powerMw,
      voltageMv: last.voltageMv,
      flags: last.flags,
    };
  }
}

/** A run of plain readings is one range; only its end matters to what follows. */
function caughtUp(
  memory: MeterMemory,
  latest: Reading,
  uptimeSeconds: number | undefined,
): MeterMemory {
  const top = memory.seen.at(-1);
  if (top === undefined) return remembering(memory, latest, uptimeSeconds);
  const upToBefore = { ...top, to: latest.sequence - 1 };
  return remembering(
    { ...memory, seen: [...memory.seen.slice(0, -1), upToBefore] },
    latest,
    uptimeSeconds,
  );
}
