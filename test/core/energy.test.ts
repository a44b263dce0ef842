import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  countedAfter,
  coverOf,
  type Registration,
  type SlotEnergy,
  slotEnergies,
} from '../../gateway/core/energy.ts';
import type { MeterId } from '../../gateway/core/ids.ts';
import type { BoundaryRegisters } from '../../gateway/core/reading.ts';
import { nextSlot } from '../../gateway/core/slot.ts';
import {
  milliWattHours,
  type SlotNumber,
  slotNumber,
  wattHours,
  wholeWattHours,
} from '../../gateway/core/units.ts';
import { corner, kiosk } from './neighbours.ts';

const metering = suite('turning registers into energy');

const slot = slotNumber(1_996_000);
const roof = 'meter-roof' as MeterId;
const shed = 'meter-shed' as MeterId;

const aMeter = (change: Partial<Registration> = {}): Registration => ({
  meter: roof,
  household: corner,
  place: 'grid',
  counted: { slot, importMwh: milliWattHours(5_000_000), exportMwh: milliWattHours(9_000_000) },
  ...change,
});
const shows = (meter: MeterId, importMwh: number, exportMwh: number, at = nextSlot(slot)) =>
  [
    meter,
    {
      meter,
      slot: at,
      importMwh: milliWattHours(importMwh),
      exportMwh: milliWattHours(exportMwh),
      generationMwh: milliWattHours(0),
    },
  ] as const;
const ends = (...shown: ReturnType<typeof shows>[]): Map<MeterId, BoundaryRegisters> =>
  new Map(shown);
const energy = (exportedWh: number, importedWh: number, late = false): SlotEnergy => ({
  household: corner,
  exportedWh: wattHours(exportedWh),
  importedWh: wattHours(importedWh),
  late,
});

metering('gives a household the difference of what went out and what came in, never both', () => {
  const out = slotEnergies(slot, [aMeter()], ends(shows(roof, 5_100_000, 9_400_000)));
  assert.equal(out, [energy(300, 0)]);
  const into = slotEnergies(slot, [aMeter()], ends(shows(roof, 5_400_000, 9_100_000)));
  assert.equal(into, [energy(0, 300)]);
  const still = slotEnergies(slot, [aMeter()], ends(shows(roof, 5_000_000, 9_000_000)));
  assert.equal(still, [energy(0, 0)]);
});

metering('adds the meters of one household, and keeps neighbours apart', () => {
  const meters = [aMeter(), aMeter({ meter: shed })];
  const shown = ends(shows(roof, 5_000_000, 9_400_000), shows(shed, 5_150_000, 9_000_000));
  assert.equal(slotEnergies(slot, meters, shown), [energy(250, 0)]);
  const apart = [aMeter(), aMeter({ meter: shed, household: kiosk })];
  assert.equal(slotEnergies(slot, apart, shown), [
    energy(400, 0),
    { ...energy(0, 150), household: kiosk },
  ]);
});

metering('counts only at the grid: what a roof makes and the house uses is no trade', () => {
  const pv = aMeter({ place: 'pv' });
  assert.equal(slotEnergies(slot, [pv], ends(shows(roof, 5_000_000, 9_400_000))), []);
});

metering('tells what a roof made beside it, once its meter was seen, and sums up two roofs', () => {
  const made = (meter: MeterId, generationMwh: number) => {
    const [, end] = shows(meter, 0, 0);
    return [meter, { ...end, generationMwh: milliWattHours(generationMwh) }] as const;
  };
  const counted = (generationMwh: number) => ({
    ...{ slot, importMwh: milliWattHours(0), exportMwh: milliWattHours(0) },
    generationMwh: milliWattHours(generationMwh),
  });
  const [one, two] = ['pv-one', 'pv-two'] as [MeterId, MeterId];
  const meters = [
    aMeter(),
    aMeter({ meter: one, place: 'pv', counted: counted(1_000_500) }),
    aMeter({ meter: two, place: 'pv', counted: counted(0) }),
  ];
  const shown = ends(shows(roof, 5_000_000, 9_400_000), made(one, 1_700_000), made(two, 50_900));
  assert.equal(slotEnergies(slot, meters, shown), [{ ...energy(400, 0), generatedWh: 750 }]);
  assert.is(countedAfter(meters, shown).get(one)?.generationMwh, 1_700_000);
  assert.is(
    countedAfter(meters, shown).get(roof)?.generationMwh,
    undefined,
    'at the grid there is none',
  );
  const fresh = [aMeter(), aMeter({ meter: one, place: 'pv', counted: undefined })];
  assert.equal(slotEnergies(slot, fresh, shown), [energy(400, 0)]);
  const fallen = ends(shows(roof, 5_000_000, 9_400_000), made(one, 1_000_000));
  assert.equal(slotEnergies(slot, meters, fallen), [energy(400, 0)]);
  assert.is(countedAfter(meters, fallen).get(one), undefined, 'a person must look');
});

