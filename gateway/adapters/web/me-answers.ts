/** What `/api/me` answers, as the OpenAPI page shows it. */
import { z } from 'zod';

const moment = z.string();
const maybe = z.number().nullable();
const step = z.enum([
  ...['matched', 'phone-asked', 'mpesa-yes', 'paid', 'tokens-moved'],
  ...['sent', 'closed', 'expired', 'undone', 'review'],
] as const);
const sums = {
  ...{ soldWh: z.number(), soldCents: z.number() },
  ...{ boughtWh: z.number(), boughtCents: z.number(), savedCents: maybe },
};
const span = z.object({
  at: moment,
  ...{ sunWh: maybe, useWh: maybe, exportedWh: z.number(), importedWh: z.number() },
});

export const nowAnswer = z.object({ at: moment, sunW: maybe, useW: maybe, surplusW: maybe });

export const ruleAnswer = z.object({
  reserveWh: z.number(),
  tonight: z.enum(['advice', 'keep', 'sell']),
  askFirst: z.boolean(),
  ...{ sellFloorCents: z.number(), buyCeilingCents: z.number() },
  ...{ quietFromMinute: z.number(), quietUntilMinute: z.number() },
  language: z.enum(['en', 'sw']),
});

export const orderOfHousehold = z.object({
  ...{ buy: z.boolean(), ceilingCents: z.number(), dayMostCents: z.number() },
  blockCents: z.number(),
});

const card = z.object({
  ...{ name: z.string(), title: z.object({ en: z.string(), sw: z.string() }) },
  ...{ value: z.union([z.number(), z.string()]), unit: z.string() },
});

export const meAnswer = z.object({
  household: z.object({
    ...{ id: z.string(), name: z.string(), role: z.enum(['seller', 'buyer', 'both']) },
    ...{ phone: z.string(), code: z.string() },
  }),
  hub: z.object({
    ...{ name: z.string(), scheme: z.string(), pretend: z.boolean(), speed: z.number() },
    ...{ rateCents: z.number(), floorCents: z.number(), capCents: z.number() },
  }),
  now: nowAnswer,
  wallet: z.object({
    ...{ walletCents: z.number(), freeCents: z.number(), earningsCents: z.number() },
    askedCents: maybe,
  }),
  energy: z.object({
    ...{ spareWh: z.number(), keptWh: z.number(), boughtWh: z.number(), needWh: z.number() },
  }),
  today: z.object({ ...sums, slots: z.array(span).readonly() }),
  month: z.object({ ...sums, days: z.array(span).readonly() }),
  offers: z
    .array(
      z.object({
        ...{ id: z.string(), energyWh: z.number(), amountCents: z.number() },
        ...{ expiresInMs: z.number(), livesMs: z.number() },
      }),
    )
    .readonly(),
  trades: z
    .array(
      z.object({
        ...{ id: z.string(), side: z.enum(['sold', 'bought']), energyWh: z.number() },
        ...{ amountCents: z.number(), state: z.string(), at: moment },
        steps: z.array(z.object({ step, at: moment })).readonly(),
        ...{ next: step.nullable(), receipt: z.boolean() },
      }),
    )
    .readonly(),
  advice: z
    .object({
      ...{ sellWh: z.number(), keepWh: z.number(), at: moment },
      ...{ reason: z.string(), reasonSw: z.string() },
    })
    .nullable(),
  score: z
    .object({
      ...{ days: z.number(), gainedCents: z.number(), possibleCents: z.number() },
      sharePercent: maybe,
    })
    .nullable(),
  rule: ruleAnswer,
  order: orderOfHousehold,
  cards: z.array(card).readonly(),
  receipts: z
    .array(
      z.object({
        ...{ trade: z.string(), at: moment, energyWh: z.number(), amountCents: z.number() },
      }),
    )
    .readonly(),
});
