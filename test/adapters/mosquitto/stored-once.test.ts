// needs: mosquitto
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dayMs } from '../../../gateway/core/slot.ts';
import { epochMs } from '../../../gateway/core/units.ts';
import { aFile, aReading, opened, tenOClock } from '../readings/given.ts';
import {
  aHub,
  aMosquitto,
  aVisitor,
  aWire,
  corner,
  introduced,
  readingTopic,
  until,
} from './given.ts';

const storing = suite('from an existing broker to the disk');

/** Readings `first` to `last` of the corner house; Mosquitto has acknowledged all of them. */
async function measured(port: number, first: number, last: number): Promise<number[]> {
  await using meter = await aVisitor(port, corner);
  const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  await Promise.all(
    numbers.map((s) => meter.publishAsync(readingTopic(corner), aReading(s), { qos: 1 })),
  );
  return numbers;
}

storing('every reading is there once, though the hub was away and the wire was cut', async () => {
  await using place = await aFile();
  await using house = await aMosquitto();
  await using wire = await aWire(house.port);
  await introduced(house.url);
  const early = await measured(house.port, 1, 1_000);
  {
    await using readings = await opened(place.file);
    await using hub = aHub(readings, wire.url);
    await until('some are stored', () => readings.counts().stored > 0);
    wire.cut();
    const late = await measured(house.port, 1_001, 1_200);
    await until(
      'the rest is stored',
      () => readings.counts().stored === early.length + late.length,
    );
    void hub;
  }
  {
    await using readings = await opened(place.file);
    await using hub = aHub(readings, wire.url);
    await measured(house.port, 1_201, 1_201);
    await until('the newest is stored', () => readings.counts().stored === 1_201);
    const tomorrow = epochMs(tenOClock + dayMs);
    const stored = await readings.between(corner, tenOClock, tomorrow, 5_000);
    assert.equal(
      stored.map(({ sequence }) => sequence),
      Array.from({ length: 1_201 }, (_, index) => index + 1),
    );
    assert.equal(readings.counts().quarantined, {});
    void hub;
  }
});

storing.run();
