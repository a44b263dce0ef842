/** An M-Pesa with phones, people and a memory of its own: what really happened, whatever the hub was told. */
import type {
  Claim,
  Disbursement,
  DisbursementAnswer,
  MobileMoney,
  Push,
  PushAnswer,
} from '../../gateway/ports/mobile-money.ts';
import { aPushClaim, aResult, aStatus } from './fake-money.ts';

/** `lost-…`: the answer does not arrive. `cut-…`: the hub's power fails before any answer. */
export const ringManners = [
  ...(['accepted', 'lost-but-ringing', 'lost-and-silent', 'not-sent', 'busy'] as const),
  ...(['refused', 'cut-but-ringing', 'cut-and-silent'] as const),
] as const;
export const payManners = [
  ...(['accepted', 'lost-but-paid', 'lost-and-unpaid', 'not-sent', 'busy', 'refused'] as const),
  ...(['cut-but-paid', 'cut-and-unpaid'] as const),
] as const;
export type RingManner = (typeof ringManners)[number];
export type PayManner = (typeof payManners)[number];

/** A phone that rang. */
export type Prompt = Push & {
  readonly checkoutRequestId: string;
  readonly merchantRequestId: string;
  truth: 'ringing' | 'paid' | 'failed';
  /** The hub could know of it: its id was in an answer, or a true callback was kept. */
  isKnown: boolean;
};
export type Message = { readonly token: string; readonly claim: Claim };

export type LivingMpesa = MobileMoney & {
  readonly prompts: Prompt[];
  /** What was really paid out, by conversation id. */
  readonly paidOut: Map<string, Disbursement>;
  /** Results that wait to be delivered. */
  readonly results: Message[];
  /** How the next pushes and payouts are met. */
  readonly ringNext: RingManner[];
  readonly payNext: PayManner[];
  answers: boolean;
};

const never = new Promise<never>(() => {});
const happens = (manner: RingManner | PayManner) =>
  manner === 'accepted' || manner.endsWith('-but-ringing') || manner.endsWith('-but-paid');

function replyTo(manner: RingManner | PayManner) {
  if (manner === 'not-sent') return { kind: 'not-sent', why: 'no network' } as const;
  if (manner === 'refused' || manner === 'busy')
    return { kind: 'refused', code: manner, again: manner === 'busy' } as const;
  return { kind: 'unclear', why: 'no answer came' } as const;
}

export function livingMpesa(): LivingMpesa {
  const { prompts, paidOut, results }: Pick<LivingMpesa, 'prompts' | 'paidOut' | 'results'> = {
    ...{ prompts: [], paidOut: new Map(), results: [] },
  };
  const ring = async (push: Push): Promise<PushAnswer> => {
    const manner = mpesa.ringNext.shift() ?? 'accepted';
    const names = {
      checkoutRequestId: `ws_CO_${prompts.length + 1}`,
      merchantRequestId: `merchant-${prompts.length + 1}`,
    };
    const isKnown = manner === 'accepted';
    if (happens(manner)) prompts.push({ ...push, ...names, truth: 'ringing', isKnown });
    if (manner.startsWith('cut-')) return never;
    return isKnown ? { kind: 'accepted', ...names } : replyTo(manner);
  };
  const payOut = async (disbursement: Disbursement): Promise<DisbursementAnswer> => {
    const { conversationId, resultToken, amountCents } = disbursement;
    const manner = mpesa.payNext.shift() ?? 'accepted';
    const known = paidOut.has(conversationId);
    if (!known && happens(manner)) {
      paidOut.set(conversationId, disbursement);
      results.push({
        token: resultToken,
        claim: aResult({ amountCents, transactionId: undefined }),
      });
    }
    if (manner.startsWith('cut-')) return never;
    if (manner !== 'accepted') return replyTo(manner);
    return known
      ? { kind: 'duplicate' }
      : { kind: 'accepted', mpesaConversationId: `AG_${paidOut.size}` };
  };
  const mpesa: LivingMpesa = {
    ...{ prompts, paidOut, results, ringNext: [], payNext: [], answers: true, ring, payOut },
    askAboutPush: async (id) => {
      const prompt = prompts.find(({ checkoutRequestId }) => checkoutRequestId === id);
      if (!mpesa.answers || prompt === undefined) return { kind: 'no-answer', why: 'silence' };
      if (prompt.truth === 'ringing') return { kind: 'in-flight' };
      return prompt.truth === 'paid' ? { kind: 'paid' } : { kind: 'failed', code: '1032' };
    },
    askAboutPayout: async ({ conversationId, resultToken }) => {
      if (!mpesa.answers) return { kind: 'not-asked', why: 'silence' };
      const known = paidOut.has(conversationId);
      const claim = known ? aStatus({ receipt: undefined }) : aStatus({ answered: false });
      results.push({ token: resultToken, claim });
      return { kind: 'asked' };
    },
    readCallback: (_kind, body) => JSON.parse(Buffer.from(body).toString()) as Claim,
    health: () => ({ environment: 'simulator', state: 'ok', detail: '' }),
  };
  return mpesa;
}

/** What M-Pesa says about a prompt on its path; undefined while nobody has typed anything. */
export function trueCallback(prompt: Prompt): Message | undefined {
  if (prompt.truth === 'ringing') return undefined;
  const { callbackToken: token, checkoutRequestId, merchantRequestId, phone, amountCents } = prompt;
  const names = { checkoutRequestId, merchantRequestId };
  const paid = { code: '0', receipt: `R${checkoutRequestId}`, amountCents, phone };
  return {
    token,
    claim: aPushClaim({ ...names, ...(prompt.truth === 'paid' ? paid : { code: '1032' }) }),
  };
}

/** What somebody says who can read the path but has nothing to pay with. */
export function forgedCallback(prompt: Prompt, code: string): Message {
  const { callbackToken: token, checkoutRequestId, merchantRequestId, amountCents } = prompt;
  return { token, claim: aPushClaim({ checkoutRequestId, merchantRequestId, amountCents, code }) };
}
