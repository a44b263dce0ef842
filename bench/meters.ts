/** scripts/bench meters: how many virtual meters one hub holds, each telling a signed reading every second. */

import type { Section } from './results.ts';
import { street } from './sections/street.ts';

export const sections: Readonly<Record<string, Section>> = { street };
