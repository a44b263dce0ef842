/** The neighbourhood's meters, whose lives end with the power. */
import { type Meters, startMeters } from '../../gateway/simulators/neighbourhood/meters.ts';
import { makeNeighbourhood } from '../../gateway/simulators/neighbourhood/model.ts';
import { metersOf } from '../../gateway/simulators/neighbourhood/reading-payload.ts';
import { answerUntilTheEnd, type MetersLife, type MetersPlan, trueClock } from './told.ts';

/** A meter of the soak gives up no reading, so that its numbers tell which ones were acknowledged. */
const backlogMax = 1_000_000;
/** A hub that does not answer is dialled anew, machine ms: a full disk may be free again. */
const acknowledgeMs = 5_000;

const plan = JSON.parse(process.argv[2] ?? '{}') as MetersPlan;
const clock = trueClock(plan.time);
const neighbourhood = makeNeighbourhood(plan);
// Meters count at most once in ten seconds, so that no life uses a number of an earlier one.
const first = 1 + Math.floor((clock.now() - plan.originMs) / 1000);
const placed = metersOf(neighbourhood);
const meters: Meters = startMeters({
  ...{ url: plan.url, neighbourhood, passwords: plan.passwords, clock, boot: first },
  ...{ firstSequence: Object.fromEntries(placed.map(({ id }) => [id, first])) },
  ...{ backlogMax, acknowledgeMs },
});

const life = (): MetersLife => ({
  boot: first,
  counts: placed.map(({ id }) => ({
    ...{ meter: id, first, acknowledged: meters.acknowledgedBy(id) },
  })),
  ...{ dropped: meters.dropped(), pending: meters.pending() },
});

await answerUntilTheEnd({
  life,
  finish: async () => {
    await meters.finish();
    return life();
  },
});
// Connections and clocks of the meters end with their process.
process.exit();
