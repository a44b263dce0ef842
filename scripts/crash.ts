/**
 * Ends what runs in the middle of its work, again and again, and judges what is left:
 * `scripts/crash NAME [--rounds N] [--cuts N] [--seed N] [--json]`. Without a NAME it lists them. Exits with 0
 * only when every bar holds.
 */
import { parseArgs } from 'node:util';
import { fuzzTheFront } from './crash-fuzz.ts';
import { crashIngest } from './crash-ingest.ts';
import { crashMoney } from './crash-money.ts';
import { type Crash, cutThePower } from './crash-power-cut.ts';
import { crashSigkill } from './crash-sigkill.ts';
import { machineHere } from './machine-here.ts';

type Wish = Parameters<Crash>[0] & { readonly cuts: number };
type Known = { readonly about: string; readonly run: (wish: Wish) => ReturnType<Crash> };

const crashes: Readonly<Record<string, Known>> = {
  'power-cut': {
    about: 'SIGKILL at every boundary of every step, and N rounds of 2 or 3 at random moments',
    run: cutThePower,
  },
  money: {
    about:
      'SIGKILL at each of the 14 moments at which money is between two places, on N bad days each',
    run: crashMoney,
  },
  sigkill: {
    about:
      'N SIGKILLs at random moments of a neighbourhood under load: what was promised, and how soon it is back',
    run: crashSigkill,
  },
  ingest: {
    about: 'N kills of a hub that takes readings, --cuts power cuts, and a disk that fails',
    run: crashIngest,
  },
  fuzz: {
    about: 'N damaged MQTT streams',
    run: fuzzTheFront,
  },
};

const say = (text: string): void => console.error(text);

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '20' },
      cuts: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  });
  if (positionals.length > 1) throw new Error('one NAME at most');
  return {
    name: positionals[0],
    rounds: wholeNumber('rounds', values.rounds),
    cuts: wholeNumber('cuts', values.cuts),
    seed: wholeNumber('seed', values.seed),
    json: values.json,
  };
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new Error(`--${name} is a whole number of at most 7 digits`);
}

async function main(): Promise<number> {
  const { name, json, ...wish } = readArguments();
  if (name === undefined) {
    for (const [known, { about }] of Object.entries(crashes)) console.log(`${known}  ${about}`);
    return 0;
  }
  const crash = crashes[name];
  if (crash === undefined) throw new Error(`no crash has the name ${name}`);
  const { figures, bars } = await crash.run({ ...wish, say });
  for (const { name: bar, value, unit, bar: wanted, ok } of bars)
    say(`${ok ? '✔' : '✘'}  ${bar}: ${value} ${unit} (bar ${wanted})`);
  const document = { name, machine: machineHere(), figures, bars };
  if (json) console.log(JSON.stringify(document, null, 2));
  return bars.every(({ ok }) => ok) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (problem) {
  say(`scripts/crash: ${problem instanceof Error ? problem.message : problem}`);
  process.exitCode = 2;
}
