/**
 * Double entry, in cents and in Wh. A posting moves an amount from one account to another, so the sum of
 * all accounts is 0 by construction; the key makes posting it twice impossible.
 */
import type { HouseholdId, PayoutId, TopupId, TradeId } from './ids.ts';
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

export const startPayout = (payout: PayoutId, household: HouseholdId, amount: Cents): Posting[] =>
  money(`payout:${payout}:start`, `earnings:${household}`, 'out-in-flight', amount);

/** M-Pesa has paid the seller; its fee is the hub's expense. */
export const finishPayout = (payout: PayoutId, amount: Cents, fee: Cents): Posting[] => [
  ...money(`payout:${payout}:done`, 'out-in-flight', 'mpesa-utility', amount),
  ...money(`payout:${payout}:fee`, 'mpesa-charges', 'mpesa-charges-paid', fee),
];

export const returnPayout = (payout: PayoutId, household: HouseholdId, amount: Cents): Posting[] =>
  money(`payout:${payout}:failed`, 'out-in-flight', `earnings:${household}`, amount);

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

export const expireEnergy = (cause: string, household: HouseholdId, amount: WattHours): Posting[] =>
  energy(`${cause}:${household}:expire`, `energy:${household}`, 'expired', amount);

export const billNeed = (cause: string, household: HouseholdId, amount: WattHours): Posting[] =>
  energy(`${cause}:${household}:bill`, `need:${household}`, `billed:${household}`, amount);
