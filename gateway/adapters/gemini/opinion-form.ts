/** What is asked of the model and which answers are let in. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AdviceQuestion } from '../../ports/advice.ts';

export type Said = {
  readonly action: 'sell' | 'hold';
  readonly sellWh: number;
  readonly reason: string;
};

const reasonMax = 200;
const reasonReadMax = 2_000;
const energyStepWh = 100;
const priceStepCents = 50;

/** An unknown key (a phone, a receiver) refuses the whole answer. */
const saidForm = z.strictObject({
  action: z.enum(['sell', 'hold']),
  sellWh: z.int().nonnegative(),
  reason: z.string().max(reasonReadMax),
});

/** Undefined when the text is not exactly one opinion. The reason is made plain; nothing is clamped. */
export function readOpinion(text: string): Said | undefined {
  const checked = saidForm.safeParse(parse(text));
  if (!checked.success) return undefined;
  return { ...checked.data, reason: plain(checked.data.reason) };
}

/** Numbers only, and rounded, so that the same situation is one question. Built by name: nothing else goes out. */
export function promptFor(question: AdviceQuestion): string {
  return JSON.stringify({
    energyWh: roundDown(question.energyWh, energyStepWh),
    nightNeedWh: roundDown(question.nightNeedWh, energyStepWh),
    sunLeftWh: roundDown(question.sunLeftWh, energyStepWh),
    keepWh: roundDown(question.keepWh, energyStepWh),
    sellWh: roundDown(question.sellWh, energyStepWh),
    rateCentsPerKwh: roundDown(question.rate, priceStepCents),
    ownTariffCentsPerKwh: roundDown(question.ownTariff, priceStepCents),
    hour: Math.floor(question.hour),
  });
}

export const keyOf = (prompt: string): string => createHash('sha256').update(prompt).digest('hex');

export const instruction = [
  'You advise a household in Kenya that has solar energy to spare.',
  'energyWh is unsold; nightNeedWh is its own use until 06:00; sunLeftWh is what the sun still brings today.',
  'The rule keeps keepWh and sells sellWh at rateCentsPerKwh; energy from the grid costs ownTariffCentsPerKwh.',
  'You may sell at most sellWh, or hold. Answer with JSON: action, sellWh and a reason in one short plain sentence.',
].join(' ');

/** Letters, digits and plain punctuation, without tags; what is left is shown to people and never read by the hub. */
const plain = (text: string): string =>
  text
    .replace(/<[^>]*>/g, ' ')
    .replace(/[^\p{L}\p{M}\p{N} .,;:%()'-]/gu, ' ')
    .replace(/ +/g, ' ')
    .trim()
    .slice(0, reasonMax);

const roundDown = (value: number, step: number): number => Math.floor(value / step) * step;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
