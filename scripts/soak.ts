/**
 * The demo's neighbourhood as real processes, for simulated weeks in which everything fails once:
 * `scripts/soak [--weeks N] [--seed N] [--speed N] [--quick] [--json]`. At the end every promise is counted. Exits
 * with 0 only when none is broken and the hub that was broken on purpose was noticed.
 */
import { parseArgs } from 'node:util';
import type { Count } from '../test/soak/evidence.ts';
import { disasterKinds, quickPlan, weeksPlan } from '../test/soak/plan.ts';
import { type SoakOutcome, soak, soakBrokenHub } from '../test/soak/soak.ts';
import type { Bar } from './crash-power-cut.ts';
import { machineHere } from './machine-here.ts';

const say = (text: string): void => console.error(text);
const households = 12;
/** A week in seventeen minutes: faster, and what takes seconds of a socket would be hours of the neighbourhood. */
const usualSpeed = 600;
const quickSpeed = 1_200;
/** Slow enough for a payout to be made also on a busy machine. */
const controlSpeed = 600;
const [restMostMs, quickRestMostMs] = [300_000, 20_000];

type Wish = {
  readonly weeks: number;
  readonly seed: number;
  readonly speed: number;
  readonly quick: boolean;
  readonly json: boolean;
};

function readArguments(): Wish {
  const { values } = parseArgs({
    options: {
      weeks: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      speed: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const { quick, json } = values;
  const speed = values.speed ?? String(quick ? quickSpeed : usualSpeed);
  return {
    ...{ quick, json },
    weeks: wholeNumber('weeks', values.weeks, 52),
    seed: wholeNumber('seed', values.seed, 9_999_999),
    speed: wholeNumber('speed', speed, 3_600),
  };
}

function wholeNumber(name: string, text: string, most: number): number {
  if (/^\d{1,7}$/.test(text) && Number(text) <= most) return Number(text);
  throw new Error(`--${name} is a whole number of at most ${most}`);
}

/** The product's promises in few words, in its order. */
const promises = [
  'a reading that was acknowledged is never lost',
  'paid means credited, once',
  'tokens move once, and after the money is certain',
  'the books balance, in cents and in Wh',
  'it goes on without the internet, and catches up',
  'a flow can never spend',
  'advice stays within what the policy allows',
  'small money is respected',
] as const;

async function main(): Promise<number> {
  const wish = readArguments();
  const over = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => over.abort());
  const { quick, seed, weeks, speed } = wish;
  const plan = quick ? quickPlan(seed) : weeksPlan(seed, weeks);
  say(
    `${quick ? 'quick: some hours' : `${weeks} week(s)`} of seed ${seed}, ${speed} times as fast as real time`,
  );
  const outcome = await soak({
    ...{ seed, households, speed, plan, say, rough: !quick, signal: over.signal },
    restMostMs: quick ? quickRestMostMs : restMostMs,
  });
  const control = quick ? [] : await controlBars({ seed, households, speed: controlSpeed, say });
  const bars = [...promiseBars(outcome.counts), ...stormBars(outcome), ...control];
  tell(outcome, bars);
  const document = {
    ...{ name: quick ? 'soak (quick)' : 'soak', machine: machineHere() },
    figures: { ...outcome.figures, ...disasterFigures(outcome), ...countFigures(outcome.counts) },
    bars,
  };
  if (wish.json) console.log(JSON.stringify(document, null, 2));
  return bars.every(({ ok }) => ok) ? 0 : 1;
}

const promiseBars = (counts: readonly Count[]): Bar[] =>
  counts.map(({ promise, name, unit, broken }) => ({
    ...{ name: `promise ${promise}: ${name}`, value: broken, unit, bar: 0, ok: broken === 0 },
  }));

/** A week in which nothing was traded, or nothing failed, proves nothing. */
function stormBars({ played, figures, rest }: SoakOutcome): Bar[] {
  const kinds = disasterKinds.filter((kind) => (played.counts[kind] ?? 0) > 0).length;
  const closed = figures['tradesClosed'] ?? 0;
  const waits = rest.waiting.length;
  const upgraded = played.versionAfterUpgrade === undefined ? 0 : 1;
  return [
    {
      name: 'kinds of disasters',
      value: kinds,
      unit: 'kinds',
      bar: disasterKinds.length,
      ok: kinds === disasterKinds.length,
    },
    { name: 'trades closed', value: closed, unit: 'trades', bar: 1, ok: closed >= 1 },
    {
      name: 'things that still wait at the end',
      value: waits,
      unit: 'things',
      bar: 0,
      ok: waits === 0,
    },
    {
      name: 'releases that took over',
      value: upgraded,
      unit: 'releases',
      bar: 1,
      ok: upgraded === 1,
    },
  ];
}

/** What notices nothing of a hub that is broken on purpose is worth nothing. */
async function controlBars(options: Parameters<typeof soakBrokenHub>[0]): Promise<Bar[]> {
  say('the control: a hub that thanks before it has written, and pays again under another name');
  const { lostReadings, strangePayouts } = await soakBrokenHub({ ...options, say: () => {} });
  const some = (name: string, value: number, unit: string): Bar => ({
    ...{ name: `control: ${name} (must be > 0)`, value, unit, bar: 1, ok: value > 0 },
  });
  return [
    some('readings lost', lostReadings, 'readings'),
    some('payouts that no book knows', strangePayouts, 'payouts'),
  ];
}

/** Of how many each promise was kept, such as `ofPaidAndNotCredited`. */
const countFigures = (counts: readonly Count[]): Record<string, number> =>
  Object.fromEntries(counts.map(({ name, of }) => [oneWord(`of ${name}`), of]));

const disasterFigures = ({ played }: SoakOutcome): Record<string, number> =>
  Object.fromEntries(
    Object.entries(played.counts).map(([kind, times]) => [oneWord(`times ${kind}`), times]),
  );

const oneWord = (words: string): string =>
  words.replace(/[^a-z0-9]+([a-z0-9])/gi, (_all, letter: string) => letter.toUpperCase());

function tell(
  { counts, played, cardManner, endings, figures }: SoakOutcome,
  bars: readonly Bar[],
): void {
  for (const ending of endings) say(`the hub ended by itself: ${ending.trim().split('\n').at(-1)}`);
  const thrown = Object.entries(played.counts).map(([kind, times]) => `${times} ${kind}`);
  say(`\nthrown at it: ${thrown.join(', ')}`);
  say(`a full card was ${cardManner}`);
  for (const [index, words] of promises.entries()) {
    say(`\n${index + 1}. ${words}`);
    for (const count of counts.filter(({ promise }) => promise === index + 1)) sayCount(count);
  }
  say('');
  for (const { name, value, unit, bar, ok } of bars.slice(counts.length))
    say(`${ok ? '✔' : '✘'}  ${name}: ${value} ${unit} (bar ${bar})`);
  const broken = counts.reduce((sum, count) => sum + count.broken, 0);
  say(
    `${broken} broken promises after ${figures['simulatedHours']} simulated hours in ${Math.round(figures['seconds'] ?? 0)} s`,
  );
}

function sayCount({ name, unit, broken, of, examples }: Count): void {
  say(`${broken === 0 ? '✔' : '✘'}  ${name}: ${broken} of ${of} ${unit}`);
  for (const example of examples) say(`     ${example}`);
}

try {
  process.exitCode = await main();
} catch (problem) {
  say(`scripts/soak: ${problem instanceof Error ? problem.message : problem}`);
  // What was still to be thrown at a neighbourhood that is gone must not be waited for.
  process.exit(2);
}
