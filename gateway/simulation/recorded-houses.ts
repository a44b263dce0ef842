/** Meters that show again what a hub recorded, slot by slot. */
import type { MeterId } from '../core/ids.ts';
import type { BoundaryRegisters } from '../core/reading.ts';
import { type MilliWattHours, type SlotNumber, slotNumber } from '../core/units.ts';
import type { MeteredEnergy } from '../ports/books/energy.ts';
import type { Houses } from './houses.ts';
import type { Resident } from './residents.ts';

type Registers = { importWh: number; exportWh: number; generationWh: number };
const mwhPerWh = 1000;

/** Who was not heard in a slot is not heard again; its energy stands in the slot in which it was counted. */
export function recordedHouses(
  residents: readonly Resident[],
  first: SlotNumber,
  recorded: readonly MeteredEnergy[],
): Houses {
  const bySlot = Map.groupBy(recorded, ({ slot }) => slot);
  const meters = new Map(
    residents.map((one) => [one.id, { one, shown: { importWh: 0, exportWh: 0, generationWh: 0 } }]),
  );
  let boundary = first;
  let heard = [...meters.values()];
  return {
    live: (slot) => {
      const rows = bySlot.get(slot) ?? [];
      heard = rows.flatMap((row) => {
        const meter = meters.get(row.household);
        if (meter === undefined) return [];
        meter.shown.importWh += row.importedWh;
        meter.shown.exportWh += row.exportedWh;
        meter.shown.generationWh += row.generatedWh ?? 0;
        return [meter];
      });
      boundary = slotNumber(slot + 1);
    },
    registersAt: (slot) =>
      slot === boundary ? heard.flatMap(({ one, shown }) => shownBy(one, shown, slot)) : [],
  };
}

function shownBy(
  { gridMeter, panelMeter }: Resident,
  { importWh, exportWh, generationWh }: Registers,
  slot: SlotNumber,
): BoundaryRegisters[] {
  const mwh = (wh: number) => (wh * mwhPerWh) as MilliWattHours;
  const shown = (meter: MeterId, [into, out, made]: readonly [number, number, number]) => ({
    ...{ meter, slot, importMwh: mwh(into), exportMwh: mwh(out), generationMwh: mwh(made) },
  });
  const grid = shown(gridMeter, [importWh, exportWh, 0]);
  return panelMeter === undefined ? [grid] : [grid, shown(panelMeter, [0, 0, generationWh])];
}
