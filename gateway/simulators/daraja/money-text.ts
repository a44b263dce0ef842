/** Amounts as M-Pesa writes them into JSON. */
import { centsPerShilling } from '../../core/units.ts';

/** TypeScript does not know `JSON.rawJSON` yet; Node 24 does. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): object };

/** `37.00`: the text of an amount with its two decimals, which may be below zero. */
export const shillingText = (amountCents: number): string =>
  (amountCents / centsPerShilling).toFixed(2);

/** An amount that JSON.stringify writes as a number with two decimals, so 37 shillings are `37.00`. */
export const shillingNumber = (amountCents: number): object => rawJSON(shillingText(amountCents));
