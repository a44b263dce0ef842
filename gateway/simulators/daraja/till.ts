/** Everything that was paid to the hub's shortcode, by prompt or by hand: what M-Pesa's own list is written from. */
import type { Cents } from '../../core/units.ts';

export type Payment = {
  readonly receipt: string;
  readonly phone: string;
  readonly amountCents: Cents;
  /** The prompt that asked for it; undefined when it was sent to the paybill by hand. */
  readonly checkoutRequestId: string | undefined;
  /** The push's AccountReference, or what the payer typed as account number. */
  readonly reference: string;
  readonly paidAtMs: number;
  readonly state: 'kept' | 'reversing' | 'reversed';
};

export type Till = {
  take(payment: Omit<Payment, 'state'>): Payment;
  find(receipt: string): Payment | undefined;
  mark(receipt: string, state: Payment['state']): void;
  /** In the order of their arrival. */
  list(): Payment[];
};

/** Opens the till. */
export function openTill(): Till {
  const payments = new Map<string, Payment>();
  return {
    take(taken) {
      const payment: Payment = { ...taken, state: 'kept' };
      payments.set(payment.receipt, payment);
      return payment;
    },
    find: (receipt) => payments.get(receipt),
    mark(receipt, state) {
      const payment = payments.get(receipt);
      if (payment !== undefined) payments.set(receipt, { ...payment, state });
    },
    list: () => [...payments.values()],
  };
}
