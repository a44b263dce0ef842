/** Puts a neighbourhood's readings straight into the file, as its writing thread would. */

import type { Spare } from '../gateway/adapters/readings/payload-batch.ts';
import type { ReadingsFile } from '../gateway/adapters/readings/readings-file.ts';
import type { Neighbourhood } from './neighbourhood.ts';

/** One commit of `count` readings, then what is due at so many ticks. Answers the buffers, to be used again. */
export function keepBatch(
  file: ReadingsFile,
  neighbourhood: Neighbourhood,
  count: number,
  ticks: number,
  spare: Spare | undefined,
): Spare {
  const batch = neighbourhood.batch(count, spare);
  // Introduces the meters to the file; no meter here signs.
  if (file.forgedIn(batch) !== undefined) throw new Error('a meter signs');
  const outcome = file.write(batch, undefined);
  if ('refused' in outcome) throw new Error(`the disk refuses readings: ${outcome.refused}`);
  if (outcome.verdicts.some((verdict) => verdict !== 0)) throw new Error('a reading was not kept');
  for (let tick = 0; tick < ticks; tick++) {
    file.passTo(neighbourhood.nowMs);
    while (file.step());
  }
  return batch;
}
