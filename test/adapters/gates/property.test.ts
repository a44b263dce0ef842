import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aGatedHub, aProposal, holding, passing, register, willing } from './given-gates.ts';

const property = suite('whatever gates and strangers say');

const proposedWh = 5_000;
const lotWh = 1_000;
const names = ['a', 'b', 'c', 'stranger'] as const;

const said = fc.record({
  gate: fc.constantFrom(...names),
  decision: fc.constantFrom('approve', 'veto', 'shrink', 'grow'),
  energyWh: fc.integer({ min: -1_500, max: 7_000 }),
});
type Said = { gate: string; decision: string; energyWh: number };
const gates = fc.subarray(['a', 'b', 'c'] as const).chain((chosen) =>
  fc.record({
    chosen: fc.constant(chosen),
    holds: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  }),
);

/** What one word leaves; undefined when it is no valid word. */
function leftBy({ decision, energyWh }: Said): number | undefined {
  if (decision === 'approve') return proposedWh;
  if (decision === 'veto') return 0;
  const isValid = decision === 'shrink' && energyWh >= 0 && energyWh <= proposedWh;
  return isValid ? energyWh : undefined;
}

/** The outcome by the rules of the domain, told in another way than the gateway tells it. */
function oracle(asked: ReadonlyMap<string, boolean>, words: readonly Said[]): number {
  const valid = words.filter((word) => asked.has(word.gate) && leftBy(word) !== undefined);
  const left = [...asked].map(([gate, holds]) => {
    const first = valid.find((word) => word.gate === gate);
    return (first && leftBy(first)) ?? (holds ? 0 : proposedWh);
  });
  const least = Math.min(proposedWh, ...left);
  return Math.floor(least / lotWh) * lotWh;
}

property('the outcome is what the rules say, and never more than was proposed', async () => {
  await fc.assert(
    fc.asyncProperty(gates, fc.array(said, { maxLength: 8 }), async (registered, words) => {
      using gated = aGatedHub({ deadlineMs: 2 });
      const asked = new Map(
        registered.chosen.map((name, at) => [name as string, registered.holds[at] ?? true]),
      );
      register(
        gated,
        ...[...asked].map(([name, holds]) => (holds ? holding(name) : willing(name))),
      );
      const outcome = await passing(gated, aProposal(gated, { energyWh: proposedWh }), (decide) => {
        for (const { gate, decision, energyWh } of words)
          decide(decision === 'shrink' ? { decision, energyWh, gate } : { decision, gate });
      });
      assert.is(outcome[0], oracle(asked, words));
    }),
    { numRuns: 60 },
  );
});

property.run();
