/** scripts/bench ingest: readings from the wire to the disk, and what that costs. */

import type { Section } from './results.ts';
import { latency } from './sections/latency.ts';
import { memory } from './sections/memory.ts';
import { signed } from './sections/signed.ts';
import { storage } from './sections/storage.ts';
import { throughput } from './sections/throughput.ts';
import { wear } from './sections/wear.ts';

/** In the order in which they are played: when time is short, the last leaves a round out. */
export const sections: Readonly<Record<string, Section>> = {
  latency,
  signed,
  memory,
  wear,
  storage,
  throughput,
};
