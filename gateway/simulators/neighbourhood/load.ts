/** What households use, minute by minute. Shapes and noise are assumptions, not measurements of Kenyan homes. */
import { bell } from './chance.ts';
import { hourOfDay } from './local-time.ts';

/** Mean kW by hour of a village of 128 households; its street lights are taken out of the hours 0 to 4. */
const homeShape = [
  4.73, 5.56, 5.83, 5.89, 5.67, 8.7, 7.2, 7.2, 7.8, 8.3, 8.4, 8.5, 9.0, 9.4, 8.6, 8.4, 8.3, 8.7,
  11.1, 14.8, 17.4, 18.6, 16.8, 11.3,
];
/** Open from 8 to 20; a fridge and a light at night. */
const shopShape = Array.from({ length: 24 }, (_, hour) => (hour >= 8 && hour < 20 ? 1 : 0.15));

const shapes = { home: share(homeShape), shop: share(shopShape) };
export type LoadShape = keyof typeof shapes;

const halfHourMs = 1_800_000;
const noise = 0.45;
const leastFactor = 0.05;

export type Load = {
  readonly shape: LoadShape;
  /** Mean energy of a day, Wh. */
  readonly dailyWh: number;
  readonly seed: number;
  /** Tells households of one seed apart. */
  readonly number: number;
};

/** Power in W at that moment; it changes each half hour. */
export function loadWatts({ shape, dailyWh, seed, number }: Load, atMs: number): number {
  const factor = 1 + noise * bell(seed, 31, number, Math.floor(atMs / halfHourMs));
  const partOfDay = shapes[shape][Math.floor(hourOfDay(atMs))] ?? 0;
  return dailyWh * partOfDay * Math.max(leastFactor, factor);
}

function share(shape: readonly number[]): number[] {
  const sum = shape.reduce((all, value) => all + value, 0);
  return shape.map((value) => value / sum);
}
