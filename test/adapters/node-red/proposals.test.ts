// uncounted: it starts whole programs, again and again
// needs: flows
// timeout: 240s
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ProposalId } from '../../../gateway/core/ids.ts';
import { narrowed } from '../../../gateway/core/proposal.ts';
import { centsPerKwh, wattHours } from '../../../gateway/core/units.ts';
import { aRound } from '../../support/given.ts';
import { corner } from '../../support/neighbourhood.ts';
import {
  alive,
  type BesideNodeRed,
  besideNodeRed,
  type FlowEntry,
  tab,
  until,
} from './given-node-red.ts';

const asking = suite('proposals through a real Node-RED');

const lotWh = wattHours(1_000);
const proposals = 300;

/** A gate whose rule is a function of the proposal's energy and the gate's own number. */
const gate = (n: number, rule: string, onSilence = 'hold'): FlowEntry[] => [
  { id: `in${n}`, type: 'jirani-proposal', gate: `gate-${n}`, onSilence, wires: [[`fn${n}`]] },
  {
    id: `fn${n}`,
    type: 'function',
    func: rule,
    outputs: 1,
    timeout: 1,
    libs: [],
    wires: [[`out${n}`]],
  },
  { id: `out${n}`, type: 'jirani-decision' },
];

/** The same rules here and in the flows; `lots` is what is proposed, in lots. */
const rules = [
  { n: 1, says: (lots: number) => (lots % 7 === 0 ? 0 : lots) },
  { n: 2, says: (lots: number) => (lots % 3 === 0 ? lots - 1 : lots) },
  { n: 3, says: (lots: number) => (lots % 5 === 0 ? 2 : lots) },
];
const code = [
  'msg.payload = (msg.proposal.energyWh / 1000) % 7 === 0 ? "veto" : "approve"; return msg;',
  'const l = msg.proposal.energyWh / 1000; msg.payload = l % 3 === 0 ? { keepWh: 1000 } : true; return msg;',
  'const l = msg.proposal.energyWh / 1000; msg.payload = l % 5 === 0 ? 2500 : "approve"; return msg;',
];

/** What the gates leave, in lots; the smallest holds. */
const left = (lots: number): number =>
  Math.min(...rules.map(({ says }) => Math.min(lots, says(lots))));

/** A household has one proposal in a round, so each question is one of a round of its own. */
async function ask({ hub, gates }: BesideNodeRed, id: string, lots: number) {
  const { rounds } = hub.books;
  const before = rounds.open();
  const nothing = { rate: centsPerKwh(1_500), offeredLots: 0, askedLots: 0, matchedLots: 0 };
  if (before !== undefined) rounds.clear(before, nothing, [], hub.clock.now());
  const slot = aRound(hub, { [corner]: 9_000 });
  const proposal = id as ProposalId;
  const energyWh = wattHours(lots * lotWh);
  const asked = { slot, household: corner, energyWh };
  rounds.saveProposal({ id: proposal, ...asked, passedWh: undefined, state: 'none' });
  const startedAt = performance.now();
  const decisions = await gates.decide({ proposal, ...asked, lotWh, rate: nothing.rate });
  return { ms: performance.now() - startedAt, passedWh: narrowed(energyWh, decisions, lotWh) };
}

const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

asking(`${proposals} of them come out as the gates say, and hardly later`, async () => {
  const flows = tab(...rules.flatMap(({ n }, at) => gate(n, code[at] ?? '')));
  await using beside = await besideNodeRed(flows);
  await alive(beside);
  await until('the gates', () => beside.gates.registered().length === rules.length);
  const times: number[] = [];
  for (let n = 0; n < proposals; n++) {
    const lots = 1 + ((n * 37) % 40);
    const { ms, passedWh } = await ask(beside, `p${n}`, lots);
    assert.is(passedWh, Math.max(0, left(lots)) * lotWh, `${lots} lots`);
    times.push(ms);
  }
  times.sort((one, other) => one - other);
  const { taken, ...others } = beside.gates.counts();
  console.log(
    `   p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms, most ${times.at(-1)?.toFixed(1)} ms; taken ${taken}, late ${others.late}`,
  );
  assert.equal([others.garbage, others.growing, others.foreign, others.double], [0, 0, 0, 0]);
});

asking('a flow that says nothing, is frozen, or is dead: silence counts, never later', async () => {
  const deadlineMs = 500;
  const mute =
    'if (msg.proposal.energyWh === 1000) return null; msg.payload = "approve"; return msg;';
  await using beside = await besideNodeRed(tab(...gate(1, mute, 'proceed'), ...gate(2, mute)), {
    deadlineMs,
    patience: { askEveryMs: 60_000 },
  });
  await alive(beside);
  await until('the gates', () => beside.gates.registered().length === 2);
  const outcomes: string[] = [];
  const tries = async (what: string, lots: number) => {
    const { ms, passedWh } = await ask(beside, what, lots);
    outcomes.push(`${what} ${passedWh} Wh at ${ms.toFixed(1)} ms`);
    return passedWh;
  };
  const pid = beside.nodeRed.pid();
  if (pid === undefined) throw new Error('Node-RED has no process');
  assert.is(await tries('answered', 2), 2_000);
  assert.is(await tries('mute', 1), 0);
  process.kill(pid, 'SIGSTOP');
  assert.is(await tries('frozen', 2), 0);
  process.kill(pid, 'SIGCONT');
  await until('its late answers', () => beside.gates.counts().late >= 1);
  process.kill(pid, 'SIGKILL');
  assert.is(await tries('dead', 2), 0);
  console.log(`   deadline ${deadlineMs} ms: ${outcomes.join(', ')}`);
});

asking.run();
