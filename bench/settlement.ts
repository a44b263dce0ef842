/** scripts/bench settlement: payments from the phone to the wallet, and what the promise to keep them costs. */
import type { Section } from './results.ts';
import { settlement } from './sections/settlement.ts';

export const sections: Readonly<Record<string, Section>> = { settlement };
