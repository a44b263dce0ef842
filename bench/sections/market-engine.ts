/** How long clearing takes: the engine alone, beside a naive one on the same round. */
import { clearRound, type Side } from '../../gateway/core/matching.ts';
import { residentsOf } from '../../gateway/simulation/residents.ts';
import { chance } from '../../gateway/simulators/neighbourhood/chance.ts';
import { clearNaively } from '../market/naive.ts';
import { atMost, type Section } from '../results.ts';

const lotsMost = 6;
const bars = [
  { households: 1_000, medianMs: 1 },
  { households: 10_000, medianMs: 10 },
];

type Lots = {
  readonly registry: string[];
  readonly sellers: Side<string>[];
  readonly buyers: Side<string>[];
};

/** Three in ten may sell, everybody else may buy, as in the neighbourhood of the simulation. */
function lotsOf(households: number): Lots {
  const everybody = residentsOf({ seed: 1, households, panels: true, batteries: false });
  const some = (number: number) => Math.floor(chance(121, number) * lotsMost);
  const side = (sells: boolean) =>
    everybody
      .filter(({ panelsW }) => panelsW > 0 === sells)
      .map(({ id, number }) => ({ name: id as string, lots: some(number) }));
  return { registry: everybody.map(({ id }) => id), sellers: side(true), buyers: side(false) };
}

function medianMs(act: () => void, times: number): number {
  const took = Array.from({ length: times }, () => {
    const began = performance.now();
    act();
    return performance.now() - began;
  });
  return took.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? 0;
}

/** Throws when the two do not share out alike: then there is nothing to compare. */
function checkSame({ registry, sellers, buyers }: Lots): void {
  const { pairs } = clearRound(registry, 7, sellers, buyers);
  const sum = new Map<string, number>();
  for (const { buyer, lots } of pairs) sum.set(buyer, (sum.get(buyer) ?? 0) + lots);
  const { bought } = clearNaively(registry, 7, sellers, buyers);
  for (const [at, name] of registry.entries())
    if ((sum.get(name) ?? 0) !== bought[at]) throw new Error(`${name} is shared out otherwise`);
}

export const engine: Section = async ({ quick, say }) => {
  const figures: Record<string, number> = {};
  const judged = [];
  for (const { households, medianMs: bar } of bars) {
    const { registry, sellers, buyers } = lotsOf(households);
    let turn = 0;
    const clear = () => void clearRound(registry, turn++, sellers, buyers);
    medianMs(clear, 50);
    const ours = medianMs(clear, quick ? 101 : 501);
    figures[`clearing ${households} households, median ms`] = ours;
    judged.push(atMost(`clearing ${households} households`, ours, 'ms', bar));
    say(`${households} households: ${ours.toFixed(3)} ms`);
  }
  const round = lotsOf(1_000);
  checkSame(round);
  const naive = medianMs(
    () => void clearNaively(round.registry, 7, round.sellers, round.buyers),
    quick ? 5 : 21,
  );
  const ours = figures['clearing 1000 households, median ms'] ?? 0;
  figures['naive clearing of 1000 households, median ms'] = naive;
  figures['naive clearing takes so many times as long'] = naive / ours;
  say(`naively ${naive.toFixed(1)} ms, ${(naive / ours).toFixed(0)} times as long`);
  return { figures, bars: judged };
};
