// needs: flows
// timeout: 240s
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { alive, besideNodeRed, onAlert, tab, until } from './given-node-red.ts';

const faults = suite('when a flow goes wrong');

/** How long the payment tick's thread worked without a pause; not how long the machine let it wait. */
function payingMeanwhile(pay: () => void) {
  let [worstCpuMs, worstGapMs, ticks] = [0, 0, 0];
  let [cpu, at] = [process.threadCpuUsage(), performance.now()];
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage(cpu);
    worstCpuMs = Math.max(worstCpuMs, (user + system) / 1000);
    worstGapMs = Math.max(worstGapMs, performance.now() - at);
    pay();
    ticks += 1;
    [cpu, at] = [process.threadCpuUsage(), performance.now()];
  }, 10);
  return {
    worst: () => ({ worstCpuMs, worstGapMs, ticks }),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

const tickMostMs = 20;

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
    const { worstCpuMs, worstGapMs, ticks } = paying.worst();
    console.log(
      `   back after ${backMs} ms; the tick worked at most ${worstCpuMs.toFixed(1)} ms and waited at most ${worstGapMs.toFixed(1)} ms in ${ticks} ticks`,
    );
    assert.ok(worstCpuMs < tickMostMs, `${worstCpuMs} ms`);
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
