/** What M-Pesa refuses anyway (Daraja 3.0: M-Pesa Express, B2C), refused here before anything is sent. */
import { centsPerShilling } from '../../core/units.ts';

type Amounts = { readonly leastKes: number; readonly mostKes: number };

export const pushAmounts: Amounts = { leastKes: 1, mostKes: 250_000 };
export const payoutAmounts: Amounts = { leastKes: 10, mostKes: 250_000 };

/** Whether the amount, in cents, is whole shillings that M-Pesa moves. */
export function isPayable(amountCents: number, { leastKes, mostKes }: Amounts): boolean {
  const kes = amountCents / centsPerShilling;
  return (
    Number.isSafeInteger(amountCents) && Number.isInteger(kes) && kes >= leastKes && kes <= mostKes
  );
}

/** Shown in the prompt and the SMS. */
export const isAccountReference = (text: string): boolean => /^[A-Za-z0-9]{1,12}$/.test(text);

/** Documented as optional, yet an empty one is answered with 400.002.02. */
export const isDescription = (text: string): boolean =>
  /^[\x20-\x7e]{1,13}$/.test(text) && text.trim() !== '';

/** Documented as "alphanumeric, less than 20 characters". */
export const isConversationId = (text: string): boolean => /^[A-Za-z0-9]{18}$/.test(text);

/** M-Pesa's receipts are ten letters and digits today. */
export const isReceipt = (text: string): boolean => /^[A-Za-z0-9]{1,32}$/.test(text);

/** The kind of our own identity in questions: the shortcode of an organisation. */
export const shortcodeIdentifier = '4';

/** A refusal that never left this machine: M-Pesa would say the same tomorrow. */
export const refusedHere = (what: string) =>
  ({ kind: 'refused', code: `local.${what}`, again: false }) as const;
