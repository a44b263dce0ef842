/**
 * Measures, and compares with the bars that the project has set itself:
 * `scripts/bench NAME [--quick] [--json] [--only PART] [--peers all] [--report] [--series FILE]`. Without a NAME it lists them.
 * Exits with 0 only when every bar that could be judged holds.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sections as advice } from '../bench/advice.ts';
import { sections as ingest } from '../bench/ingest.ts';
import { tidyUpWhateverHappens, undoAtTheEnd } from '../bench/leaving.ts';
import { type Machine, machineHere } from '../bench/machine.ts';
import { sections as market } from '../bench/market.ts';
import { sections as meters } from '../bench/meters.ts';
import { sections as pages } from '../bench/pages.ts';
import { writeReport } from '../bench/report.ts';
import type { Section, SectionOptions, SectionResult } from '../bench/results.ts';
import { sections as settlement } from '../bench/settlement.ts';
import { sections as simulate } from '../bench/simulate.ts';
import { sections as tokens } from '../bench/tokens.ts';

const benches: Readonly<
  Record<string, { readonly about: string; readonly sections: Readonly<Record<string, Section>> }>
> = {
  ingest: {
    about: 'readings from the wire to the disk, beside brokers and databases that do less',
    sections: ingest,
  },
  tokens: {
    about: 'transfers of eKWh on the local ledger, beside a bare LiteSVM',
    sections: tokens,
  },
  settlement: {
    about:
      'payments from the push to the wallet through an M-Pesa on a bad day, beside the same without durability',
    sections: settlement,
  },
  advice: {
    about:
      'what keeping and selling by forecast is worth, beside rules of thumb and perfect foresight; --series FILE for other light',
    sections: advice,
  },
  market: {
    about:
      'clearing a round, beside a naive one; a whole slot on the disk; ways to clear side by side',
    sections: market,
  },
  meters: {
    about:
      'virtual meters with the core of the device: how many at 1 Hz, signed, one hub answers in time',
    sections: meters,
  },
  pages: {
    about: 'events on their way to 200 open pages while 1,000 readings a second arrive',
    sections: pages,
  },
  simulate: {
    about:
      'a neighbourhood’s week through the live steps: time, memory, cost per household and day',
    sections: simulate,
  },
};

/** Of a quick look, which ends within 45 s on two cores: a second round is left out when it has not begun by then. */
const quickMs = 31_000;

const say = (text: string): void => console.error(text);
const top = new URL('../', import.meta.url).pathname;

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      peers: { type: 'string', default: 'usual' },
      report: { type: 'boolean', default: false },
      series: { type: 'string' },
    },
  });
  if (positionals.length > 1) throw new Error('one NAME at most');
  const { peers, report, quick } = values;
  if (report && quick)
    throw new Error('--report needs figures that can be quoted: leave --quick away');
  if (peers !== 'needed' && peers !== 'usual' && peers !== 'all')
    throw new Error('--peers is needed, usual or all');
  return { ...values, peers: peers as SectionOptions['peers'], name: positionals[0] };
}

/** On the disk of the checkout: a folder of the system may be no disk at all. */
function ownFolder(): Disposable & { readonly path: string } {
  const parent = join(top, 'node_modules/.cache/bench');
  mkdirSync(parent, { recursive: true });
  const path = mkdtempSync(join(parent, 'run-'));
  const removing = undoAtTheEnd(() => rmSync(path, { recursive: true, force: true }));
  return { path, [Symbol.dispose]: () => removing[Symbol.dispose]() };
}

type Options = ReturnType<typeof readArguments>;

async function measure(sections: Readonly<Record<string, Section>>, options: Options) {
  const { quick, peers, series } = options;
  const known = Object.keys(sections);
  const wanted = options.only ?? known;
  for (const part of wanted)
    if (!known.includes(part)) throw new Error(`--only is one of ${known.join(', ')}`);
  const results = new Map<string, SectionResult>();
  using folder = ownFolder();
  const machine = machineHere(folder.path);
  const isLate = () => quick && performance.now() > quickMs;
  for (const part of wanted) {
    const section = sections[part];
    if (section === undefined) continue;
    say(`-- ${part}`);
    const own = join(folder.path, part);
    mkdirSync(own);
    const began = performance.now();
    const result = await section({ quick, peers, folder: own, say, isLate, series });
    say(`   ${part} took ${((performance.now() - began) / 1000).toFixed(1)} s`);
    rmSync(own, { recursive: true, force: true });
    results.set(part, result);
    for (const why of result.absent ?? []) say(`   absent: ${why}`);
  }
  return { machine, results };
}

function documentOf(
  name: string,
  quick: boolean,
  machine: Machine,
  results: Map<string, SectionResult>,
) {
  const all = [...results.values()];
  return {
    ...{ name, machine },
    ...(quick ? { quick: 'a quick look: short rounds, few of them' } : {}),
    figures: Object.assign({}, ...all.map(({ figures }) => figures)) as Record<string, number>,
    bars: all.flatMap(({ bars }) => bars),
    absent: all.flatMap(({ absent }) => absent ?? []),
    refused: all
      .flatMap(({ lines }) => lines ?? [])
      .flatMap(({ scenario, competitor, refused }) =>
        refused === undefined ? [] : [`${scenario}: ${competitor}: ${refused}`],
      ),
  };
}

async function main(): Promise<number> {
  const options = readArguments();
  if (options.name === undefined) {
    for (const [known, { about }] of Object.entries(benches)) console.log(`${known}  ${about}`);
    return 0;
  }
  return run(options.name, options);
}

async function run(name: string, options: Options): Promise<number> {
  const bench = benches[name];
  if (bench === undefined) throw new Error(`no bench has the name ${name}`);
  const { quick } = options;
  if (quick) say('quick: short rounds, few of them; for figures to be quoted leave --quick away');
  const { machine, results } = await measure(bench.sections, options);
  const document = documentOf(name, quick, machine, results);
  for (const { name: bar, value, unit, bar: wanted, ok } of document.bars)
    say(`${ok ? '✔' : '✘'}  ${bar}: ${value} ${unit} (bar ${wanted})`);
  if (options.report)
    for (const file of writeReport(top, document, results)) say(`written: ${file}`);
  if (options.json) console.log(JSON.stringify(document, null, 2));
  return document.bars.every(({ ok }) => ok) ? 0 : 1;
}

tidyUpWhateverHappens();
try {
  process.exitCode = await main();
} catch (problem) {
  say(`scripts/bench: ${problem instanceof Error ? problem.message : problem}`);
  process.exitCode = 2;
}
