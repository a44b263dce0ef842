/** The days before a demo begins, as the meters would have told them. */
import type { Neighbourhood } from './model.ts';
import { metersOf, readingPayload } from './reading-payload.ts';

export type RehearsalReading = {
  readonly meter: string;
  readonly atMs: number;
  readonly payload: Uint8Array;
};

const quarterHourMs = 900_000;

/**
 * Readings of all meters at `fromMs`, every `stepMs` after it and at most at `toMs`, oldest first. Each
 * meter counts from 1, so its next sequence number is one more than the readings that it gave here.
 */
export function* rehearsalReadings(
  neighbourhood: Neighbourhood,
  fromMs: number,
  toMs: number,
  stepMs: number = quarterHourMs,
  boot = 1,
): Generator<RehearsalReading> {
  const meters = metersOf(neighbourhood);
  let sequence = 1;
  for (let atMs = fromMs; atMs <= toMs; atMs += stepMs) {
    const moment = { sequence, boot, atMs, upMs: atMs - fromMs };
    for (const meter of meters) {
      yield { meter: meter.id, atMs, payload: readingPayload(neighbourhood, meter, moment) };
    }
    sequence += 1;
  }
}
