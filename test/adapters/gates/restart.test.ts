import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { passGates } from '../../../gateway/steps/pass-gates.ts';
import { aGatedHub, aProposal, holding, passing, register, willing } from './given-gates.ts';

const shrink = (gate: string, energyWh: number) => ({ v: 1, decision: 'shrink', energyWh, gate });

const restart = suite('when the hub starts again inside the window');

/** The first hub is left as the power left it: nothing closes its window. */
async function startAgain(
  answer: Record<string, unknown> | undefined,
  ...gates: Parameters<typeof register>[1][]
): Promise<[number | undefined, string | undefined]> {
  const folder = mkdtempSync(join(tmpdir(), 'jirani-gates-'));
  const file = join(folder, 'books.db');
  try {
    const first = aGatedHub({ file, deadlineMs: 60_000 });
    register(first, ...gates);
    const made = aProposal(first);
    Promise.resolve(passGates(first.hub, made)).catch(() => {});
    await nextTurn();
    if (answer !== undefined) first.say(`proposals/${made.proposal}/decision`, answer);
    first.hub.books[Symbol.dispose]();
    using second = aGatedHub({ file, settled: true, deadlineMs: 60_000 });
    const outcome = await passing(second, made);
    // Only now the clock of the dead hub's window stops; nothing of it reaches the books.
    first.hub.gates[Symbol.dispose]();
    return outcome;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

restart('nobody is asked twice: silence counts', async () => {
  assert.equal(await startAgain(undefined, holding('a')), [0, 'lapsed']);
  assert.equal(await startAgain(undefined, willing('a')), [5_000, 'passed']);
});

restart('what was said before the power went counts', async () => {
  const gates = [willing('a'), willing('b')];
  assert.equal(await startAgain(shrink('a', 1_000), ...gates), [1_000, 'passed']);
});

restart('the hub knows its gates before the flows are back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jirani-gates-'));
  try {
    const file = join(folder, 'books.db');
    {
      using first = aGatedHub({ file });
      register(first, holding('clinic'));
    }
    using second = aGatedHub({ file, settled: true });
    assert.equal(await passing(second, aProposal(second)), [0, 'lapsed']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

restart('asked twice in one life, both hear the same', async () => {
  using gated = aGatedHub({ deadlineMs: 60_000 });
  register(gated, holding('a'));
  const made = aProposal(gated);
  const both = [passGates(gated.hub, made), passGates(gated.hub, made)];
  await nextTurn();
  gated.say(`proposals/${made.proposal}/decision`, shrink('a', 2_000));
  await Promise.all(both);
  assert.is(gated.hub.books.rounds.proposalsOf(made.slot)[0]?.passedWh, 2_000);
  assert.is(gated.announced.filter(({ topic }) => topic.endsWith('/open')).length, 1);
});

restart.run();
