import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  kiambuDays,
  readLightRecords,
  wholeDays,
} from '../../../gateway/simulators/data/light-series.ts';

const reading = suite('reading the light of Kiambu');

const header = 'Place,Date,Time,Value,Unit';
const file = (...lines: string[]) => `\uFEFF${[header, ...lines].join('\r\n')}\r\n`;

reading('takes lines with a byte order mark before and carriage returns between them', () => {
  assert.equal(readLightRecords(file('1,5/11/24,15:42:08,8500,LUX     ')), [
    { day: '2024-05-11', minuteOfDay: 942, lux: 8500, clipped: false },
  ]);
});

reading('skips headers that come again, foot-candles and broken lines', () => {
  const text = file(
    '1,5/13/24,9:02:06,100,LUX     ',
    header,
    '161,5/13/24,10:59:06,"00019,9",Ft cd   ',
    '162,5/13/24,11:09:06',
    '162,5/13/24,11:09:06,300,Ft cd   ',
    '163,5/13/24,11:19:06,-5,LUX     ',
    '164,5/13/24,11:29:06,200,LUX     ',
  );
  assert.equal(
    readLightRecords(text).map(({ lux }) => lux),
    [100, 200],
  );
});

reading('knows light at which the instrument stopped', () => {
  const [full, bright] = readLightRecords(
    file('1,5/23/24,12:02:06,99999,LUX     ', '2,5/23/24,12:12:06,99998,LUX     '),
  );
  assert.is(full?.clipped, true);
  assert.is(bright?.clipped, false);
});

reading('calls a day whole only when none of its 144 ten minutes is missing', () => {
  const day = (minutes: number[]) =>
    minutes.map((minute) => ({ day: '2024-05-19', minuteOfDay: minute, lux: 1, clipped: false }));
  const minutes = Array.from({ length: 144 }, (_, index) => index * 10 + 7);
  assert.is(wholeDays(day(minutes)).length, 1);
  assert.is(wholeDays(day(minutes.slice(1))).length, 0);
});

reading('finds the 12 whole days that the series is known to have', () => {
  const days = kiambuDays();
  assert.is(days.length, 12);
  assert.is(days[0]?.day, '2024-05-19');
  assert.is(days[11]?.day, '2024-06-09');
  assert.ok(days.every(({ lux }) => lux.length === 144));
  assert.ok(days.every(({ lux }) => Math.max(...lux.slice(0, 36)) < 50));
});

reading.run();
