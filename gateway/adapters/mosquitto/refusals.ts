/** Counts what is turned away or lost, and says so without flooding the log. */
import type { Log } from '../../ports/log.ts';

const reasons = [
  'foreign-topic',
  'unknown-meter',
  'wrong-qos',
  'retained-reading',
  'protocol-error',
  'announcement-dropped',
  'session-lost',
] as const;

export type Refusal = (typeof reasons)[number];

export class Refusals {
  readonly #counts = Object.fromEntries(reasons.map((reason) => [reason, 0])) as Record<
    Refusal,
    number
  >;
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** The first, second, fourth, eighth … of each kind is logged. */
  count(reason: Refusal, facts: Readonly<Record<string, unknown>> = {}): void {
    this.#counts[reason] += 1;
    const times = this.#counts[reason];
    if (Number.isInteger(Math.log2(times)))
      this.#log.warn('something from the existing broker was refused', { reason, times, ...facts });
  }

  counts(): Record<Refusal, number> {
    return { ...this.#counts };
  }
}
