/** What a caller may write in an order, read into whole Wh, cents per kWh and the books' form of a phone. */
import { z } from 'zod';
import { readPhone } from '../../core/phone.ts';
import { wholeUnits } from './decimals.ts';

const energyWhMax = 1_000_000;
const priceCentsMax = 100_000;

/** From one unit up to `unitsMax`; the JSON number may have as many decimals as a unit has. */
const decimal = (unitsPerOne: 100 | 1000, unitsMax: number, resolution: string) =>
  z
    .number()
    .min(1 / unitsPerOne)
    .max(unitsMax / unitsPerOne)
    .transform((value, context) => {
      const units = wholeUnits(value, unitsPerOne);
      if (units !== undefined) return units;
      context.addIssue({ code: 'custom', message: `the smallest step is ${resolution}` });
      return z.NEVER;
    });

const phone = z
  .string()
  .max(32)
  .transform((text, context) => {
    const read = readPhone(text);
    if (read.ok) return read.value;
    context.addIssue({ code: 'custom', message: 'not a Kenyan mobile number' });
    return z.NEVER;
  })
  .meta({ examples: ['254708374149'] });

export const orderBody = z.strictObject({
  type: z.literal('BUY'),
  amount: decimal(1000, energyWhMax, '0.001 kWh').meta({ description: 'kWh', examples: [2.5] }),
  price: decimal(100, priceCentsMax, '0.01 KES').meta({ description: 'KES/kWh', examples: [12] }),
  phone,
  seller_phone: phone,
});

/** The rest of the headers passes untouched. */
export const orderHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, 'from 1 to 128 printable ASCII characters without spaces')
    .optional()
    .meta({ description: 'the same key and body give the same trade' }),
});
