/** The newest reading of each meter, as numbers between the threads and as readings when somebody looks. */
import type { MeterId } from '../../core/ids.ts';
import type { Reading } from '../../core/reading.ts';
import { epochMs, milliWattHours } from '../../core/units.ts';
import type { Meter } from './meter.ts';

/** The meter's number on the event loop's side, then its last reading. */
const width = 11;

/** Written by the writing thread: `touched` holds meters with their numbers. */
export function latestNumbers(touched: ReadonlyMap<Meter, number>): Float64Array<ArrayBuffer> {
  const numbers = new Float64Array(touched.size * width);
  let at = 0;
  for (const [{ last }, number] of touched) {
    numbers[at] = number;
    numbers[at + 1] = last.sequence;
    numbers[at + 2] = last.boot;
    numbers[at + 3] = last.at;
    numbers[at + 4] = last.byMeter ? 1 : 0;
    numbers[at + 5] = last.importMwh;
    numbers[at + 6] = last.exportMwh;
    numbers[at + 7] = last.generationMwh;
    numbers[at + 8] = last.powerMw;
    numbers[at + 9] = last.voltageMv;
    numbers[at + 10] = last.flags;
    at += width;
  }
  return numbers;
}

/** Read by the event loop. */
export class LatestReadings {
  readonly #readings = new Map<MeterId, Reading>();
  /** Numbers that nobody has looked at yet, by meter number. */
  readonly #fresh = new Map<number, Float64Array>();
  readonly #nameOf: (number: number) => MeterId;

  constructor(nameOf: (number: number) => MeterId, known: readonly Reading[]) {
    this.#nameOf = nameOf;
    for (const reading of known) this.#readings.set(reading.meter, reading);
  }

  take(numbers: Float64Array): void {
    for (let at = 0; at < numbers.length; at += width) {
      this.#fresh.set(numbers[at] as number, numbers.subarray(at, at + width));
    }
  }

  /** Times have changed; what nobody has looked at yet came before. */
  replace(readings: readonly Reading[]): void {
    this.#fresh.clear();
    for (const reading of readings) this.#readings.set(reading.meter, reading);
  }

  all(): ReadonlyMap<MeterId, Reading> {
    for (const [number, numbers] of this.#fresh) {
      const meter = this.#nameOf(number);
      this.#readings.set(meter, readingFrom(meter, numbers));
    }
    this.#fresh.clear();
    return this.#readings;
  }

  /** The readings that `numbers` speak of. */
  readingsIn(numbers: Float64Array): Reading[] {
    return Array.from({ length: numbers.length / width }, (_, index) => {
      const at = index * width;
      return readingFrom(this.#nameOf(numbers[at] as number), numbers.subarray(at, at + width));
    });
  }
}

function readingFrom(meter: MeterId, numbers: Float64Array): Reading {
  const [, sequence = 0, boot = 0, at = 0, byMeter = 0, imported = 0, exported = 0] = numbers;
  const [generated = 0, powerMw = 0, voltageMv = 0, flags = 0] = numbers.subarray(7);
  return {
    ...{ meter, sequence, boot, powerMw, voltageMv, flags },
    at: epochMs(at),
    timeSource: byMeter === 1 ? 'meter' : 'receipt',
    importMwh: milliWattHours(imported),
    exportMwh: milliWattHours(exported),
    generationMwh: milliWattHours(generated),
  };
}
