/** What the meters of a simulated neighbourhood show at the boundaries of slots. */
import type { BoundaryRegisters } from '../core/reading.ts';
import { slotMs, slotStart } from '../core/slot.ts';
import { type MilliWattHours, type SlotNumber, slotNumber } from '../core/units.ts';
import { chance } from '../simulators/neighbourhood/chance.ts';
import { loadWatts } from '../simulators/neighbourhood/load.ts';
import { dayOf, hourOfDay } from '../simulators/neighbourhood/local-time.ts';
import { makeSun, performanceRatio } from '../simulators/neighbourhood/sun.ts';
import type { Away } from './cuts.ts';
import type { Resident } from './residents.ts';

/** Where a hub's readings come from, slot by slot. */
export type Houses = {
  /** Lets the slot pass; the meters then show its end. */
  live(slot: SlotNumber): void;
  /** Registers at the start of a slot, of the meters that were heard there. */
  registersAt(slot: SlotNumber): BoundaryRegisters[];
};

export type HouseOptions = {
  readonly seed: number;
  readonly residents: readonly Resident[];
  readonly fromMs: number;
  readonly power: Away;
};

/** The load is drawn anew every half hour and the sun every ten minutes, so five minutes hide nothing. */
const stepMs = 300_000;
const halfHourMs = 1_800_000;
/** A meter is out of reach for an hour at a time. */
const silentShare = 0.01;
const hourSlots = 4;
const batteryW = 1_000;
/** Of what goes in, so much comes out. */
const roundTrip = 0.9;
/** The series of measured days begins at a day of its own for every seed. */
const lightDays = 12;

export function simulatedHouses({ seed, residents, fromMs, power }: HouseOptions): Houses {
  const shift = Math.floor(lightDays * chance(seed, 20));
  const sun = makeSun({ seed, firstDay: dayOf(fromMs) - shift });
  const meters = residents.map((resident) => new House(resident, seed));
  let boundary = slotNumber(Math.floor(fromMs / slotMs));
  return {
    live: (slot) => {
      for (let at = slotStart(slot); at < slotStart(slot) + slotMs; at = (at + stepMs) as typeof at)
        step(meters, at, sun.irradianceAt(at), power.isAway(at));
      boundary = slotNumber(slot + 1);
    },
    registersAt: (slot) =>
      slot === boundary ? meters.flatMap((meter) => meter.shownAt(slot)) : [],
  };
}

function step(meters: readonly House[], at: number, wattsPerM2: number, dark: boolean): void {
  const hour = hourOfDay(at);
  const sunPerWatt = (performanceRatio * wattsPerM2) / 1000;
  for (const meter of meters) meter.step(at, hour, sunPerWatt, dark);
}

class House {
  readonly #resident: Resident;
  readonly #seed: number;
  #importMwh = 0;
  #exportMwh = 0;
  #generationMwh = 0;
  #batteryMwh = 0;
  #loadW = 0;
  #drawnFor = -1;

  constructor(resident: Resident, seed: number) {
    this.#resident = resident;
    this.#seed = seed;
  }

  step(at: number, hour: number, sunPerWatt: number, dark: boolean): void {
    this.#drawLoad(at);
    const { panelsW, batteryWh } = this.#resident;
    // Inverters without a battery wait for the grid; with one the house lives on, for itself.
    if (dark && batteryWh === 0) return;
    const madeMwh = panelsW === 0 ? 0 : this.#inStep(panelsW * sunPerWatt * this.#lit(hour));
    const netMwh = this.#throughBattery(this.#inStep(this.#loadW) - madeMwh);
    if (dark) {
      // What nobody can take is not made.
      this.#generationMwh += Math.max(0, madeMwh + Math.min(0, netMwh));
      return;
    }
    this.#generationMwh += madeMwh;
    if (netMwh > 0) this.#importMwh += netMwh;
    else this.#exportMwh -= netMwh;
  }

  shownAt(slot: SlotNumber): BoundaryRegisters[] {
    const { number, gridMeter, panelMeter } = this.#resident;
    if (chance(this.#seed, 61, number, Math.floor(slot / hourSlots)) < silentShare) return [];
    const nothing = 0 as MilliWattHours;
    const grid = {
      ...{ meter: gridMeter, slot, generationMwh: nothing },
      importMwh: this.#importMwh as MilliWattHours,
      exportMwh: this.#exportMwh as MilliWattHours,
    };
    if (panelMeter === undefined) return [grid];
    const generationMwh = this.#generationMwh as MilliWattHours;
    const none = { importMwh: nothing, exportMwh: nothing };
    return [grid, { meter: panelMeter, slot, ...none, generationMwh }];
  }

  #drawLoad(at: number): void {
    const halfHour = Math.floor(at / halfHourMs);
    if (halfHour === this.#drawnFor) return;
    const { shape, dailyLoadWh: dailyWh, number } = this.#resident;
    this.#loadW = loadWatts({ shape, dailyWh, seed: this.#seed, number }, at);
    this.#drawnFor = halfHour;
  }

  #lit(hour: number): number {
    const { morning, afternoon } = this.#resident.shade;
    if (hour < 9) return morning / 100;
    return hour >= 15 ? afternoon / 100 : 1;
  }

  #inStep(watts: number): number {
    return Math.round((watts * 1000 * stepMs) / 3_600_000);
  }

  /** What still goes through the grid meter; above 0 imports. */
  #throughBattery(netMwh: number): number {
    const { batteryWh } = this.#resident;
    if (batteryWh === 0) return netMwh;
    const most = this.#inStep(batteryW);
    if (netMwh < 0) {
      const room = Math.floor((batteryWh * 1000 - this.#batteryMwh) / roundTrip);
      const taken = Math.min(-netMwh, most, room);
      this.#batteryMwh += Math.floor(taken * roundTrip);
      return netMwh + taken;
    }
    const given = Math.min(netMwh, most, this.#batteryMwh);
    this.#batteryMwh -= given;
    return netMwh - given;
  }
}
