/** The simulated neighbourhood: who lives there and what their meters show, the same in every process. */
import { makeCast, type SimulatedHousehold, shapeOf } from './cast.ts';
import { bell } from './chance.ts';
import { type Load, loadWatts } from './load.ts';
import { dayMs, dayOf, hourMs, minuteMs } from './local-time.ts';
import { type Flow, runRegisters } from './registers.ts';
import { makeSun, performanceRatio, type Sun } from './sun.ts';

export type SimulatedRegisters = Flow & {
  /** mW through the grid meter; above 0 imports. */
  readonly powerMw: number;
  readonly voltageMv: number;
};

export interface Neighbourhood {
  readonly seed: number;
  /** When all registers were 0. */
  readonly originMs: number;
  /** 09:00 East Africa Time of the sunny day on which a demo begins. */
  readonly startMs: number;
  readonly households: readonly SimulatedHousehold[];
  readonly sun: Sun;
  /** Any moment from `originMs` on; cheap when time goes forward or back by at most four days. */
  registersAt(householdId: string, atMs: number): SimulatedRegisters;
}

export type NeighbourhoodOptions = {
  readonly seed: number;
  /** 6 to 200. */
  readonly households: number;
  readonly originMs: number;
  /** 00:00 East Africa Time of the demo's first day; default: two days after `originMs`. */
  readonly startDayMs?: number;
};

const startHour = 9;
const daysBeforeStart = 2;
/** 240 V at the meter, a little less under load. */
const nominalMv = 240_000;

export function makeNeighbourhood(options: NeighbourhoodOptions): Neighbourhood {
  const { seed, originMs, startDayMs = originMs + daysBeforeStart * dayMs } = options;
  const startMs = startDayMs + startHour * hourMs;
  const sun = makeSun({ seed, firstDay: dayOf(startDayMs) - daysBeforeStart });
  const households = makeCast(seed, options.households);
  const houses = new Map(
    households.map((household, number) => {
      const load = loadOf(household, { seed, number, startDayMs, startMs });
      const wattsAt = powerOf(household, load, sun);
      const registers = runRegisters((minute) => flowOf(wattsAt(originMs + minute * minuteMs)));
      return [household.id, { number, wattsAt, registers }];
    }),
  );

  return {
    seed,
    originMs,
    startMs,
    households,
    sun,
    registersAt(householdId, atMs) {
      const house = houses.get(householdId);
      if (house === undefined) throw new RangeError(`nobody lives in ${householdId}`);
      const minute = atMs - ((atMs - originMs) % minuteMs);
      const { loadW, sunW } = house.wattsAt(minute);
      const dropMv = (loadW - sunW) * 0.5 + 1500 * bell(seed, 51, house.number, minute / minuteMs);
      return {
        ...house.registers.after(atMs - originMs),
        powerMw: Math.round((loadW - sunW) * 1000),
        voltageMv: Math.round(nominalMv - dropMv),
      };
    },
  };
}

type Watts = { readonly loadW: number; readonly sunW: number };

const powerOf =
  ({ panelsW }: SimulatedHousehold, load: Load, sun: Sun) =>
  (atMs: number): Watts => ({
    loadW: loadWatts(load, atMs),
    sunW: panelsW === 0 ? 0 : (panelsW * performanceRatio * sun.irradianceAt(atMs)) / 1000,
  });

/** One minute of it. Either import or export: within a minute the house takes its own sun first. */
function flowOf({ loadW, sunW }: Watts): Flow {
  const netMwh = Math.round(((loadW - sunW) * 1000) / 60);
  return {
    importMwh: Math.max(0, netMwh),
    exportMwh: Math.max(0, -netMwh),
    generationMwh: Math.round((sunW * 1000) / 60),
  };
}

type Start = { seed: number; number: number; startDayMs: number; startMs: number };

/** The household's load; where its need at the start is promised, scaled to keep that promise. */
function loadOf(household: SimulatedHousehold, { seed, number, startDayMs, startMs }: Start): Load {
  const { archetype, dailyLoadWh, needAtStartWh } = household;
  const load = { shape: shapeOf(archetype), dailyWh: dailyLoadWh, seed, number };
  if (needAtStartWh === undefined) return load;

  let usedWh = 0;
  for (let at = startDayMs - daysBeforeStart * dayMs; at < startMs; at += minuteMs) {
    usedWh += loadWatts(load, at) / 60;
  }
  return { ...load, dailyWh: (dailyLoadWh * needAtStartWh) / usedWh };
}
