/** scripts/bench market: how long clearing takes, a whole slot on the disk, and ways to clear side by side. */
import type { Section } from './results.ts';
import { engine } from './sections/market-engine.ts';
import { slot } from './sections/market-slot.ts';
import { mechanisms } from './sections/market-ways.ts';

export const sections: Readonly<Record<string, Section>> = { engine, slot, mechanisms };
