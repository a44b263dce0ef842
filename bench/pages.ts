/** scripts/bench pages: all households look at their pages while all meters speak. */
import type { Section } from './results.ts';
import { pages } from './sections/pages.ts';

export const sections: Readonly<Record<string, Section>> = { pages };
