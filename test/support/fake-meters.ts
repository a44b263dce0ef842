/** Meters whose registers a test sets at slot boundaries, and who of them is connected. */
import type { MeterId } from '../../gateway/core/ids.ts';
import type { BoundaryRegisters, Reading } from '../../gateway/core/reading.ts';
import { slotStart } from '../../gateway/core/slot.ts';
import { milliWattHours, type SlotNumber } from '../../gateway/core/units.ts';
import type { MeterPresence, ReadingStore } from '../../gateway/ports/readings.ts';

export type FakeMeters = {
  readonly readings: ReadingStore;
  readonly presence: MeterPresence;
  readonly online: Set<MeterId>;
  /** The registers at the start of a slot, in Wh; the newest of them is also the last reading. */
  show(meter: MeterId, slot: SlotNumber, importWh: number, exportWh: number): void;
};

export function fakeMeters(): FakeMeters {
  const shown: BoundaryRegisters[] = [];
  const latest = new Map<MeterId, Reading>();
  const online = new Set<MeterId>();
  return {
    online,
    presence: { online: () => online },
    show: (meter, slot, importWh, exportWh) => {
      const [importMwh, exportMwh] = [importWh, exportWh].map((wh) => milliWattHours(wh * 1000));
      const generationMwh = milliWattHours(0);
      const registers = { importMwh, exportMwh, generationMwh } as Omit<
        BoundaryRegisters,
        'meter' | 'slot'
      >;
      shown.push({ meter, slot, ...registers });
      latest.set(meter, { ...aReading, meter, at: slotStart(slot), ...registers });
    },
    readings: {
      registersAt: (slot) => shown.filter((registers) => registers.slot === slot),
      latest: () => latest,
      between: async () => [],
      rollups: async () => [],
      counts: () => ({ stored: 0, settled: 0, duplicates: 0, quarantined: {} }),
      onRecorded: () => {},
    },
  };
}

const aReading = {
  sequence: 1,
  boot: 1,
  timeSource: 'meter' as const,
  powerMw: 0,
  voltageMv: 230_000,
  flags: 0,
};
