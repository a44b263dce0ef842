/** The power-cut test at full counts: every boundary, then rounds of several cuts at random moments. */
import { seededRandom } from '../gateway/simulators/daraja/random.ts';
import {
  type Attack,
  line,
  playAll,
  playUndisturbed,
  pushMayBeLost,
  type Undisturbed,
  type Verdict,
} from '../test/power-cut/campaign.ts';
import type { Cut } from '../test/power-cut/play.ts';
import { prepareTemplate } from '../test/power-cut/template.ts';

export type Bar = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly bar: number;
  readonly ok: boolean;
};
export type Crash = (options: {
  readonly rounds: number;
  readonly seed: number;
  readonly say: (text: string) => void;
}) => Promise<{
  readonly figures: Readonly<Record<string, number>>;
  readonly bars: readonly Bar[];
}>;

/** On two cores about four minutes for the boundaries, and two seconds for each round. */
export const cutThePower: Crash = async ({ rounds, seed, say }) => {
  using template = await prepareTemplate();
  const undisturbed = await playUndisturbed(template);
  const boundaries = undisturbed.passed;
  say(`${boundaries.length} boundaries and ${rounds} rounds of seed ${seed}`);
  const tell = (verdict: Verdict) => say(line(verdict));
  const attacks = boundaries.map((at) => ({ cuts: [{ at }] }));
  const single = await playAll(template, undisturbed, attacks, tell);
  const random = await playAll(
    template,
    undisturbed,
    randomRounds(undisturbed, rounds, seed),
    tell,
  );
  const faulty = await playAll(template, undisturbed, faults, (verdict) =>
    say(`${verdict.complaints.length > 0 ? '✔  turns' : '✘  does not turn'} red with a faulty hub`),
  );
  return {
    figures: {
      boundaries: boundaries.length,
      boundariesReached: single.filter(({ cutsStruck }) => cutsStruck === 1).length,
      ...{ rounds, seed },
      cuts: [...single, ...random].reduce((sum, { cutsStruck }) => sum + cutsStruck, 0),
      runsWithoutRinging: [...single, ...random].filter(({ neverRang }) => neverRang).length,
      undisturbedMs: undisturbed.ms,
      longestMs: Math.max(...[...single, ...random].map(({ ms }) => ms)),
    },
    bars: barsOf([...single, ...random], single, faulty),
  };
};

/** Hubs that forget, which the comparison must notice. */
const faults: readonly Attack[] = [
  { cuts: [{ at: 'after money.payOut#1' }], fault: 'pays-under-a-new-name' },
  { cuts: [{ at: 'before readings.offer#4' }], fault: 'thanks-too-early' },
];

/** Two or three cuts in each: at a random moment of the machine, or at a random boundary of that life. */
function randomRounds({ passed, ms }: Undisturbed, rounds: number, seed: number): Attack[] {
  const random = seededRandom(seed);
  const upTo = (most: number) => Math.floor(random() * most);
  // The story goes on where it was cut, so that later lives are shorter than an undisturbed one.
  const cut = (): Cut =>
    random() < 0.5 ? { afterMs: upTo(ms) } : { at: `#${1 + upTo(passed.length / 2)}` };
  return Array.from({ length: rounds }, () => ({ cuts: Array.from({ length: 2 + upTo(2) }, cut) }));
}

function barsOf(
  all: readonly Verdict[],
  single: readonly Verdict[],
  faulty: readonly Verdict[],
): Bar[] {
  const count = (isWrong: (verdict: Verdict) => boolean) => all.filter(isWrong).length;
  const none = (name: string, value: number, unit = 'runs'): Bar => ({
    ...{ name, value, unit, bar: 0, ok: value === 0 },
  });
  const lostElsewhere = single.filter(
    ({ neverRang, cuts }) => neverRang && !cuts.some((c) => 'at' in c && pushMayBeLost.has(c.at)),
  ).length;
  const noticed = faulty.filter(({ complaints }) => complaints.length > 0).length;
  const missing = all.reduce((sum, { remains }) => sum + remains.readings.missing.length, 0);
  return [
    none('runs that left anything else than the undisturbed one', count(isWrong)),
    none('runs with a trial balance other than 0 in cents or Wh', count(isOutOfBalance)),
    none(
      'runs with a second payment',
      count(({ remains }) => remains.mpesa.payments.length > 1),
    ),
    none(
      'runs with a second transfer',
      count(({ remains }) => remains.chain.transfers > 1),
    ),
    none(
      'runs with a second payout',
      count(({ remains }) => remains.mpesa.payouts.length > 1),
    ),
    none('acknowledged readings that are missing', missing, 'readings'),
    none('boundaries at which a push was lost, but the one before it', lostElsewhere, 'boundaries'),
    {
      ...{ name: 'faulty hubs that were noticed', value: noticed, unit: 'hubs' },
      ...{ bar: faults.length, ok: noticed === faults.length },
    },
  ];
}

const isWrong = ({ complaints }: Verdict): boolean => complaints.length > 0;
const isOutOfBalance = ({ remains: { books } }: Verdict): boolean =>
  books.trialBalanceCents !== 0 || books.trialBalanceWh !== 0 || books.imbalances.length > 0;
