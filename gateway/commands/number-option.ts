/** Numbers on the command line; anything else is wrong usage. */
import { InvalidArgumentError } from 'commander';

/** Reads a number of that range. */
export const within = (least: number, most: number) => (text: string) => {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (number >= least && number <= most) return number;
  throw new InvalidArgumentError(`a number from ${least} to ${most} is needed`);
};

/** Reads a whole number of that range. */
export const wholeWithin = (least: number, most: number) => (text: string) => {
  const number = within(least, most)(text);
  if (Number.isInteger(number)) return number;
  throw new InvalidArgumentError('a whole number is needed');
};

/** A port of this machine; 0 takes any. */
export const port = wholeWithin(0, 65_535);
