/** The newest 45 days of one household, slot by slot, in a few kilobytes. */
import type { SlotNumber } from '../units.ts';
import { type MeteredSlot, type Past, pastDaysMost, slotsPerDay } from './past.ts';

const slotsKept = pastDaysMost * slotsPerDay;
/** Room beyond what is kept, so that the past moves to the front only every few days. */
const slotsRoom = slotsKept + 5 * slotsPerDay;
/** More than a quarter of an hour can bring; what came late may be more, and counts as this. */
const mostWh = 65_535;

export class RollingPast {
  readonly #sun = new Uint16Array(slotsRoom);
  readonly #load = new Uint16Array(slotsRoom);
  #first: number | undefined;
  /** The slot after the newest. */
  #end = 0;

  /** In order; a slot that was not heard stays 0: its energy came with the next one that was. */
  note({ slot, importedWh, exportedWh, generatedWh }: MeteredSlot): void {
    this.#first ??= slot;
    if (slot < this.#first || slot < this.#end) return;
    if (slot - this.#first >= slotsRoom) this.#forget(slot);
    const at = slot - this.#first;
    const load = generatedWh === undefined ? importedWh : generatedWh + importedWh - exportedWh;
    this.#sun[at] = within(generatedWh ?? exportedWh);
    this.#load[at] = within(load);
    this.#end = slot + 1;
  }

  /** Up to, and without, `end`: the past of any moment of the last 45 days. */
  until(end: SlotNumber): Past {
    const first = Math.max(this.#first ?? end, end - slotsKept);
    const from = first - (this.#first ?? end);
    const to = Math.max(from, Math.min(slotsRoom, end - (this.#first ?? end)));
    return {
      first: first as SlotNumber,
      sunWh: this.#sun.subarray(from, to),
      loadWh: this.#load.subarray(from, to),
    };
  }

  #forget(slot: number): void {
    const first = Math.max(this.#first ?? 0, slot + 1 - slotsKept);
    const gone = Math.min(slotsRoom, first - (this.#first ?? 0));
    for (const series of [this.#sun, this.#load]) {
      series.copyWithin(0, gone);
      series.fill(0, slotsRoom - gone);
    }
    this.#first = first;
  }
}

const within = (wh: number): number => Math.max(0, Math.min(mostWh, wh));
