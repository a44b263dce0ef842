/** Reads the device's project as text: partitions, configurations, pins, sources. Nothing of it needs ESP-IDF. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { firmwareFolder } from './make.ts';

export const deviceFolder = join(firmwareFolder, 'device');
export const read = (...path: readonly string[]): string =>
  readFileSync(join(firmwareFolder, ...path), 'utf8');
export const filesIn = (...path: readonly string[]): string[] =>
  readdirSync(join(firmwareFolder, ...path)).sort();

const sectorBytes = 0x1000;
/** ESP-IDF: an application begins at a multiple of 64 kB. */
const appBytes = 0x10000;
const flashBytes = 4 * 1024 * 1024;

type Partition = {
  readonly name: string;
  readonly type: string;
  readonly subtype: string;
  readonly offset: number;
  readonly size: number;
  readonly flags: string;
};

export const partitionsOf = (csv: string): Partition[] =>
  csv
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').map((cell) => cell.trim()))
    .map(([name = '', type = '', subtype = '', offset = '', size = '', flags = '']) => {
      return { name, type, subtype, offset: Number(offset), size: Number(size), flags };
    });

function faultsOfOne(it: Partition, freeFrom: number): string[] {
  const start = it.type === 'app' ? appBytes : sectorBytes;
  return [
    ...(it.offset % start === 0 ? [] : [`${it.name} is not aligned`]),
    ...(it.size > 0 && it.size % sectorBytes === 0 ? [] : [`${it.name} is no number of sectors`]),
    ...(it.offset >= freeFrom ? [] : [`${it.name} begins in what is before it`]),
    ...(it.offset + it.size <= flashBytes ? [] : [`${it.name} ends behind the flash`]),
  ];
}

/** What a table promises that the firmware relies on. */
function faultsOfUse(table: readonly Partition[]): string[] {
  const named = (name: string) => table.filter((it) => it.name === name);
  const [first, second, ...more] = table.filter(({ type }) => type === 'app');
  const log = named('mlog')[0];
  const ownTypes = new Map([
    ['handover', '0x40/0x01'],
    ['mlog', '0x40/0x02'],
  ]);
  return [
    ...['nvs', 'otadata', 'nvs_keys', 'handover', 'mlog', 'ota_0', 'ota_1']
      .filter((name) => named(name).length !== 1)
      .map((name) => `${name} is not there once`),
    ...(first?.size === second?.size && more.length === 0 ? [] : ['two equal slots are wanted']),
    ...(log?.size === 256 * 1024 ? [] : ['mlog is not 256 kB']),
    ...(log?.flags === '' ? [] : ['mlog has flags']),
    ...(named('nvs_keys')[0]?.flags === 'encrypted' ? [] : ['nvs_keys is not encrypted']),
    ...table
      .filter(({ name }) => ownTypes.has(name))
      .filter(({ name, type, subtype }) => ownTypes.get(name) !== `${type}/${subtype}`)
      .map(({ name }) => `${name} has another type than partitions.h`),
  ];
}

/** Everything that is wrong with a partition table; `tableAt` is where the table itself stands. */
export function faultsOfPartitions(csv: string, tableAt: number): string[] {
  const table = partitionsOf(csv);
  let freeFrom = tableAt + sectorBytes;
  const faults = table.flatMap((it) => {
    const found = faultsOfOne(it, freeFrom);
    freeFrom = it.offset + it.size;
    return found;
  });
  return [...faults, ...faultsOfUse(table)];
}

/** `CONFIG_NAME=value` lines of a file. */
export const settingsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('#'))
      .map((line): [string, string] => {
        const [, name, value] = /^(CONFIG_[A-Z0-9_]+)=(.+)$/.exec(line) ?? [];
        if (name === undefined || value === undefined) throw new Error(`not a setting: ${line}`);
        return [name, value];
      }),
  );

/** Pins of each chip, by what they are for. */
export function pinsOf(chip: 'ESP32' | 'ESP32S3' | 'ESP32C3'): ReadonlyMap<string, number> {
  const part = new RegExp(`CONFIG_IDF_TARGET_${chip}\\)\n([\\s\\S]*?)\n#(?:elif|else)`);
  const own = part.exec(read('device/main/pins.h'))?.[1] ?? '';
  return new Map(
    [...own.matchAll(/int (pin\w+) = (\d+);/g)].map(([, name = '', pin]) => [name, Number(pin)]),
  );
}

/** C and C++ without comments and texts. */
export const codeOnly = (text: string): string =>
  text
    .replaceAll(/\/\*[\s\S]*?\*\//g, ' ')
    .replaceAll(/\/\/.*$/gm, ' ')
    .replaceAll(/"(?:\\.|[^"\\])*"/g, '""');

/** All C++ of the device's own. */
export const deviceSources = (): ReadonlyMap<string, string> =>
  new Map(
    filesIn('device/main')
      .filter((name) => /\.(?:cpp|h)$/.test(name))
      .map((name) => [name, read('device/main', name)]),
  );