metering('waits for a meter that has not been heard at the end of the slot', () => {
  assert.equal(slotEnergies(slot, [aMeter()], ends()), []);
});

metering('begins to count at the first boundary that it sees', () => {
  const fresh = aMeter({ counted: undefined });
  assert.equal(slotEnergies(slot, [fresh], ends(shows(roof, 5_000_000, 9_400_000))), []);
  const counted = countedAfter([fresh], ends(shows(roof, 5_000_000, 9_400_000)));
  assert.equal(counted.get(roof), {
    slot: slot + 1,
    importMwh: 5_000_000,
    exportMwh: 9_400_000,
  });
});

metering('finds what a lost message hid in the next difference, and calls it late', () => {
  const later = slotNumber(slot + 3);
  const shown = ends(shows(roof, 5_000_000, 9_900_000, nextSlot(later)));
  assert.equal(slotEnergies(later, [aMeter()], shown), [energy(900, 0, true)]);
  assert.equal(slotEnergies(slot, [aMeter()], shown), [energy(900, 0, false)]);
});

metering('calls the energy of a household late when one of its meters was', () => {
  const later = slotNumber(slot + 1);
  const inTime = { ...aMeter().counted, slot: later } as NonNullable<Registration['counted']>;
  const meters = [aMeter(), aMeter({ meter: shed, counted: inTime })];
  const shown = ends(shows(roof, 5_000_000, 9_100_000), shows(shed, 5_000_000, 9_100_000));
  assert.equal(slotEnergies(later, meters, shown), [energy(200, 0, true)]);
});

metering('counts nothing while a register stands below what was counted', () => {
  for (const [importMwh, exportMwh] of [
    [4_999_999, 9_400_000],
    [5_400_000, 8_999_999],
  ] as const)
    assert.equal(slotEnergies(slot, [aMeter()], ends(shows(roof, importMwh, exportMwh))), []);
});

metering('counts nothing twice when such a register is back where it was', () => {
  const fallen = ends(shows(roof, 5_000_000, 8_000_000));
  const counted = countedAfter([aMeter()], fallen).get(roof) ?? aMeter().counted;
  const later = nextSlot(slot);
  const back = ends(shows(roof, 5_000_000, 9_200_000, nextSlot(later)));
  assert.equal(slotEnergies(later, [aMeter({ counted })], back), [energy(200, 0, true)]);
});

metering('lets a neighbour count on while a meter is silent or has fallen', () => {
  const meters = [aMeter(), aMeter({ meter: shed, household: kiosk })];
  const shown = ends(shows(roof, 0, 0), shows(shed, 5_150_000, 9_000_000));
  assert.equal(
    slotEnergies(slot, meters, shown).map(({ household }) => household),
    [kiosk],
  );
  assert.equal([...countedAfter(meters, shown).keys()], [shed]);
});

metering('keeps the odd thousandths of a Wh for the next slot', () => {
  const early = aMeter({
    counted: { slot, importMwh: milliWattHours(0), exportMwh: milliWattHours(999) },
  });
  assert.equal(slotEnergies(slot, [early], ends(shows(roof, 0, 1000))), [energy(1, 0)]);
  assert.equal(slotEnergies(slot, [early], ends(shows(roof, 999, 999))), [energy(0, 0)]);
});

