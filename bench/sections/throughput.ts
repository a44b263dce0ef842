/** Readings per second: the hub beside brokers that store nothing, a database without a broker, and the usual way. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  bareAedes,
  bareNode,
  type Competitor,
  type Figures,
  mosquittoAccepts,
  ours,
  pipeline,
  type Round,
  rawSqlite,
} from '../competitors.ts';
import type { Scenario } from '../load.ts';
import { nodeRed } from '../peers/node-red.ts';
import {
  atLeast,
  atMost,
  type Bar,
  type Section,
  type SectionOptions,
  type TableLine,
} from '../results.ts';
import { spreadOf } from '../spread.ts';

const bestMosquitto = mosquittoAccepts('best');
const pipelines = [pipeline('batched', 'best'), pipeline('autocommit', 'best')];
const rawBetter = rawSqlite('better-sqlite3');

type Field = { readonly scenario: Scenario; readonly competitors: readonly Competitor[] };
const crowd: Scenario = { meters: 500, window: 5 };
const busy: Scenario = { meters: 50, window: 20 };
const patient: Scenario = { meters: 50, window: 1 };
const town: Scenario = { meters: 2000, window: 5 };
const nameOf = ({ meters, window }: Scenario): string => `${meters} meters, ${window} in flight`;

function fieldsFor(peers: SectionOptions['peers']): Field[] {
  if (peers === 'needed')
    return [
      { scenario: crowd, competitors: [bestMosquitto, ours, bareNode, rawBetter, pipelines[0]] },
      { scenario: busy, competitors: [bestMosquitto, ours] },
      { scenario: patient, competitors: [bestMosquitto, ours] },
    ].map(({ scenario, competitors }) => ({
      scenario,
      competitors: competitors.filter((one) => one !== undefined),
    }));
  const brokers = [bestMosquitto, ours, bareNode, mosquittoAccepts('default'), bareAedes];
  const slow = [pipeline('batched', 'default'), pipeline('autocommit', 'default')];
  const databases = [rawBetter, rawSqlite('node:sqlite')];
  const all = [...brokers, ...databases, ...pipelines, ...slow];
  return [
    { scenario: crowd, competitors: peers === 'all' ? [...all, nodeRed] : all },
    { scenario: busy, competitors: brokers },
    { scenario: patient, competitors: brokers },
    { scenario: town, competitors: brokers },
  ];
}

type Standing = { readonly scenario: Scenario; readonly rounds: Map<Competitor, Round[]> };

/** A, B, C, A, B, C ...: what disturbs the machine for a while disturbs everybody. */
export const throughput: Section = async (options) => {
  const { quick, peers, isLate } = options;
  const absent = new Set<string>();
  const fields = fieldsFor(quick && peers === 'usual' ? 'needed' : peers);
  const standings = fields.map(
    ({ scenario, competitors }): Standing => ({
      scenario,
      rounds: new Map(competitors.map((one) => [one, []])),
    }),
  );
  for (let round = 1; round <= (quick ? 2 : 5); round++) {
    if (round > 1 && isLate()) {
      absent.add(`round ${round}: no time was left`);
      break;
    }
    for (const standing of standings) await playAll(standing, options, absent);
  }
  const lines = standings.flatMap(({ scenario, rounds }) =>
    [...rounds].map(([competitor, played]) => lineOf(scenario, competitor, played)),
  );
  return { figures: figuresOf(lines), bars: barsOf(lines), lines, absent: [...absent] };
};

/** One round of everybody who is still there. */
async function playAll(
  { scenario, rounds }: Standing,
  options: SectionOptions,
  absent: Set<string>,
): Promise<void> {
  for (const [competitor, played] of rounds) {
    const result = await playRound(competitor, scenario, options);
    if ('absent' in result) {
      absent.add(`${competitor.name}: ${result.absent}`);
      rounds.delete(competitor);
      continue;
    }
    played.push(result);
    const round = `${nameOf(scenario)}, round ${played.length}`;
    options.say(`${round}: ${competitor.name} ${inShort(result)}`);
  }
}

