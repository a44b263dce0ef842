/** The accounting window: at its end what is left is cleared to the last Wh, from wallets alone. */
import type { HubSettings } from './settings.ts';
import { dayOf, nextSlot, slotStart } from './slot.ts';
import { type SlotNumber, wattHours } from './units.ts';

/** Whether a window begins with this slot. Windows count from the day of the hub's first slot. */
export function beginsWindow(
  first: SlotNumber | undefined,
  slot: SlotNumber,
  windowDays: number,
): boolean {
  if (first === undefined || slot <= first) return false;
  const [today, before] = [dayOf(slotStart(slot)), dayOf(slotStart((slot - 1) as SlotNumber))];
  return today !== before && (today - dayOf(slotStart(first))) % windowDays === 0;
}

/** Lots of the window's last round are single Wh, so that nothing has to wait for a whole lot any more. */
export const settingsOfRound = (
  settings: HubSettings,
  first: SlotNumber | undefined,
  slot: SlotNumber,
): HubSettings & { readonly walletsOnly: boolean } =>
  beginsWindow(first, nextSlot(slot), settings.windowDays)
    ? { ...settings, lotWh: wattHours(1), surplusThresholdWh: wattHours(1), walletsOnly: true }
    : { ...settings, walletsOnly: false };