type Step = { readonly importMwh: number; readonly exportMwh: number; readonly heard: boolean };
const days = fc.array(
  fc.record({ importMwh: fc.nat(3_000_000), exportMwh: fc.nat(3_000_000), heard: fc.boolean() }),
  { minLength: 1, maxLength: 100 },
);

/** Closes slot after slot; a meter that is not heard at a boundary has none there. */
function closeAll(steps: readonly Step[]): { energies: SlotEnergy[]; registration: Registration } {
  let [importMwh, exportMwh] = [5_000_777, 9_000_333];
  let registration = aMeter({
    counted: {
      slot,
      importMwh: milliWattHours(importMwh),
      exportMwh: milliWattHours(exportMwh),
    },
  });
  const energies: SlotEnergy[] = [];
  for (const [number, step] of steps.entries()) {
    importMwh += step.importMwh;
    exportMwh += step.exportMwh;
    const now: SlotNumber = slotNumber(slot + number);
    const heard = step.heard ? ends(shows(roof, importMwh, exportMwh, nextSlot(now))) : ends();
    energies.push(...slotEnergies(now, [registration], heard));
    const counted = countedAfter([registration], heard).get(roof) ?? registration.counted;
    registration = { ...registration, counted };
  }
  return { energies, registration };
}

const total = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);

metering('loses no Wh over many slots, however often a message was lost', () => {
  fc.assert(
    fc.property(days, (steps) => {
      const heard = [...steps, { importMwh: 0, exportMwh: 0, heard: true }];
      const { energies } = closeAll(heard);
      const net = total(energies.map(({ exportedWh, importedWh }) => exportedWh - importedWh));
      const end = {
        importMwh: milliWattHours(5_000_777 + total(steps.map((step) => step.importMwh))),
        exportMwh: milliWattHours(9_000_333 + total(steps.map((step) => step.exportMwh))),
      };
      const exported = wholeWattHours(end.exportMwh) - 9000;
      const imported = wholeWattHours(end.importMwh) - 5000;
      assert.is(net, exported - imported);
      assert.ok(energies.every((one) => one.exportedWh === 0 || one.importedWh === 0));
    }),
    { numRuns: 300 },
  );
});

metering('calls exactly the slots late that follow a silence', () => {
  fc.assert(
    fc.property(days, (steps) => {
      const { energies } = closeAll(steps);
      const expected = steps.flatMap(({ heard }, at) =>
        heard ? [at > 0 && steps[at - 1]?.heard === false] : [],
      );
      assert.equal(
        energies.map(({ late }) => late),
        expected,
      );
    }),
  );
});

const covering = suite('covering need');
const cover = (boughtWh: number, energyWh: number, needWh: number) =>
  coverOf({
    boughtWh: wattHours(boughtWh),
    energyWh: wattHours(energyWh),
    needWh: wattHours(needWh),
  });

covering("uses what was bought first, then the household's own", () => {
  assert.equal(cover(500, 900, 300), { boughtWh: 300, ownWh: 0 });
  assert.equal(cover(500, 900, 500), { boughtWh: 500, ownWh: 0 });
  assert.equal(cover(500, 900, 700), { boughtWh: 500, ownWh: 200 });
  assert.equal(cover(500, 900, 9000), { boughtWh: 500, ownWh: 900 });
});

covering('does nothing without need, or without energy', () => {
  assert.equal(cover(500, 900, 0), { boughtWh: 0, ownWh: 0 });
  assert.equal(cover(0, 0, 900), { boughtWh: 0, ownWh: 0 });
});

covering('leaves a household either with energy or with need, so that it is on one side', () => {
  fc.assert(
    fc.property(fc.nat(9999), fc.nat(9999), fc.nat(9999), (bought, own, need) => {
      const { boughtWh, ownWh } = cover(bought, own, need);
      const left = { bought: bought - boughtWh, own: own - ownWh, need: need - boughtWh - ownWh };
      assert.ok(left.bought >= 0 && left.own >= 0 && left.need >= 0);
      assert.ok(left.need === 0 || (left.own === 0 && left.bought === 0));
      assert.ok(ownWh === 0 || left.bought === 0);
    }),
  );
});

metering.run();
covering.run();
