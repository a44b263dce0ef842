/** The bodies that control calls take. A word that is not known is refused, so that a misspelled fault is noticed. */
import { z } from 'zod';
import { cents } from '../../core/units.ts';
import { payers, receivers } from './behaviours.ts';
import { callNames } from './call.ts';
import { callbackFaults, letterKinds, requestFaults } from './faults.ts';
import { mutations } from './mutations.ts';
import { deeds } from './prompts.ts';

const phone = z.string().regex(/^254[17]\d{8}$/);
const mutation = z.enum(mutations).optional();
const allFaults = [...requestFaults, ...callbackFaults] as const;

/** A fault may be ordered for this many requests at most. */
const count = z.int().min(0).max(1_000).optional();
const share = z.number().min(0).max(1).optional();
const forEach = <Schema>(schema: Schema) =>
  Object.fromEntries(allFaults.map((kind) => [kind, schema])) as {
    [kind in (typeof allFaults)[number]]: Schema;
  };

export const answer = z.strictObject({
  checkoutRequestId: z.string().max(64),
  deed: z.enum(deeds),
});

/** Whole cents, up to the most that M-Pesa moves at once. */
export const pay = z.strictObject({
  phone,
  amountCents: z.int().min(100).max(25_000_000).transform(cents),
  reference: z.string().min(1).max(20),
});

export const behaviour = z.strictObject({
  phone,
  pays: z.enum(payers).optional(),
  receives: z.enum(receivers).optional(),
});

const dayMs = 86_400_000;
/** A year at most, so that a slip of the finger does not run for ever. */
export const clock = z.strictObject({
  advanceMs: z
    .int()
    .min(0)
    .max(366 * dayMs),
});

export const faults = z.strictObject({
  call: z.enum(callNames).optional(),
  callback: z.enum(letterKinds).optional(),
  slowMs: z.int().min(0).max(60_000).optional(),
  lateMs: z.int().min(0).max(dayMs).optional(),
  copies: z.int().min(0).max(100).optional(),
  mutation,
  ...forEach(count),
});

/** Without rates: a rough but possible day. */
export const faultRates = z.strictObject({
  seed: z
    .int()
    .min(0)
    .max(2 ** 31),
  rates: z.strictObject(forEach(share)).optional(),
});

export const replay = z.strictObject({
  id: z.int().min(1),
  mutation,
  body: z.record(z.string(), z.unknown()).optional(),
  copies: z.int().min(1).max(1_000).optional(),
});
