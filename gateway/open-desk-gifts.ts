/** The counter's side for gifts of energy. */
import type { GiftProblem } from './core/gift.ts';
import type { HouseholdId } from './core/ids.ts';
import { fail } from './core/result.ts';
import type { Problem } from './ports/desk.ts';
import type { GiftDesk } from './ports/gift-desk.ts';
import type { Needs } from './ports/needs.ts';
import { giveEnergyAway } from './steps/give-energy.ts';

export const openGiftDesk = (hub: Needs): GiftDesk => ({
  give: (from, to, energyWh, idempotencyKey) => {
    const given = giveEnergyAway(hub, {
      ...{ from: from as HouseholdId, to: to as HouseholdId | undefined },
      ...{ energyWh, idempotencyKey },
    });
    return given.ok ? given : fail(wordsFor(given.error));
  },
});

function wordsFor(problem: GiftProblem): Problem {
  switch (problem.kind) {
    case 'unknown-household':
      return { status: 404, title: 'Not found', detail: 'There is no such household here.' };
    case 'to-itself':
      return {
        status: 422,
        title: 'No gift',
        detail: 'A gift goes to somebody else.',
        field: 'to',
      };
    case 'not-whole':
      return { status: 422, title: 'No gift', detail: 'Whole Wh, at least 1.', field: 'energyWh' };
    case 'not-enough':
      return {
        ...{ status: 409, title: 'Not enough energy', field: 'energyWh' },
        detail: `There are ${problem.freeWh} Wh to give.`,
      };
  }
}
