/** An M-Pesa that answers what the test scripts. Callback bodies are claims in JSON. */
import type {
  Claim,
  Disbursement,
  DisbursementAnswer,
  ListQuestion,
  MobileMoney,
  MoneyHealth,
  PaymentList,
  Push,
  PushAnswer,
  PushOutcome,
  ResultPaths,
  ReversalAnswer,
  ReversalRequest,
  StatusAnswer,
  StatusQuestion,
} from '../../gateway/ports/mobile-money.ts';

/** Answers in order; when they run out, the usual one. */
type Script = {
  readonly ring: PushAnswer[];
  readonly push: PushOutcome[];
  readonly payOut: DisbursementAnswer[];
  readonly status: StatusAnswer[];
  readonly receipt: StatusAnswer[];
  readonly reverse: ReversalAnswer[];
  readonly balance: StatusAnswer[];
  readonly list: PaymentList[];
};

export type FakeMoney = MobileMoney & {
  readonly says: Script;
  readonly rung: Push[];
  readonly asked: string[];
  readonly paidOut: Disbursement[];
  readonly questions: StatusQuestion[];
  readonly receiptQuestions: (ResultPaths & { readonly receipt: string })[];
  readonly reversals: ReversalRequest[];
  readonly balanceQuestions: ResultPaths[];
  readonly listed: ListQuestion[];
  state: MoneyHealth['state'];
  /** Called with every push before it is answered: the phone rings while the hub still waits. */
  whileRinging: (push: Push) => void | Promise<void>;
  whilePayingOut: (disbursement: Disbursement) => void | Promise<void>;
};

/** Usually pushes and payouts are accepted, and nobody has typed the PIN yet. */
export function fakeMoney(): FakeMoney {
  const says: Script = {
    ...{ ring: [], push: [], payOut: [], status: [] },
    ...{ receipt: [], reverse: [], balance: [], list: [] },
  };
  const money: FakeMoney = {
    says,
    rung: [],
    asked: [],
    paidOut: [],
    questions: [],
    receiptQuestions: [],
    reversals: [],
    balanceQuestions: [],
    listed: [],
    state: 'ok',
    whileRinging: () => {},
    whilePayingOut: () => {},
    getReady: async () => {},
    ring: async (push) => {
      const number = money.rung.push(push);
      await money.whileRinging(push);
      const [checkoutRequestId, merchantRequestId] = [`ws_CO_${number}`, `merchant-${number}`];
      return says.ring.shift() ?? { kind: 'accepted', checkoutRequestId, merchantRequestId };
    },
    askAboutPush: async (id) => {
      money.asked.push(id);
      return says.push.shift() ?? { kind: 'in-flight' };
    },
    payOut: async (disbursement) => {
      const number = money.paidOut.push(disbursement);
      await money.whilePayingOut(disbursement);
      return says.payOut.shift() ?? { kind: 'accepted', mpesaConversationId: `AG_${number}` };
    },
    askAboutPayout: async (question) => {
      money.questions.push(question);
      return says.status.shift() ?? { kind: 'asked' };
    },
    askAboutReceipt: async (question) => {
      money.receiptQuestions.push(question);
      return says.receipt.shift() ?? { kind: 'asked' };
    },
    reverse: async (reversal) => {
      const number = money.reversals.push(reversal);
      return says.reverse.shift() ?? { kind: 'accepted', mpesaConversationId: `AG_R${number}` };
    },
    askBalance: async (paths) => {
      money.balanceQuestions.push(paths);
      return says.balance.shift() ?? { kind: 'asked' };
    },
    listPayments: async (question) => {
      money.listed.push(question);
      return says.list.shift() ?? { kind: 'listed', payments: [], next: undefined };
    },
    registerForLists: async () => ({ kind: 'registered' }),
    registerConfirmations: async () => ({ kind: 'registered' }),
    readCallback: (_kind, body) => JSON.parse(Buffer.from(body).toString()) as Claim,
    health: () => ({ environment: 'simulator', state: money.state, detail: '' }),
  };
  return money;
}

/** M-Pesa says for certain that a push was not paid. */
export const notPaid = (code: string): PushOutcome => ({
  kind: 'failed',
  code,
  words: `code ${code}`,
  isOurs: false,
});

type ClaimOf<Kind extends Claim['kind']> = Extract<Claim, { kind: Kind }>;

export const aPushClaim = (differs: Partial<ClaimOf<'push'>> = {}): ClaimOf<'push'> => ({
  kind: 'push',
  checkoutRequestId: 'ws_CO_1',
  merchantRequestId: 'merchant-1',
  code: '0',
  amountCents: 3_000,
  receipt: undefined,
  phone: undefined,
  ...differs,
});

export const aResult = (
  differs: Partial<ClaimOf<'disbursement'>> = {},
): ClaimOf<'disbursement'> => ({
  kind: 'disbursement',
  final: true,
  code: '0',
  verdict: 'done',
  words: 'Paid out.',
  conversationId: undefined,
  mpesaConversationId: undefined,
  transactionId: 'SG1',
  amountCents: undefined,
  chargeCents: undefined,
  ...differs,
});

export const aStatus = (differs: Partial<ClaimOf<'status'>> = {}): ClaimOf<'status'> => ({
  kind: 'status',
  answered: true,
  code: '0',
  status: 'completed',
  receipt: 'SG1',
  amountCents: undefined,
  chargeCents: undefined,
  ...differs,
});
