/** Reads the results that M-Pesa, or somebody who knows the path, posts later: payouts, statuses, reversals, balances. */
import type { Claim } from '../../ports/mobile-money.ts';
import {
  amountIn,
  balanceIn,
  chargeIn,
  type Fields,
  fieldsIn,
  listedIn,
  statusIn,
} from './callback-fields.ts';
import { meaningOf } from './problems.ts';
import { codeText, idText } from './wire.ts';

/** Transaction Status names about fifteen. */
const parametersMost = 32;
const balanceTextMost = 2_048;
const accountsMost = 16;

type Reader = (result: Fields, listed: Fields) => Claim;

/** Undefined when there is no result in it. */
export function readResult(root: Fields, read: Reader): Claim | undefined {
  const result = fieldsIn(root.get('Result'));
  if (result.size === 0) return undefined;
  const parameters = fieldsIn(result.get('ResultParameters')).get('ResultParameter');
  return read(result, listedIn(parameters, 'Key', 'Value', parametersMost));
}

/** ResultType 1 says that more messages follow (Daraja, B2C). */
const isFinal = (result: Fields): boolean => codeText(result.get('ResultType')) !== '1';
const codeIn = (result: Fields): string | undefined => codeText(result.get('ResultCode'));

export function payoutClaim(result: Fields, listed: Fields): Claim {
  const code = codeIn(result);
  const [verdict, words] = (code !== undefined && meaningOf(code).payout) || unknown;
  return {
    kind: 'disbursement',
    final: isFinal(result),
    code,
    verdict,
    words,
    conversationId: idText(result.get('OriginatorConversationID')),
    mpesaConversationId: idText(result.get('ConversationID')),
    transactionId: idText(result.get('TransactionID')),
    amountCents: amountIn(listed.get('TransactionAmount')),
    chargeCents: chargeIn(listed.get('DebitPartyCharges')),
  };
}

const unknown = ['unknown', 'A code that the hub does not know.'] as const;

/** The outer code tells only whether the question worked; what became of the payment is `status`. */
export function statusClaim(result: Fields, listed: Fields): Claim {
  const code = codeIn(result);
  return {
    kind: 'status',
    answered: code === '0' && isFinal(result),
    code,
    status: statusIn(listed.get('TransactionStatus')),
    receipt: idText(listed.get('ReceiptNo')),
    amountCents: amountIn(listed.get('Amount')),
    chargeCents: chargeIn(listed.get('DebitPartyCharges')),
  };
}

export function reversalClaim(result: Fields, listed: Fields): Claim {
  const code = codeIn(result);
  const meaning = code === undefined ? undefined : meaningOf(code).reversal;
  return {
    kind: 'reversal',
    final: isFinal(result),
    code,
    reversed: meaning?.[0] === 'reversed',
    transactionId: idText(result.get('TransactionID')),
    amountCents: amountIn(listed.get('Amount')),
  };
}

export function balanceClaim(result: Fields, listed: Fields): Claim {
  const code = codeIn(result);
  const accounts = accountsIn(listed.get('AccountBalance'));
  return {
    kind: 'balance',
    answered: code === '0' && isFinal(result),
    code,
    utilityCents: accounts.get('utilityaccount'),
    chargesPaidCents: accounts.get('chargespaidaccount'),
    workingCents: accounts.get('workingaccount'),
  };
}

/**
 * Cents by account of text such as `Utility Account|KES|228037.00|228037.00|0.00|0.00&Charges Paid
 * Account|KES|-1540.00|…`: the first sum is the balance. An account that is named twice has none.
 */
function accountsIn(value: unknown): ReadonlyMap<string, number | undefined> {
  const accounts = new Map<string, number | undefined>();
  if (typeof value !== 'string' || value.length > balanceTextMost) return accounts;
  for (const account of value.split('&', accountsMost)) {
    const [name = '', currency, sum = ''] = account.split('|');
    const key = name.replace(/\s+/g, '').toLowerCase();
    const balance = currency?.trim() === 'KES' ? balanceIn(sum.trim()) : undefined;
    accounts.set(key, accounts.has(key) ? undefined : balance);
  }
  return accounts;
}
