/** A meter begins to measure for a household; its id is used once and never again. */
import type { HouseholdId, MeterId } from '../core/ids.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { EpochMs } from '../core/units.ts';
import type { Books } from '../ports/books/books.ts';
import type { MeterSecrets } from '../ports/books/households.ts';

type Needs = { books: Pick<Books, 'households'> };

export type MeterProblem = 'unknown-household' | 'registered' | 'used-before';

export type MeterOrder = MeterSecrets & {
  readonly household: HouseholdId;
  /** Made from household and place when undefined. */
  readonly meter: MeterId | undefined;
  readonly place: 'grid' | 'pv';
  /** sha256 in hex. */
  readonly passwordHash: string;
};

export function registerMeter(
  { books: { households } }: Needs,
  { household, meter: named, place, passwordHash, ...secrets }: MeterOrder,
  since: EpochMs,
): Result<MeterId, MeterProblem> {
  if (households.find(household) === undefined) return fail('unknown-household');
  const meter = named ?? freeMeterId(households, `m-${household}-${place}`);
  if (households.passwordHashOf(meter) !== undefined) return fail('registered');
  if (households.wasRegistered(meter)) return fail('used-before');
  households.register(meter, household, place, passwordHash, since, secrets);
  return ok(meter);
}

/** An id has one life: a second board in the same place gets a number. */
function freeMeterId(households: Books['households'], usual: string): MeterId {
  const taken = (id: string) => households.wasRegistered(id as MeterId);
  if (!taken(usual) || households.passwordHashOf(usual as MeterId)) return usual as MeterId;
  for (let number = 2; ; number++)
    if (!taken(`${usual}-${number}`)) return `${usual}-${number}` as MeterId;
}
