// uncounted: it starts whole programs, again and again
// needs: flows
// timeout: 240s
import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { alive, besideNodeRed, onAlert, tab, until } from './given-node-red.ts';

const faults = suite('when a flow goes wrong');

/**
 * How long each thread of this process was ready to run while the kernel let others run, in ms since its start (Linux,
 * Documentation/scheduler/sched-stats, second field); what other programs of this machine do is not the hub's.
 */
const delays = (): Map<string, number> =>
  new Map(readdirSync('/proc/self/task').map((thread) => [thread, delayOf(thread)] as const));

function delayOf(thread: string): number {
  try {
    return Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    // It has just ended.
    return 0;
  }
}

/** How long the main thread was held back, and the one helper that it may have waited for; the collector has some. */
function heldBackMs(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): number {
  const main = String(process.pid);
  const grown = [...now].map(([thread, ms]) => [thread, ms - (before.get(thread) ?? ms)] as const);
  const helpers = grown.filter(([thread]) => thread !== main).map(([, ms]) => ms);
  return (new Map(grown).get(main) ?? 0) + Math.max(0, ...helpers);
}

/**
 * How far the payment tick stalls: how long its thread worked without a pause, how late a tick came in all, and how
 * late by what happens in the hub itself, such as work or a call that blocks.
 */
function payingMeanwhile(pay: () => void) {
  let [worstCpuMs, worstLateMs, worstOwnMs, overdue, ticks] = [0, 0, 0, 0, 0];
  const look = () => ({ cpu: process.threadCpuUsage(), at: performance.now(), held: delays() });
  let before = look();
  const timer = setInterval(() => {
    const now = look();
    const { user, system } = process.threadCpuUsage(before.cpu);
    const lateMs = now.at - before.at - tickEveryMs;
    worstCpuMs = Math.max(worstCpuMs, (user + system) / 1000);
    worstLateMs = Math.max(worstLateMs, lateMs);
    const ownMs = lateMs - heldBackMs(before.held, now.held);
    worstOwnMs = Math.max(worstOwnMs, ownMs);
    overdue += ownMs < tickMostMs ? 0 : 1;
    pay();
    ticks += 1;
    before = now;
  }, tickEveryMs);
  return {
    worst: () => ({ worstCpuMs, worstLateMs, worstOwnMs, overdue, ticks }),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

const tickEveryMs = 10;
const tickMostMs = 20;
const gapMostMs = 100;

const wrong: Readonly<Record<string, string>> = {
  'loops for ever after an await': 'await new Promise((r) => setTimeout(r, 1)); while (true) {}',
  'eats all memory':
    'await new Promise((r) => setTimeout(r, 1)); const a = []; while (true) a.push(new Array(1e6).fill(a.length));',
  'leaves a rejection unhandled': 'Promise.reject(new Error("nobody listens")); return null;',
  'ends the process by an escape': 'Buffer.constructor("return process")().exit(3);',
};

for (const [what, code] of Object.entries(wrong))
  faults(`a function that ${what} costs the flows a restart, and the hub nothing`, async () => {
    await using beside = await besideNodeRed(tab(...onAlert(code)));
    await alive(beside);
    const { books, clock } = beside.hub;
    using paying = payingMeanwhile(() => books.settings.change('lotWh', 1_000, clock.now()));
    const startedAt = performance.now();
    beside.announcer.announce('alerts/now', { v: 1 });
    await until('it is noticed', () => beside.nodeRed.health().state === 'away');
    await alive(beside, 2);
    const backMs = Math.round(performance.now() - startedAt);
    const { worstCpuMs, worstLateMs, worstOwnMs, overdue, ticks } = paying.worst();
    console.log(
      `   back after ${backMs} ms; in ${ticks} ticks: worked at most ${worstCpuMs.toFixed(1)} ms, late by the hub at most ${worstOwnMs.toFixed(1)} ms, with all else of this machine ${worstLateMs.toFixed(1)} ms`,
    );
    assert.ok(worstCpuMs < tickMostMs, `${worstCpuMs} ms of work`);
    // One may be late by an interrupt, which the kernel counts as nobody's.
    assert.ok(overdue <= 1 && worstOwnMs < gapMostMs, `${overdue} ticks, ${worstOwnMs} ms late`);
  });

faults('Node-RED runs after the hub where processors are short', async () => {
  await using beside = await besideNodeRed([]);
  await alive(beside);
  const stat = readFileSync(`/proc/${beside.nodeRed.pid()}/stat`, 'utf8');
  // proc(5): the 19th field; the program's name stands before the bracket.
  assert.is(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16], '10');
});

faults('a function that loops before any await is stopped after two seconds', async () => {
  const code = 'while (true) {}';
  await using beside = await besideNodeRed(
    tab(
      ...onAlert(code),
      { id: 'c', type: 'catch', scope: null, wires: [['say']] },
      {
        ...{ id: 'say', type: 'function', func: 'return { payload: "stopped", household: "x" };' },
        ...{ outputs: 1, timeout: 1, libs: [], wires: [['card']] },
      },
      { id: 'card', type: 'jirani-card', card: 'what' },
    ),
    { patience: { askEveryMs: 2_000 } },
  );
  await alive(beside);
  beside.announcer.announce('alerts/now', { v: 1 });
  await until('it is stopped', () => beside.heard.some(({ text }) => text.includes('stopped')));
  assert.is(beside.nodeRed.starts(), 1);
});

faults('after three crashes it starts with stopped flows, and says so', async () => {
  const again = 'setTimeout(() => Buffer.constructor("return process")().exit(3), 50);';
  await using beside = await besideNodeRed(
    tab(
      {
        id: 'once',
        type: 'inject',
        once: true,
        onceDelay: 0.1,
        repeat: '',
        props: [],
        wires: [['fn']],
      },
      { id: 'fn', type: 'function', func: again, outputs: 1, timeout: 1, libs: [] },
    ),
  );
  await until('safe mode', () => beside.nodeRed.health().state === 'safe-mode');
  assert.is(beside.nodeRed.starts(), 4);
  assert.match(beside.nodeRed.health().detail, 'deployed');
});

faults.run();
