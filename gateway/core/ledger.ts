/**
 * Double entry, in cents and in Wh. A posting moves an amount from one account to another, so the sum of
 * all accounts is 0 by construction; the key makes posting it twice impossible.
 *
 * A reservation is money that has left its owner's account and has not arrived: `trade-held` for a trade,
 * `out-in-flight` for a payout or a reversal. Its first posting reserves (pending), its last either moves
 * the money on (post) or brings it back where it came from (void); the key of each exists once.
 */
import type { Gift } from './gift.ts';
import type { HouseholdId, TopupId, TradeId } from './ids.ts';
import type { Payout } from './payout.ts';
import type { Reversal } from './reversal.ts';
import type { Trade } from './trade.ts';
import type { Cents, SlotNumber, WattHours } from './units.ts';

export type MoneyAccount =
  | 'mpesa-utility'
  | 'mpesa-charges'
  | 'mpesa-charges-paid'
  | 'out-in-flight'
  | 'hub-fee'
  | 'suspense'
  | `wallet:${HouseholdId}`
  | `earnings:${HouseholdId}`
  | `trade-held:${TradeId}`;

export type EnergyAccount =
  | 'exported'
  | 'imported'
  | 'expired'
  | 'arrived'
  | `energy:${HouseholdId}`
  | `need:${HouseholdId}`
  | `bought:${HouseholdId}`
  | `used:${HouseholdId}`
  | `covered:${HouseholdId}`
  | `billed:${HouseholdId}`
  | `left:${HouseholdId}`
  | `reserved:${TradeId}`;

export type Posting =
  | {
      readonly key: string;
      readonly unit: 'cents';
      readonly from: MoneyAccount;
      readonly to: MoneyAccount;
      readonly amount: Cents;
    }
  | {
      readonly key: string;
      readonly unit: 'Wh';
      readonly from: EnergyAccount;
      readonly to: EnergyAccount;
      readonly amount: WattHours;
    };

const money = (key: string, from: MoneyAccount, to: MoneyAccount, amount: Cents): Posting[] =>
  amount === 0 ? [] : [{ key, unit: 'cents', from, to, amount }];
const energy = (
  key: string,
  from: EnergyAccount,
  to: EnergyAccount,
  amount: WattHours,
): Posting[] => (amount === 0 ? [] : [{ key, unit: 'Wh', from, to, amount }]);

/** M-Pesa confirmed a push: first of all it is its household's money. */
export const creditTopup = (topup: TopupId, household: HouseholdId, amount: Cents): Posting[] =>
  money(`topup:${topup}`, 'mpesa-utility', `wallet:${household}`, amount);

/** Money sent to the paybill by hand, with a household's code as account number. */
export const creditPaybill = (receipt: string, household: HouseholdId, amount: Cents): Posting[] =>
  money(`paybill:${receipt}`, 'mpesa-utility', `wallet:${household}`, amount);

/** Money that nobody can be found for yet. */
export const suspendPayment = (receipt: string, amount: Cents): Posting[] =>
  money(`suspense:${receipt}`, 'mpesa-utility', 'suspense', amount);

/** A person found out whose it is. */
export const assignPayment = (receipt: string, household: HouseholdId, amount: Cents): Posting[] =>
  money(`suspense:${receipt}:assign`, 'suspense', `wallet:${household}`, amount);

/** The buyer's wallet pays; the money waits with the trade until the tokens are final. */
export const payFromWallet = (trade: Trade): Posting[] =>
  money(
    `trade:${trade.id}:pay`,
    `wallet:${trade.buyer}`,
    `trade-held:${trade.id}`,
    trade.amountCents,
  );

/** The tokens are final: the seller has earned, the buyer has bought. */
export const releaseTrade = (trade: Trade): Posting[] => [
  ...money(
    `trade:${trade.id}:release`,
    `trade-held:${trade.id}`,
    `earnings:${trade.seller}`,
    trade.amountCents,
  ),
  ...energy(
    `trade:${trade.id}:deliver`,
    `reserved:${trade.id}`,
    `bought:${trade.buyer}`,
    trade.energyWh,
  ),
];

/** The token leg is proved impossible: money and energy go back where they came from. */
export const undoTrade = (trade: Trade): Posting[] => [
  ...money(
    `trade:${trade.id}:undo`,
    `trade-held:${trade.id}`,
    `wallet:${trade.buyer}`,
    trade.amountCents,
  ),
  ...energy(
    `trade:${trade.id}:unreserve`,
    `reserved:${trade.id}`,
    `energy:${trade.seller}`,
    trade.energyWh,
  ),
];

export const reserveEnergy = (trade: Trade): Posting[] =>
  energy(
    `trade:${trade.id}:reserve`,
    `energy:${trade.seller}`,
    `reserved:${trade.id}`,
    trade.energyWh,
  );

export const unreserveEnergy = (trade: Trade): Posting[] =>
  energy(
    `trade:${trade.id}:unreserve`,
    `reserved:${trade.id}`,
    `energy:${trade.seller}`,
    trade.energyWh,
  );

/** Sets a payout's money aside, from what it is paid out of. */
export const startPayout = (payout: PaidOut): Posting[] =>
  money(`payout:${payout.id}:start`, sourceOf(payout), 'out-in-flight', payout.amountCents);

