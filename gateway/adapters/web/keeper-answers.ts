/** What `/api/keeper…` answers, as the OpenAPI page shows it; the compiler holds each against the desk's own type. */
import { z } from 'zod';
import type { KeeperView, MeterAccess, ResidentView, SignInCode } from '../../ports/keeper-desk.ts';

export const limitName = z.enum([
  ...['floor', 'cap', 'rate', 'surplusThresholdWh'],
  ...['payoutLeastCents', 'payoutDayMostCents', 'mintDailyMaxWh'],
] as const);
const whole = z.int();
const role = z.enum(['seller', 'buyer', 'both']);
const place = z.enum(['grid', 'pv']);
const qr = z.array(z.string()).readonly();

export const residentAnswer = z.object({
  ...{ id: z.string(), name: z.string(), role, phone: z.string(), code: z.string() },
  meters: z.array(z.object({ id: z.string(), place, online: z.boolean() })).readonly(),
}) satisfies z.ZodType<ResidentView>;

const limitAnswer = z.object({
  name: limitName,
  ...{ now: whole, value: whole, least: whole, most: whole, step: whole },
  unit: z.enum(['cents/kWh', 'cents', 'Wh']),
  begins: z.enum(['next-day', 'next-slot', 'now']),
  fixedBy: z.string().nullable(),
});

export const keeperAnswer = z.object({
  hub: z.object({
    ...{ name: z.string(), version: z.string(), at: z.string() },
    ...{ speed: z.number(), pretend: z.boolean() },
  }),
  market: z.object({ open: z.boolean(), rateCents: whole, nextRateCents: whole }),
  payoutsPaused: z.boolean(),
  pauses: z
    .array(
      z.object({
        ...{ cause: z.string(), household: z.string().nullable() },
        ...{ why: z.string(), since: z.string() },
      }),
    )
    .readonly(),
  limits: z.array(limitAnswer).readonly(),
  households: z.array(residentAnswer).readonly(),
  tradesInReview: z
    .array(
      z.object({
        ...{ id: z.string(), seller: z.string(), buyer: z.string() },
        ...{ amountCents: whole, why: z.string(), at: z.string() },
      }),
    )
    .readonly(),
  meterKeys: z
    .array(
      z.object({
        ...{ meter: z.string(), counts: z.string(), offered: z.string(), since: z.string() },
      }),
    )
    .readonly(),
  editorPort: whole.nullable(),
}) satisfies z.ZodType<KeeperView>;

export const codeAnswer = z.object({
  ...{ household: z.string(), link: z.string(), qr, expiresInMs: whole, reachable: z.boolean() },
}) satisfies z.ZodType<SignInCode>;

export const meterAnswer = z.object({
  ...{ meterId: z.string(), household: z.string(), username: z.string(), password: z.string() },
  ...{ claim: z.string(), qr },
}) satisfies z.ZodType<MeterAccess>;

const shortId = z.string().regex(/^[a-z0-9-]{1,32}$/, 'small letters, digits and dashes');

export const householdBody = z.strictObject({
  id: shortId,
  name: z.string().trim().min(1).max(60),
  phone: z.string().trim().min(1).max(32),
  role: role.default('both'),
  language: z.enum(['en', 'sw']).default('sw'),
});

export const meterBody = z.strictObject({ household: shortId, place: place.default('grid') });
