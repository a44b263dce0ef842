/** What a bench hands over: figures, bars, and lines of a table. */
import type { Figures } from './competitors.ts';
import type { Spread } from './spread.ts';

export type Bar = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly bar: number;
  readonly ok: boolean;
};

/** `value` has to be at least `bar`. */
export const atLeast = (name: string, value: number, unit: string, bar: number): Bar => ({
  ...{ name, value: rounded(value), unit, bar, ok: value >= bar },
});
export const atMost = (name: string, value: number, unit: string, bar: number): Bar => ({
  ...{ name, value: rounded(value), unit, bar, ok: value <= bar },
});

/** Four digits say enough. */
export const rounded = (value: number): number => Number(value.toPrecision(4));

export type TableLine = {
  readonly scenario: string;
  readonly competitor: string;
  readonly puback: string;
  readonly figures: Readonly<Partial<Record<keyof Figures, Spread>>>;
  /** Why there is no rate. */
  readonly refused?: string;
};

export type SectionResult = {
  /** By name, with the unit in the name. */
  readonly figures: Readonly<Record<string, number>>;
  readonly bars: readonly Bar[];
  readonly lines?: readonly TableLine[];
  /** What could not be measured here, and why. */
  readonly absent?: readonly string[];
};

export type SectionOptions = {
  readonly quick: boolean;
  readonly peers: 'needed' | 'usual' | 'all';
  /** On the disk that is measured; empty. */
  readonly folder: string;
  readonly say: (text: string) => void;
  /** Whether what can be left out has to be left out now. */
  readonly isLate: () => boolean;
  /** A file of measured light instead of the shipped one. */
  readonly series?: string | undefined;
};
export type Section = (options: SectionOptions) => Promise<SectionResult>;
