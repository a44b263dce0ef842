/** Who pays what in the bench of settlement, and what goes wrong with it; both processes know it by heart. */
import { paymentCode } from '../gateway/core/household.ts';
import type { HouseholdId } from '../gateway/core/ids.ts';
import type { Msisdn } from '../gateway/core/phone.ts';
import { type Cents, cents } from '../gateway/core/units.ts';

/** Neighbourhood ms per machine ms: the first question about a silent push comes at its floor in machine time. */
export const speed = 10;
/** A Tuesday morning in Nairobi. */
export const originMs = Date.parse('2026-11-24T06:00:00Z');

/** Of 100 payments in a row: what the world does to each. */
export type Mishap = 'callback-lost' | 'callback-doubled' | 'ack-dropped' | 'forged' | 'none';
const mishaps: readonly Mishap[] = [
  ...Array<Mishap>(5).fill('callback-lost'),
  ...Array<Mishap>(5).fill('callback-doubled'),
  ...Array<Mishap>(2).fill('ack-dropped'),
  'forged',
];
/** Far apart, so that no two rounds differ much. */
const stride = 37;

/** `number` counts from 0. */
export const mishapOf = (number: number): Mishap => mishaps[(number * stride) % 100] ?? 'none';

/** Every second payment that somebody lies about is never paid. */
export const isPaid = (number: number): boolean =>
  mishapOf(number) !== 'forged' || Math.floor(number / 100) % 2 === 0;

export const householdOf = (number: number): HouseholdId => `household-${number}` as HouseholdId;
/** Ends in 00, so that nothing but the plan says how its owner behaves. */
export const phoneOf = (number: number): Msisdn =>
  `2547${String(number).padStart(6, '0')}00` as Msisdn;
export const numberOf = (phone: string): number => Number(phone.slice(4, 10));
export const codeOf = (number: number): string => paymentCode(number + 1);
export const amountOf = (number: number): Cents => cents(100 * (10 + (number % 90)));
