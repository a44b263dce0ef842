/** The quantities that the whole gateway speaks in. Integers only; a mix-up does not compile. */
declare const unit: unique symbol;
type Quantity<Unit extends string> = number & { readonly [unit]: Unit };

/** Cents of a Kenyan shilling. */
export type Cents = Quantity<'cents'>;
/** Watt-hours; one base unit of the eKWh token is one of these. */
export type WattHours = Quantity<'Wh'>;
/** What meters count in: a thousandth of a watt-hour. */
export type MilliWattHours = Quantity<'mWh'>;
/** A price: cents for one kWh (1000 Wh). */
export type CentsPerKwh = Quantity<'cents/kWh'>;
/** Milliseconds since 1970 of the neighbourhood's clock, which a demo may run faster than the machine's. */
export type EpochMs = Quantity<'ms'>;
/** Number of a 15-minute slot of UTC: floor(unix seconds / 900). */
export type SlotNumber = Quantity<'slot'>;

export const cents = (value: number): Cents => whole(value, 'cents') as Cents;
export const wattHours = (value: number): WattHours => whole(value, 'Wh') as WattHours;
export const milliWattHours = (value: number): MilliWattHours =>
  whole(value, 'mWh') as MilliWattHours;
export const centsPerKwh = (value: number): CentsPerKwh => whole(value, 'cents/kWh') as CentsPerKwh;
export const epochMs = (value: number): EpochMs => whole(value, 'ms') as EpochMs;
export const slotNumber = (value: number): SlotNumber => whole(value, 'slot') as SlotNumber;

export const centsPerShilling = 100;
export const whPerKwh = 1000;

/** The sum of money amounts, in cents. */
export const sumCents = (amounts: readonly Cents[]): Cents =>
  cents(amounts.reduce((sum, amount) => sum + amount, 0));

/** Whole Wh that a register shows; what is below a Wh waits for the next reading, so none is lost. */
export const wholeWattHours = (register: MilliWattHours): WattHours =>
  wattHours(Math.floor(register / 1000));

function whole(value: number, name: string): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`expected a whole, non-negative number of ${name}, got ${value}`);
}
