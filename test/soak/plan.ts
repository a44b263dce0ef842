/** What befalls the neighbourhood, and when: drawn from a seed, so that a bad week can be lived again. */
import { hourMs, minuteMs } from '../../gateway/core/slot.ts';
import { seededRandom } from '../../gateway/simulators/daraja/random.ts';

export const disasterKinds = [
  'power-cut',
  'hub-killed',
  'internet-lost',
  'mpesa-outage',
  'chain-frozen',
  'chain-killed',
  'tunnel-moved',
  'clock-jump',
  'card-full',
  'upgrade',
] as const;
export type DisasterKind = (typeof disasterKinds)[number];

export type Disaster = {
  readonly kind: DisasterKind;
  /** Neighbourhood ms since the beginning. */
  readonly atMs: number;
  readonly lengthMs: number;
  /** Only of a clock that jumps: how far it is wrong. */
  readonly offMs: number;
};

export type SoakPlan = {
  readonly lengthMs: number;
  readonly disasters: readonly Disaster[];
};

const weekMs = 7 * 24 * hourMs;
const weeksPerYear = 365 / 7;
/** Interruptions per customer and year, July 2022 to June 2023 (Kenya Power, SAIFI). */
const powerCutsPerWeek = 44.9 / weeksPerYear;
/** The published figures (SAIDI over SAIFI, and CAIDI) do not fit each other; each cut takes one of both means. */
const powerCutMeanHours = [2.6, 4.9] as const;
/** An assumption: nobody publishes it for villages. */
const [internetLossesPerWeek, internetLossMeanHours] = [60 / weeksPerYear, 6];
/** A week in which nothing happens proves nothing. */
const leastPerWeek = 2;
const spread = 0.8;
/** The demo begins at 09:00. */
const beginsAtMs = 9 * hourMs;

type Dice = {
  between(least: number, most: number): number;
  /** Log-normal about the mean. */
  length(meanHours: number): number;
  /** How often something happens in a week, given its mean. */
  times(mean: number): number;
};

function diceOf(seed: number): Dice {
  const random = seededRandom(seed);
  const bell = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return {
    between: (least, most) => least + random() * (most - least),
    length: (meanHours) => meanHours * hourMs * Math.exp(spread * bell() - spread ** 2 / 2),
    times: (mean) => {
      // Knuth's way to a Poisson number.
      let [times, product] = [0, random()];
      for (; product > Math.exp(-mean); times++) product *= random();
      return Math.max(times, leastPerWeek);
    },
  };
}

/** Weeks of disasters; M-Pesa is away for 8 to 48 hours. */
export function weeksPlan(seed: number, weeks: number): SoakPlan {
  const dice = diceOf(seed);
  const disasters: Disaster[] = [];
  for (let week = 0; week < weeks; week++) {
    const from = week * weekMs;
    const add = (kind: DisasterKind, atMs: number, lengthMs: number, offMs = 0) =>
      disasters.push({ kind, atMs: from + atMs, lengthMs, offMs });
    const anyTime = () => dice.between(hourMs, weekMs - 6 * hourMs);
    for (let n = dice.times(powerCutsPerWeek); n > 0; n--)
      add('power-cut', anyTime(), dice.length(powerCutMeanHours[n % 2] ?? 0));
    for (let n = dice.times(internetLossesPerWeek); n > 0; n--)
      add('internet-lost', anyTime(), dice.length(internetLossMeanHours));
    add('mpesa-outage', dice.between(10, 40) * hourMs, dice.between(8, 20) * hourMs);
    add('mpesa-outage', dice.between(70, 100) * hourMs, dice.between(24, 48) * hourMs);
    add('chain-frozen', anyTime(), dice.between(1, 8) * hourMs);
    add('chain-killed', anyTime(), dice.between(1, 24) * hourMs);
    for (let n = 0; n < 3; n++) add('tunnel-moved', anyTime(), 0);
    for (let n = 0; n < 4; n++) add('hub-killed', anyTime(), 0);
    for (const day of [1, 4]) add('clock-jump', noonOf(day, dice), ...jump(dice, day));
    add('card-full', dice.between(3, 6) * 24 * hourMs, dice.between(1, 4) * hourMs);
    add('upgrade', dice.between(2, 5) * 24 * hourMs, 0);
  }
  return { lengthMs: weeks * weekMs, disasters: inOrder(disasters) };
}

/** Between 10:00 and 12:00: a hub that believes in another hour must not ring at night without knowing. */
const noonOf = (day: number, dice: Dice): number =>
  day * 24 * hourMs - beginsAtMs + dice.between(10, 12) * hourMs;

/** One jump back and one ahead, of up to three hours, put right after an hour or two. */
const jump = (dice: Dice, day: number): [number, number] => {
  const offMs = dice.between(10, 180) * minuteMs;
  return [dice.between(1, 2) * hourMs, day % 2 === 0 ? offMs : -offMs];
};

/** One of each from morning to evening, and short ones: for a quick look. */
export function quickPlan(seed: number): SoakPlan {
  const dice = diceOf(seed);
  const lengthMs = 8 * hourMs;
  const kinds: readonly DisasterKind[] = [
    ...(['mpesa-outage', 'hub-killed', 'tunnel-moved', 'clock-jump', 'chain-frozen'] as const),
    ...(['power-cut', 'internet-lost', 'card-full', 'upgrade', 'chain-killed'] as const),
  ];
  const step = (lengthMs - hourMs) / kinds.length;
  const disasters = kinds.map((kind, index) => ({
    ...{ kind, atMs: hourMs / 2 + index * step + dice.between(0, step / 2) },
    ...{ lengthMs: dice.between(40, 80) * minuteMs, offMs: kind === 'clock-jump' ? -hourMs : 0 },
  }));
  return { lengthMs, disasters: inOrder(disasters) };
}

const inOrder = (disasters: readonly Disaster[]): Disaster[] =>
  [...disasters].sort((a, b) => a.atMs - b.atMs);

/** A few hours in which the hub is killed again and again: for a hub that is broken on purpose. */
export function controlPlan(): SoakPlan {
  const kinds = ['hub-killed', 'power-cut', 'hub-killed'] as const;
  const disasters = kinds.map((kind, index) => ({
    ...{ kind, atMs: (1.5 + 1.5 * index) * hourMs, lengthMs: hourMs / 2, offMs: 0 },
  }));
  return { lengthMs: 5.5 * hourMs, disasters };
}
