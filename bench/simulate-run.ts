/** One simulation in a process of its own, so that its time and memory are its alone. Prints one line of JSON. */
import { createHash } from 'node:crypto';
import { roundRules } from '../gateway/core/market/round-rule.ts';
import { simulate } from '../gateway/simulation/simulate.ts';

const [households = 100, days = 7] = process.argv.slice(2).map(Number);
const rule = roundRules['posted'];
if (rule === undefined) throw new Error('there is no posted rule');
const usual = {
  ...{ seed: 1, rule, lotWh: 1000, windowDays: 30 },
  ...{ panels: true, batteries: false, outageHours: 2.6 },
};
// What the program itself takes to get going is the same for every size, and no household's.
await simulate({ ...usual, households: 60, days: 3 });
const [began, before] = [performance.now(), process.cpuUsage()];
const measured = await simulate({ ...usual, households, days });
const { user, system } = process.cpuUsage(before);
console.log(
  JSON.stringify({
    wallSeconds: (performance.now() - began) / 1000,
    cpuSeconds: (user + system) / 1e6,
    rssMb: process.resourceUsage().maxRSS / 1024,
    trades: measured.kpis.trades,
    wrong: Object.values(measured.checks).filter((value) => value !== 0).length,
    sha256: createHash('sha256').update(JSON.stringify(measured)).digest('hex'),
  }),
);
