/** Money that people send to the paybill by hand, and how M-Pesa asks and tells the shop about it (Daraja, C2B v2). */
import type { Cents } from '../../core/units.ts';
import { stamp } from './east-africa-time.ts';
import type { SimulatedLedger } from './ledger.ts';
import { shillingText } from './money-text.ts';
import type { Names } from './names.ts';
import type { Settings } from './options.ts';
import type { PostOffice } from './post-office.ts';
import type { Payment, Till } from './till.ts';

/** Payments that one run remembers. */
const paymentsMax = 100_000;

export type Registration = {
  readonly confirmationUrl: string;
  readonly validationUrl: string;
  /** What happens to a payment when the shop does not answer in time. */
  readonly responseType: 'Completed' | 'Cancelled';
};

export type HandPayment = {
  readonly phone: string;
  readonly amountCents: Cents;
  /** What the payer types as account number. */
  readonly reference: string;
};

export type HandOutcome =
  | { readonly kind: 'paid'; readonly payment: Payment }
  /** The phone holds too little; the shop said no; M-Pesa has too much to do. */
  | { readonly kind: 'no-funds' | 'refused' | 'busy' };

export type PaybillDesk = {
  registration(): Registration | undefined;
  register(registration: Registration): void;
  /** Resolves when the money arrived or went back to the phone. Never rejects. */
  send(paid: HandPayment): Promise<HandOutcome>;
  /** Tells the shop of a payment that it may know already. */
  confirm(receipt: string): void;
};

export type PaybillNeeds = {
  readonly settings: Pick<Settings, 'clock' | 'shortcode' | 'validatesPaybill'>;
  readonly ledger: SimulatedLedger;
  readonly names: Names;
  readonly till: Till;
  readonly post: PostOffice;
};

/** Opens the desk for the paybill. */
export function openPaybill(needs: PaybillNeeds): PaybillDesk {
  const { settings, ledger, names, till, post } = needs;
  let registered: Registration | undefined;
  let taken = 0;

  async function send(paid: HandPayment): Promise<HandOutcome> {
    if (taken >= paymentsMax) return { kind: 'busy' };
    const transfer = ledger.begin(paid.phone, paid.amountCents);
    if (transfer === undefined) return { kind: 'no-funds' };
    taken += 1;
    const payment = {
      ...paid,
      ...{ receipt: names.receipt(), checkoutRequestId: undefined, paidAtMs: settings.clock.now() },
    };
    if (settings.validatesPaybill && registered && !(await isWelcome(registered, payment))) {
      transfer.giveBack();
      return { kind: 'refused' };
    }
    transfer.arrive('hub');
    const kept = till.take(payment);
    confirm(kept.receipt);
    return { kind: 'paid', payment: kept };
  }

  async function isWelcome(shop: Registration, payment: Told): Promise<boolean> {
    const body = bodyOf(payment, needs, undefined);
    const url = shop.validationUrl;
    const answer = await post.ask({ kind: 'validation', url, about: payment.phone, body });
    const code = /"ResultCode"\s*:\s*"?([A-Z0-9]+)"?/.exec(answer.text)?.[1];
    if (answer.status !== 200 || code === undefined) return shop.responseType === 'Completed';
    return code === '0';
  }

  function confirm(receipt: string): void {
    const payment = till.find(receipt);
    if (payment === undefined || registered === undefined) return;
    const body = bodyOf(payment, needs, ledger.hubBalance().availableCents);
    const { confirmationUrl: url } = registered;
    void post.send({ kind: 'confirmation', url, about: payment.phone, body });
  }

  return {
    send,
    confirm,
    registration: () => registered,
    register: (registration) => {
      registered = registration;
    },
  };
}

type Told = Omit<Payment, 'state'>;

/** A validation does not know the balance yet. The number is masked, as version 2 of C2B does it. */
function bodyOf(payment: Told, { settings }: PaybillNeeds, balanceCents: number | undefined) {
  return {
    TransactionType: 'Pay Bill',
    TransID: payment.receipt,
    TransTime: stamp(payment.paidAtMs),
    TransAmount: shillingText(payment.amountCents),
    BusinessShortCode: settings.shortcode,
    BillRefNumber: payment.reference,
    InvoiceNumber: '',
    OrgAccountBalance: balanceCents === undefined ? '' : shillingText(balanceCents),
    ThirdPartyTransID: '',
    MSISDN: `${payment.phone.slice(0, 4)} ***** ${payment.phone.slice(-3)}`,
    FirstName: 'JANE',
    MiddleName: '',
    LastName: '',
  };
}
