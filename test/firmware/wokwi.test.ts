// uncounted: it starts whole programs, again and again
// needs: g++ cmake ninja clang wasm-ld
/** All of the Wokwi project that can be checked without the simulator, which nobody here has run. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { codesOf } from './mains-chip.ts';
import { firmwareFolder, makeFirmware } from './make.ts';

const wokwi = suite('the Wokwi project');

type Diagram = {
  readonly parts: readonly { readonly type: string; readonly id: string }[];
  readonly connections: readonly (readonly [string, string, string, readonly string[]])[];
};

const folder = join(firmwareFolder, 'wokwi');
const read = (...path: readonly string[]): string =>
  readFileSync(join(firmwareFolder, ...path), 'utf8');
const diagram = (): Diagram => JSON.parse(read('wokwi/diagram.json'));
const chip = (): { pins: string[]; controls: { id: string; min: number; max: number }[] } =>
  JSON.parse(read('wokwi/mains.chip.json'));

/** Pins of the parts that the diagram uses, as Wokwi's documentation lists them. */
const pinsOf: Readonly<Record<string, readonly string[]>> = {
  'wokwi-led': ['A', 'C'],
  'wokwi-resistor': ['1', '2'],
  'wokwi-relay-module': ['VCC', 'GND', 'IN', 'NC', 'COM', 'NO'],
  'wokwi-pushbutton': ['1.l', '1.r', '2.l', '2.r'],
  'wokwi-slide-switch': ['1', '2', '3'],
  'board-esp32-devkit-c-v4': [
    ...['3V3', '5V', 'EN', 'TX', 'RX', 'GND.1', 'GND.2', 'GND.3', 'VP', 'VN'],
    ...'34 35 32 33 25 26 27 14 12 13 23 22 21 19 18 5 17 16 4 0 2 15'.split(' '),
  ],
};

wokwi('names every part once and connects only ends that exist (16)', () => {
  const { parts, connections } = diagram();
  const ids = parts.map(({ id }) => id);
  assert.is(new Set(ids).size, ids.length);
  const pins = new Map(parts.map(({ id, type }) => [id, pinsOf[type] ?? chip().pins]));
  assert.is(parts.filter(({ type }) => type === 'chip-mains').length, 1);
  assert.is(parts.filter(({ type }) => pinsOf[type] === undefined).length, 1);
  for (const [from, to] of connections)
    for (const end of [from, to]) {
      const [part = '', pin = ''] = end.split(':');
      if (part === '$serialMonitor') continue;
      assert.ok(pin !== '' && pins.get(part)?.includes(pin), `${end} is nowhere`);
    }
});

/** Pins of the classic ESP32, by their names in the device's header. */
function pinsOfTheDevice(): Map<string, string> {
  const header = read('device/main/pins.h');
  const own = /CONFIG_IDF_TARGET_ESP32\)\n([\s\S]*?)#elif/.exec(header)?.[1] ?? '';
  return new Map(
    [...own.matchAll(/int (pin\w+) = (\d+);/g)].map(([, name = '', pin = '']) => [name, pin]),
  );
}

wokwi('wires every pin that the device uses to what it is for (16)', () => {
  const wires = new Map(
    diagram().connections.flatMap(([from, to]) => [
      [from, to],
      [to, from],
    ]),
  );
  const pins = pinsOfTheDevice();
  assert.is(pins.size, 9);
  assert.is(new Set(pins.values()).size, 9);
  const other = (name: string) => wires.get(`esp:${pins.get(name)}`);
  assert.is(other('pinVoltage'), 'mains:VT');
  assert.is(other('pinCurrent'), 'mains:CT_GRID');
  assert.is(other('pinGeneration'), 'mains:CT_ROOF');
  assert.is(other('pinRelay'), 'relay:IN');
  assert.is(other('pinStatusLed'), 'statusResistor:1');
  assert.is(other('pinSetupButton'), 'setup:1.l');
  assert.is(other('pinCoverSwitch'), 'cover:2');
  // There is no ADE7953 in the simulator.
  assert.equal([other('pinChipData'), other('pinChipClock')], [undefined, undefined]);
});

wokwi('points to the files that the builds make (16)', () => {
  const toml = read('wokwi/wokwi.toml');
  const value = (key: string) => new RegExp(`^${key} = '(.*)'$`, 'm').exec(toml)?.[1] ?? '';
  assert.is(dirname(value('firmware')), '../device/build');
  assert.is(value('firmware').split('/').at(-1), 'flasher_args.json');
  assert.is(dirname(value('elf')), '../device/build');
  const project = join(firmwareFolder, 'device/CMakeLists.txt');
  if (existsSync(project)) {
    const [, name] = /^project\((\S+?)\)/m.exec(readFileSync(project, 'utf8')) ?? [];
    assert.is(value('elf').split('/').at(-1), `${name}.elf`);
  }
  const made = makeFirmware('mains.chip.wasm');
  assert.is(resolve(folder, value('binary')), made);
  assert.is(value('name'), 'mains');
  assert.ok(existsSync(made.replace(/wasm$/, 'json')));
});

/** What the meter's core makes of the sliders. */
async function measured(sliders: Readonly<Record<string, number>>) {
  const input = Buffer.from((await codesOf(makeFirmware('mains.chip.wasm'), sliders, 4)).buffer);
  const { stdout } = spawnSync(makeFirmware('meter-samples'), { input, encoding: 'utf8' });
  const [mw = 0, mv = 0, , mhz = 0, flags = 0, importUj = 0, exportUj = 0] = stdout
    .split(' ')
    .map(Number);
  return { watts: mw / 1e3, volts: mv / 1e3, hertz: mhz / 1e3, flags, importUj, exportUj };
}

const isNear = (value: number, wanted: number): void =>
  assert.ok(Math.abs(value / wanted - 1) < 0.01, `${value} is not within 1 % of ${wanted}`);

wokwi("gives the sliders' watts to the meter's core within 1 % (16)", async () => {
  const controls = chip().controls.map(({ id }) => id);
  assert.equal(controls.sort(), ['hertz', 'lag', 'roof', 'volts', 'watts']);
  for (const sliders of [
    { watts: 800, lag: 0, volts: 230, hertz: 50, roof: 0 },
    { watts: 3000, lag: 60, volts: 215, hertz: 51.3, roof: 0 },
    { watts: 1500, lag: -45, volts: 245, hertz: 48.2, roof: 700 },
    { watts: 500, lag: 0, volts: 230, hertz: 50, roof: 2500 },
  ]) {
    const seen = await measured(sliders);
    isNear(seen.watts, sliders.watts - sliders.roof);
    isNear(seen.volts, sliders.volts);
    isNear(seen.hertz, sliders.hertz);
    assert.is(seen.flags, 0);
    assert.is(seen.importUj > 0, sliders.watts > sliders.roof);
    assert.is(seen.exportUj > 0, sliders.watts < sliders.roof);
  }
});

wokwi('shows the meter a power cut and a wrong frequency', async () => {
  assert.is((await measured({ volts: 0 })).flags, 2);
  assert.is((await measured({ hertz: 66 })).flags, 4);
});

wokwi.run();
