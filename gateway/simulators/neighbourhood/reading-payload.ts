/** What a simulated meter says: the JSON of topic `jirani/v1/meters/<id>/reading`. */
import type { SimulatedMeter } from './cast.ts';
import type { Neighbourhood } from './model.ts';

/** A meter of the neighbourhood and the house whose wires it is on. */
export type PlacedMeter = SimulatedMeter & { readonly household: string };

export type Moment = {
  readonly sequence: number;
  readonly boot: number;
  /** Whole seconds of neighbourhood time, in ms. */
  readonly atMs: number;
  /** Neighbourhood time since the meter started. */
  readonly upMs: number;
};

const clockIsTrusted = 2;

export const metersOf = ({ households }: Neighbourhood): PlacedMeter[] =>
  households.flatMap(({ id, meters }) => meters.map((meter) => ({ ...meter, household: id })));

/** A meter at the grid counts import and export; one at the panels counts generation and nothing else. */
export function readingPayload(
  neighbourhood: Neighbourhood,
  meter: PlacedMeter,
  { sequence, boot, atMs, upMs }: Moment,
): Buffer {
  const shown = neighbourhood.registersAt(meter.household, atMs);
  const head = { v: 1, s: sequence, b: boot, t: Math.floor(atMs / 1000), tq: clockIsTrusted };
  const up = Math.floor(upMs / 1000);
  const registers =
    meter.place === 'grid'
      ? { p: shown.powerMw, u: shown.voltageMv, ei: shown.importMwh, ee: shown.exportMwh }
      : { u: shown.voltageMv, ei: 0, ee: 0, eg: shown.generationMwh };
  return Buffer.from(JSON.stringify({ ...head, up, ...registers }));
}
