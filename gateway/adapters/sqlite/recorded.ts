/** Reads what a hub has recorded, beside it and without ever writing: for looking back and for asking "what if". */

import { readdirSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Household, StandingRule } from '../../core/household.ts';
import type { HubSettings } from '../../core/settings.ts';
import { slotStart } from '../../core/slot.ts';
import type { SlotNumber } from '../../core/units.ts';
import type { MeteredEnergy } from '../../ports/books/energy.ts';
import { energyBooks } from './energy.ts';
import { householdBooks, settingBooks } from './households.ts';
import { type KpiFacts, kpiFacts } from './kpi-facts.ts';

export type Recorded = {
  /** With the rules that held at a moment; who moved in later is left out. */
  householdsAt(slot: SlotNumber): { readonly household: Household; readonly rule: StandingRule }[];
  settingsAt(slot: SlotNumber): HubSettings;
  between(from: SlotNumber, to: SlotNumber): MeteredEnergy[];
  /** The first slot that was recorded and the one after the last; undefined before the first. */
  span(): { readonly from: SlotNumber; readonly to: SlotNumber } | undefined;
  readonly kpis: KpiFacts;
  [Symbol.dispose](): void;
};

/** Throws when there are no books at `file`, or when they were written by another version. */
export function openRecorded(file: string): Recorded {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  const known = readdirSync(new URL('./migrations/', import.meta.url)).length;
  const have = db.pragma('user_version', { simple: true }) as number;
  if (have !== known) {
    db.close();
    throw new Error(`these books have schema ${have}, this hub knows ${known}: start it once`);
  }
  const [households, energy, settings] = [householdBooks(db), energyBooks(db), settingBooks(db)];
  return {
    householdsAt: (slot) =>
      households
        .all()
        .filter(({ since }) => since <= slotStart(slot))
        .map((household) => ({
          household,
          rule: households.ruleOf(household.id, slotStart(slot)),
        })),
    settingsAt: (slot) => settings.at(slotStart(slot)),
    between: energy.between,
    span: () => {
      const [from, to] = [energy.firstSlot(), energy.nextSlot()];
      return from === undefined || to === undefined ? undefined : { from, to };
    },
    kpis: kpiFacts(db),
    [Symbol.dispose]: () => void db.close(),
  };
}