async function playRound(
  competitor: Competitor,
  scenario: Scenario,
  { quick, folder }: SectionOptions,
): Promise<Round | { readonly absent: string }> {
  const own = join(folder, 'round');
  mkdirSync(own);
  try {
    const seconds = quick ? 0.4 : 2;
    const warmUpSeconds = quick ? 0.4 : 1;
    return await competitor.play({ ...scenario, seconds, warmUpSeconds, folder: own });
  } catch (problem) {
    // A neighbour may be missing; we may not.
    if (competitor === ours) throw problem;
    return { absent: problem instanceof Error ? problem.message : String(problem) };
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

const inShort = ({ figures, refused }: Round): string =>
  refused ?? `${Math.round(figures.rowsPerSecond ?? figures.ackedPerSecond ?? 0)}/s`;

function lineOf(
  scenario: Scenario,
  { name, puback }: Competitor,
  rounds: readonly Round[],
): TableLine {
  const refused = rounds.find((round) => round.refused !== undefined)?.refused;
  const names = new Set(rounds.flatMap(({ figures }) => Object.keys(figures) as (keyof Figures)[]));
  const figures: Partial<Record<keyof Figures, ReturnType<typeof spreadOf>>> = {};
  for (const name of names) {
    // One round without a right to its rate takes it from all.
    if (refused !== undefined && name.endsWith('PerSecond')) continue;
    figures[name] = spreadOf(rounds.flatMap((round) => round.figures[name] ?? []));
  }
  return {
    ...{ scenario: nameOf(scenario), competitor: name, puback, figures },
    ...(refused === undefined ? {} : { refused }),
  };
}

function figuresOf(lines: readonly TableLine[]): Record<string, number> {
  const told = lines.flatMap(({ scenario, competitor, figures }) =>
    Object.entries(figures).flatMap(([figure, { median, least, most }]) => [
      [`${scenario}: ${competitor}: ${figure}`, median] as const,
      [`${scenario}: ${competitor}: ${figure} least`, least] as const,
      [`${scenario}: ${competitor}: ${figure} most`, most] as const,
    ]),
  );
  return Object.fromEntries(told);
}

function barsOf(lines: readonly TableLine[]): Bar[] {
  const rate = (scenario: Scenario, { name }: Competitor): number | undefined => {
    const line = lines.find((one) => one.scenario === nameOf(scenario) && one.competitor === name);
    const { rowsPerSecond, ackedPerSecond } = line?.figures ?? {};
    return (rowsPerSecond ?? ackedPerSecond)?.median;
  };
  const most = (...rates: (number | undefined)[]) =>
    rates.reduce((a, b) => (a === undefined || (b !== undefined && b > a) ? b : a), undefined);
  const timesOurs = (scenario: Scenario, name: string, other: number | undefined, bar: number) => {
    const own = rate(scenario, ours);
    if (own === undefined || other === undefined) return [];
    return [atLeast(name, own / other, 'times', bar)];
  };
  const usual = most(...pipelines.map((one) => rate(crowd, one)));
  const [node, sqlite] = [rate(crowd, bareNode), rate(crowd, rawBetter)];
  const limit = node === undefined || sqlite === undefined ? undefined : Math.min(node, sqlite);
  const mosquitto = (scenario: Scenario) => rate(scenario, bestMosquitto);
  const beside = (scenario: Scenario) =>
    `${nameOf(scenario)}: stored, beside Mosquitto storing nothing`;
  const own = lines.filter(({ competitor }) => competitor === ours.name);
  const missing = own.map(({ figures }) => figures.ackedButMissing?.most ?? 0);
  const refused = own.filter((line) => line.refused !== undefined).length;
  return [
    atMost('acknowledged, and not on the disk', Math.max(...missing), 'readings', 0),
    atMost('rates refused because rows and PUBACKs differ', refused, 'scenarios', 0),
    ...timesOurs(crowd, beside(crowd), mosquitto(crowd), 1.5),
    ...timesOurs(
      crowd,
      `${nameOf(crowd)}: beside the best of Mosquitto, mqtt.js and SQLite`,
      usual,
      4,
    ),
    ...timesOurs(
      crowd,
      `${nameOf(crowd)}: part of the lower of Node alone and SQLite alone`,
      limit,
      0.7,
    ),
    ...timesOurs(busy, beside(busy), mosquitto(busy), 2.2),
    ...timesOurs(patient, beside(patient), mosquitto(patient), 0.6),
  ];
}
