/** scripts/bench advice: what the hub's advice is worth in shillings, beside rules of thumb and perfect foresight. */
import type { Section } from './results.ts';
import { forecast } from './sections/advice-forecast.ts';
import { outside } from './sections/advice-outside.ts';
import { kiambu, neighbourhoods, oracle } from './sections/advice-policy.ts';

export const sections: Readonly<Record<string, Section>> = {
  neighbourhoods,
  kiambu,
  oracle,
  outside,
  forecast,
};
