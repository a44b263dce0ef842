/** Counts what the broker turns away, and says so without flooding the log. */
import type { Log } from '../../ports/log.ts';

const reasons = [
  'too-many-connections',
  'connect-timeout',
  'keepalive-expired',
  'bad-tls',
  'unsupported-protocol',
  'protocol-error',
  'packet-too-large',
  'bad-credentials',
  'revoked',
  'no-client-id',
  'foreign-client-id',
  'foreign-will',
  'foreign-topic',
  'foreign-filter',
  'too-many-filters',
  'too-many-unreleased',
  'wrong-qos',
  'retained-reading',
  'retained-elsewhere',
  'acks-unread',
  'reads-too-slowly',
  'message-dropped',
  'session-dropped',
  'announcement-dropped',
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
    if (Number.isInteger(Math.log2(times))) {
      this.#log.warn('the broker refused something', { reason, times, ...facts });
    }
  }

  counts(): Record<Refusal, number> {
    return { ...this.#counts };
  }
}