/**
 * M-Pesa has paid the household; its fee is the hub's expense. Where it paid another amount than was set aside, the
 * rest goes back to what it came out of, or what is missing is taken from there.
 */
export function finishPayout(payout: PaidOut, fee: Cents, paid = payout.amountCents): Posting[] {
  const { id, amountCents } = payout;
  const [less, more] = [Math.max(0, amountCents - paid), Math.max(0, paid - amountCents)];
  const done = Math.min(amountCents, paid) as Cents;
  return [
    ...money(`payout:${id}:done`, 'out-in-flight', 'mpesa-utility', done),
    ...money(`payout:${id}:rest`, 'out-in-flight', sourceOf(payout), less as Cents),
    ...money(`payout:${id}:more`, sourceOf(payout), 'mpesa-utility', more as Cents),
    ...money(`payout:${id}:fee`, 'mpesa-charges', 'mpesa-charges-paid', fee),
  ];
}

/** It is certain that nothing was paid: the money goes back where it came from. */
export const returnPayout = (payout: PaidOut): Posting[] =>
  money(`payout:${payout.id}:failed`, 'out-in-flight', sourceOf(payout), payout.amountCents);

type PaidOut = Pick<Payout, 'id' | 'household' | 'kind' | 'amountCents'>;
const sourceOf = ({ kind, household }: PaidOut): MoneyAccount =>
  kind === 'batch' ? `earnings:${household}` : `wallet:${household}`;

/** Sets aside what shall go back to the phone that paid it. */
export const startReversal = (reversal: GivenBack): Posting[] =>
  money(`reversal:${reversal.id}:start`, homeOf(reversal), 'out-in-flight', reversal.amountCents);

export const finishReversal = ({ id, amountCents }: GivenBack): Posting[] =>
  money(`reversal:${id}:done`, 'out-in-flight', 'mpesa-utility', amountCents);

export const returnReversal = (reversal: GivenBack): Posting[] =>
  money(`reversal:${reversal.id}:failed`, 'out-in-flight', homeOf(reversal), reversal.amountCents);

type GivenBack = Pick<Reversal, 'id' | 'household' | 'amountCents'>;
const homeOf = ({ household }: GivenBack): MoneyAccount =>
  household === undefined ? 'suspense' : `wallet:${household}`;

/** What the meters of a household counted in a slot, already netted. */
export const meterEnergy = (
  slot: SlotNumber,
  household: HouseholdId,
  exportedWh: WattHours,
  importedWh: WattHours,
): Posting[] => [
  ...energy(`slot:${slot}:${household}:export`, 'exported', `energy:${household}`, exportedWh),
  ...energy(`slot:${slot}:${household}:import`, 'imported', `need:${household}`, importedWh),
];

export type Cover = { readonly boughtWh: WattHours; readonly ownWh: WattHours };

/** `cause` names the moment, such as `slot:123` or `trade:01J…`; a household covers once per cause. */
export const coverNeed = (cause: string, household: HouseholdId, cover: Cover): Posting[] => {
  const key = `${cause}:${household}`;
  const coveredWh = (cover.boughtWh + cover.ownWh) as WattHours;
  return [
    ...energy(`${key}:use-bought`, `bought:${household}`, `used:${household}`, cover.boughtWh),
    ...energy(`${key}:use-own`, `energy:${household}`, `used:${household}`, cover.ownWh),
    ...energy(`${key}:cover`, `need:${household}`, `covered:${household}`, coveredWh),
  ];
};

/** Part of what was kept in vain goes to the community, because the wires had to carry it. */
export const payForKeeping = (
  cause: string,
  household: HouseholdId,
  beneficiary: HouseholdId,
  amount: WattHours,
): Posting[] =>
  energy(`${cause}:keep-cost`, `energy:${household}`, `bought:${beneficiary}`, amount);

/** The owner moved tokens off: they are no longer energy of the household. `soFarWh`: what left before. */
export const leaveWallet = (household: HouseholdId, taken: Cover, soFarWh: number): Posting[] => {
  const key = `left:${household}:${soFarWh}`;
  return [
    ...energy(`${key}:bought`, `bought:${household}`, `left:${household}`, taken.boughtWh),
    ...energy(`${key}:own`, `energy:${household}`, `left:${household}`, taken.ownWh),
  ];
};

/** Tokens came in from outside: energy that once left a neighbour. `soFarWh`: what came in before. */
export const arriveInWallet = (
  household: HouseholdId,
  arrivedWh: WattHours,
  soFarWh: number,
): Posting[] =>
  energy(`arrived:${household}:${soFarWh}`, 'arrived', `bought:${household}`, arrivedWh);

/** A gift. It belongs to whom it was given at once; its tokens follow. */
export const giveEnergy = ({ id, from, to, energyWh }: Gift): Posting[] =>
  energy(`gift:${id}`, `energy:${from}`, `bought:${to}`, energyWh);

export const expireEnergy = (cause: string, household: HouseholdId, amount: WattHours): Posting[] =>
  energy(`${cause}:${household}:expire`, `energy:${household}`, 'expired', amount);

export const billNeed = (cause: string, household: HouseholdId, amount: WattHours): Posting[] =>
  energy(`${cause}:${household}:bill`, `need:${household}`, `billed:${household}`, amount);
