/** How long neighbourhoods of several sizes take to live through a week, each in a process of its own. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { atMost, type Bar, type Section } from '../results.ts';

const run = promisify(execFile);
const program = new URL('../simulate-run.ts', import.meta.url).pathname;

const sizesFully = [100, 300, 1_000];
const sizesQuickly = [50, 100];
const barSeconds = 60;
const barMb = 1_024;
/** Cost per household and day from the smallest to the largest, at most so many times the least. */
const spreadMost = 1.2;

type Ran = {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
  readonly trades: number;
  readonly wrong: number;
  readonly sha256: string;
};

async function ran(households: number, days: number): Promise<Ran> {
  const { stdout } = await run(process.execPath, [program, String(households), String(days)]);
  return JSON.parse(stdout) as Ran;
}

export const simulation: Section = async ({ quick, say }) => {
  const [sizes, days] = quick ? [sizesQuickly, 2] : [sizesFully, 7];
  const figures: Record<string, number> = {};
  const costs: number[] = [];
  let last: Ran | undefined;
  let wrong = 0;
  for (const households of sizes) {
    const one = await ran(households, days);
    const cost = (1000 * one.cpuSeconds) / (households * days);
    say(
      `${households} households, ${days} days: ${one.wallSeconds.toFixed(1)} s, ${one.rssMb.toFixed(0)} MB, ${cost.toFixed(2)} ms of CPU per household and day, ${one.trades} trades`,
    );
    figures[`${households} households: seconds`] = one.wallSeconds;
    figures[`${households} households: CPU seconds`] = one.cpuSeconds;
    figures[`${households} households: MB at most`] = one.rssMb;
    figures[`${households} households: CPU ms per household and day`] = cost;
    figures[`${households} households: trades`] = one.trades;
    costs.push(cost);
    wrong += one.wrong;
    last = one;
  }
  const smallest = sizes[0] ?? 100;
  const twice = [await ran(smallest, 1), await ran(smallest, 1)];
  const differ = twice[0]?.sha256 === twice[1]?.sha256 ? 0 : 1;
  const spread = Math.max(...costs) / Math.min(...costs);
  figures['dearest against cheapest household and day'] = spread;
  const bars: Bar[] = [
    atMost('sums that do not hold', wrong, 'sums', 0),
    atMost('two runs of one seed that differ', differ, 'runs', 0),
  ];
  if (!quick && last !== undefined)
    bars.push(
      atMost('1000 households, 7 days', last.wallSeconds, 's', barSeconds),
      atMost('memory', last.rssMb, 'MB', barMb),
      atMost('dearest against cheapest household and day', spread, 'times', spreadMost),
    );
  return { figures, bars };
};
