/** scripts/bench tokens: eKWh from one household to another on the local ledger, and what that costs. */

import type { Section } from './results.ts';
import { memory } from './sections/tokens-memory.ts';
import { restart } from './sections/tokens-restart.ts';
import { throughput } from './sections/tokens-throughput.ts';

/** In the order in which they are played. */
export const sections: Readonly<Record<string, Section>> = { throughput, restart, memory };
