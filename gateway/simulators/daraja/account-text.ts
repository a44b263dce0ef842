/** Accounts as M-Pesa lists them in one line: name, currency, current, available, reserved, uncleared. */
import type { HubBalance } from './ledger.ts';
import { shillingText } from './money-text.ts';

export const accountText = (
  name: string,
  { currentCents, availableCents, reservedCents }: HubBalance,
): string =>
  [name, 'KES', ...[currentCents, availableCents, reservedCents, 0].map(shillingText)].join('|');

/** What is reserved for payouts and reversals under way is still part of the current balance. */
export const utilityText = (balance: HubBalance): string => accountText('Utility Account', balance);
