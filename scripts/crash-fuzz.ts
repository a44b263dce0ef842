/** Damaged MQTT streams at the broker's front, as many as `--rounds` says. */
import type { Bar, Crash } from './crash-power-cut.ts';

/** On one core about a million in a few minutes. */
export const fuzzTheFront: Crash = async ({ rounds, seed, say }) => {
  const { fuzzFront } = await import('../test/adapters/broker/fuzz-front.ts');
  const begun = performance.now();
  const { streams, offered, problems } = await fuzzFront({ seed, streams: rounds, say });
  for (const problem of problems) say(problem);
  const bars: Bar[] = [
    {
      ...{ name: 'problems', value: problems.length, unit: 'problems', bar: 0 },
      ok: problems.length === 0,
    },
    {
      ...{ name: 'readings that came through the damage (must be > 0)', value: offered },
      ...{ unit: 'readings', bar: 1, ok: offered > 0 },
    },
  ];
  return { figures: { streams, seed, offered, ms: Math.round(performance.now() - begun) }, bars };
};
