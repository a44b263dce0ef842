/** scripts/bench simulate: a neighbourhood's week through the live steps, ledger and payments included. */
import type { Section } from './results.ts';
import { simulation } from './sections/simulate.ts';

export const sections: Readonly<Record<string, Section>> = { simulation };
