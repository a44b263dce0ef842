/** Decimals of the API (kWh, KES) and the whole units that the hub counts in, with no float error between them. */

/**
 * The whole number of units that a decimal names: `wholeUnits(2.5, 1000)` is 2500 Wh.
 * Undefined when the decimal names a fraction of a unit. A quotient of two whole numbers is rounded exactly
 * as JSON.parse rounds the same decimal, so comparing the two loses and invents nothing.
 */
export function wholeUnits(decimal: number, unitsPerOne: number): number | undefined {
  const units = Math.round(decimal * unitsPerOne);
  return units / unitsPerOne === decimal ? units : undefined;
}

/** Writes whole units as a decimal with at least one digit after the point: 2500 Wh is `2.5`, 1200 cents `12.0`. */
export function decimalText(units: number, unitsPerOne: 100 | 1000): string {
  const digits = String(unitsPerOne).length - 1;
  const fraction = String(units % unitsPerOne).padStart(digits, '0');
  return `${Math.trunc(units / unitsPerOne)}.${fraction.replace(/0+$/, '') || '0'}`;
}

/** Writes cents as people read money: 3000 cents is `KES 30.00`. */
export const shillings = (amountCents: number): string =>
  `KES ${Math.trunc(amountCents / 100)}.${String(amountCents % 100).padStart(2, '0')}`;
