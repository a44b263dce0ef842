/** What is asked of the model and which answers are let in. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Words } from '../../core/words-of-advice.ts';
import type { AdviceQuestion } from '../../ports/advice.ts';

export type Said = {
  readonly action: 'sell' | 'hold';
  readonly sellWh: number;
  readonly words: Words;
};

const reasonMax = 240;
const reasonReadMax = 2_000;

/** An unknown key (a phone, a receiver) refuses the whole answer. */
const saidForm = z.strictObject({
  action: z.enum(['sell', 'hold']),
  sellWh: z.int().nonnegative(),
  english: z.string().max(reasonReadMax),
  swahili: z.string().max(reasonReadMax),
});

/** Undefined when the text is not exactly one opinion. Its words are made plain; nothing is clamped. */
export function readOpinion(text: string): Said | undefined {
  const checked = saidForm.safeParse(parse(text));
  if (!checked.success) return undefined;
  const { action, sellWh, english, swahili } = checked.data;
  return { action, sellWh, words: { en: plain(english), sw: plain(swahili) } };
}

/** Numbers only, each by its name: nothing else goes out. */
export function promptFor(question: AdviceQuestion): string {
  const { energyWh, nightNeedWh, sunLeftWh, keepWh, sellWh, rate, ownTariff, hour } = question;
  const prices = { rateCentsPerKwh: rate, ownTariffCentsPerKwh: ownTariff };
  return JSON.stringify({ energyWh, nightNeedWh, sunLeftWh, keepWh, sellWh, ...prices, hour });
}

export const keyOf = (prompt: string): string => createHash('sha256').update(prompt).digest('hex');

export const instruction = [
  'You advise a household in Kenya that has solar energy to spare.',
  'energyWh is unsold; nightNeedWh is its own use until 06:00; sunLeftWh is what the sun still brings today.',
  'The rule keeps keepWh and sells sellWh at rateCentsPerKwh; energy from the grid costs ownTariffCentsPerKwh.',
  'You may sell at most sellWh, or hold. Answer with JSON: action, sellWh, and why in english and in swahili:',
  'at most two short plain sentences each, with no figure but those given, in Wh, without rounding.',
].join(' ');

/** Letters, digits and plain punctuation, without tags; what is left is shown to people and never read by the hub. */
const plain = (text: string): string =>
  text
    .replace(/<[^>]*>/g, ' ')
    .replace(/[^\p{L}\p{M}\p{N} .,;:%()'-]/gu, ' ')
    .replace(/ +/g, ' ')
    .trim()
    .slice(0, reasonMax);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
