/** An M-Pesa that pays out and remembers what it really did; tests read the truth, the hub only what it is told. */
import type {
  Claim,
  Disbursement,
  DisbursementAnswer,
  MobileMoney,
  PayoutVerdict,
} from '../../gateway/ports/mobile-money.ts';
import { aResult, aStatus, fakeMoney } from './fake-money.ts';

/** How a payout is met: what becomes of the money, and whether the hub hears an answer. */
export const payManners = [
  ...(['paid', 'lost-but-paid', 'cut-but-paid', 'lost-and-unknown', 'cut-and-unknown'] as const),
  ...(['declined', 'lost-and-declined', 'not-sent', 'busy', 'misconfigured', 'refused'] as const),
] as const;
export type PayManner = (typeof payManners)[number];

/** Codes with which M-Pesa declines, and what each means. */
export const declines: readonly (readonly [string, PayoutVerdict])[] = [
  ...([
    ['2001', 'stop'],
    ['1', 'pause'],
    ['2040', 'park'],
    ['8', 'next-day'],
  ] as const),
  ...([
    ['2', 'failed'],
    ['26', 'ask'],
    ['7777', 'unknown'],
  ] as const),
];

export type Message = { readonly token: string; readonly claim: Claim };
export type PayingMpesa = MobileMoney & {
  /** By conversation id: what became of the money. */
  readonly truth: Map<string, 'paid' | 'declined'>;
  readonly messages: Message[];
  readonly next: { manner: PayManner; decline: number }[];
  /** Every token that a result may come to, for forgers. */
  readonly tokens: string[];
  /** Looks at every call before it is answered. */
  watch: (what: 'pay-out' | 'ask', conversationId: string) => void;
};

const never = new Promise<never>(() => {});

export function payingMpesa(): PayingMpesa {
  const truth: PayingMpesa['truth'] = new Map();
  const mpesa: PayingMpesa = {
    ...fakeMoney(),
    ...{ truth, messages: [], next: [], tokens: [], watch: () => {} },
    payOut: (disbursement) => {
      mpesa.watch('pay-out', disbursement.conversationId);
      mpesa.tokens.push(disbursement.resultToken);
      return pay(mpesa, disbursement);
    },
    askAboutPayout: async ({ conversationId, resultToken }) => {
      mpesa.watch('ask', conversationId);
      mpesa.tokens.push(resultToken);
      const status = { paid: 'completed', declined: 'declined', unknown: undefined } as const;
      const known = truth.get(conversationId);
      const claim = aStatus({ receipt: undefined, status: status[known ?? 'unknown'] });
      const said = known ? claim : { ...claim, answered: false, code: '24' };
      mpesa.messages.push({ token: resultToken, claim: said });
      return { kind: 'asked' };
    },
  };
  return mpesa;
}

async function pay(mpesa: PayingMpesa, out: Disbursement): Promise<DisbursementAnswer> {
  const { conversationId, resultToken: token, amountCents } = out;
  const { manner, decline } = mpesa.next.shift() ?? { manner: 'paid', decline: 0 };
  const atTheDoor = refusal(manner);
  if (atTheDoor) return atTheDoor;
  // M-Pesa takes a conversation id once: whatever it was told before, it does not move money again.
  const known = mpesa.truth.has(conversationId);
  if (!known && manner.endsWith('paid')) {
    mpesa.truth.set(conversationId, 'paid');
    const claim = aResult({ amountCents, transactionId: undefined });
    mpesa.messages.push({ token, claim });
  }
  if (!known && manner.endsWith('declined')) {
    const [code, verdict] = declines[decline % declines.length] ?? ['2', 'failed'];
    mpesa.truth.set(conversationId, 'declined');
    mpesa.messages.push({ token, claim: aResult({ code, verdict, words: 'No.' }) });
  }
  if (manner.startsWith('cut-')) return never;
  if (manner.startsWith('lost-')) return { kind: 'unclear', why: 'the answer was lost' };
  return known ? { kind: 'duplicate' } : { kind: 'accepted', mpesaConversationId: 'AG_1' };
}

function refusal(manner: PayManner): DisbursementAnswer | undefined {
  if (manner === 'not-sent') return { kind: 'not-sent', why: 'no network' };
  if (manner === 'misconfigured') return { kind: 'misconfigured', why: 'no such initiator' };
  if (manner === 'busy' || manner === 'refused')
    return { kind: 'refused', code: manner, again: manner === 'busy' };
  return undefined;
}
