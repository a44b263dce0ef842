/** Everything behind the simulated M-Pesa's front door: people, networks, books and the post. */
import type { Behaviours, PhoneBehaviour } from './behaviours.ts';
import { openCourier } from './courier.ts';
import { openFaults } from './faults.ts';
import { openLedger } from './ledger.ts';
import { openNames } from './names.ts';
import type { Settings } from './options.ts';
import { openPaybill } from './paybill.ts';
import { openPayouts } from './payouts.ts';
import { openPostOffice } from './post-office.ts';
import { openPrompts } from './prompts.ts';
import { seededDice, seededRandom } from './random.ts';
import { openReversals } from './reversals.ts';
import { openTill } from './till.ts';
import { openTimetable } from './timetable.ts';

export type Bank = ReturnType<typeof openBank>;

/** Opens all desks; `close` ends what is still to happen. */
export function openBank(chosen: Settings) {
  const { behaviours, behave } = openHabits(chosen.behaviours);
  const settings: Settings = { ...chosen, behaviours };
  const { clock } = settings;
  const dice = seededDice(settings.seed);
  const names = openNames(seededRandom(settings.seed), () => clock.now());
  const timetable = openTimetable(clock, dice);
  const courier = openCourier(settings.shortcode);
  const faults = openFaults(settings.faults);
  faults.roll(settings.faultSeed, settings.faultRates);
  const post = openPostOffice({ courier, faults, timetable, dice });
  const common = {
    settings,
    names,
    timetable,
    post,
    ledger: openLedger(settings),
    till: openTill(),
  };
  const paybill = openPaybill(common);
  const onPaid = settings.confirmsPushes ? paybill.confirm : undefined;
  return {
    ...common,
    ...{ dice, courier, faults, behave, paybill },
    prompts: openPrompts({ ...common, onPaid }),
    payouts: openPayouts(common),
    reversals: openReversals(common),
    close() {
      timetable.clear();
      courier.close();
    },
  };
}

/** Phones whose habits were changed since the start. */
const changedMax = 10_000;

/** What phones do, which may change at any time. */
function openHabits(first: Behaviours) {
  const changed = new Map<string, PhoneBehaviour>();
  return {
    behaviours: { get: (phone: string) => changed.get(phone) ?? first.get(phone) },
    behave(phone: string, behaviour: PhoneBehaviour): void {
      if (changed.size < changedMax || changed.has(phone)) changed.set(phone, behaviour);
    },
  };
}
