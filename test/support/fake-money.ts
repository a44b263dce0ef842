/** An M-Pesa that answers what the test scripts. Callback bodies are claims in JSON. */
import type {
  Claim,
  Disbursement,
  DisbursementAnswer,
  MobileMoney,
  MoneyHealth,
  Push,
  PushAnswer,
  PushOutcome,
  StatusAnswer,
  StatusQuestion,
} from '../../gateway/ports/mobile-money.ts';

/** Answers in order; when they run out, the usual one. */
type Script = {
  readonly ring: PushAnswer[];
  readonly push: PushOutcome[];
  readonly payOut: DisbursementAnswer[];
  readonly status: StatusAnswer[];
};

export type FakeMoney = MobileMoney & {
  readonly says: Script;
  readonly rung: Push[];
  readonly asked: string[];
  readonly paidOut: Disbursement[];
  readonly questions: StatusQuestion[];
  state: MoneyHealth['state'];
  /** Called with every push before it is answered: the phone rings while the hub still waits. */
  whileRinging: (push: Push) => void | Promise<void>;
  whilePayingOut: (disbursement: Disbursement) => void | Promise<void>;
};

/** Usually pushes and payouts are accepted, and nobody has typed the PIN yet. */
export function fakeMoney(): FakeMoney {
  const says: Script = { ring: [], push: [], payOut: [], status: [] };
  const money: FakeMoney = {
    says,
    rung: [],
    asked: [],
    paidOut: [],
    questions: [],
    state: 'ok',
    whileRinging: () => {},
    whilePayingOut: () => {},
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
    readCallback: (_kind, body) => JSON.parse(Buffer.from(body).toString()) as Claim,
    health: () => ({ environment: 'simulator', state: money.state, detail: '' }),
  };
  return money;
}

type ClaimOf<Kind extends Claim['kind']> = Extract<Claim, { kind: Kind }>;

export const aPushClaim = (differs: Partial<ClaimOf<'push'>> = {}): ClaimOf<'push'> => ({
  kind: 'push',
  checkoutRequestId: 'ws_CO_1',
  merchantRequestId: 'merchant-1',
  code: '0',
  amountCents: undefined,
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
