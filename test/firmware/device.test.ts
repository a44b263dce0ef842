// uncounted: it starts whole programs, again and again
// needs: g++
/** The device's project: all that can be checked without ESP-IDF and without a chip. It has never run on either. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  codeOnly,
  deviceFolder,
  deviceSources,
  faultsOfPartitions,
  filesIn,
  partitionsOf,
  pinsOf,
  read,
  settingsOf,
} from './device-project.ts';

const device = suite("the device's project");

const check = (words: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  spawnSync(join(deviceFolder, 'check'), words, {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  });

device(
  'fits together for every chip, as far as our own stand-ins for ESP-IDF can tell (15)',
  () => {
    const { status, stdout, stderr } = check(['--stand-ins']);
    assert.is(status, 0, stdout + stderr);
    assert.equal(stdout.match(/^esp32\w*(?=:)/gm), ['esp32c3', 'esp32s3', 'esp32']);
  },
);

device('is not called good where there is no ESP-IDF (15)', () => {
  const { status, stdout } = check([]);
  assert.equal([status, stdout], [77, 'SKIPPED: no ESP-IDF\n']);
});

device('is seen to be broken when one name in one file is wrong (15)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jirani-device-'));
  try {
    cpSync(join(deviceFolder, 'main'), folder, { recursive: true });
    const file = join(folder, 'hub_link.cpp');
    const wrong = readFileSync(file, 'utf8').replace('settings_.psk_hint_key', 'settings_.psk_key');
    writeFileSync(file, wrong);
    const { status, stderr } = check(['--stand-ins', 'esp32s3'], { DEVICE_MAIN: folder });
    assert.is.not(status, 0);
    assert.match(stderr, /has no member named .psk_key/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const settings = () => settingsOf(read('device/sdkconfig.defaults'));
const tableAt = () => Number(settings().get('CONFIG_PARTITION_TABLE_OFFSET'));

device('has a partition table that adds up', () => {
  const csv = read('device/partitions.csv');
  assert.equal(faultsOfPartitions(csv, tableAt()), []);
  assert.is(settings().get('CONFIG_ESPTOOLPY_FLASHSIZE_4MB'), 'y');
  assert.is(settings().get('CONFIG_PARTITION_TABLE_CUSTOM_FILENAME'), '"partitions.csv"');
  const uses = read('device/main/partitions.h');
  assert.match(uses, /ownPartitionType = 0x40;/);
  assert.match(uses, /handover = 0x01, log = 0x02/);
  const handover = partitionsOf(csv).find(({ name }) => name === 'handover');
  const configBytes = Number(
    /configBytesMax = (\d+)/.exec(read('core/include/jirani/config.h'))?.[1],
  );
  assert.ok((handover?.size ?? 0) > configBytes);
});

device('would see a partition table that does not add up', () => {
  const csv = read('device/partitions.csv');
  const wrongs: readonly (readonly [string, string, RegExp])[] = [
    ['0x1e0000, 0x1c0000', '0x1d0000, 0x1c0000', /^ota_1 begins in what is before it$/],
    ['0x20000,  0x1c0000', '0x21000,  0x1bf000', /^ota_0 is not aligned$/],
    ['0x3a0000, 0x40000', '0x3d0000, 0x40000', /^mlog ends behind the flash$/],
    ['0x3a0000, 0x40000', '0x3a0000, 0x20000', /^mlog is not 256 kB$/],
    ['0x3a0000, 0x40000,', '0x3a0000, 0x40000, encrypted', /^mlog has flags$/],
    ['0x11000,  0x6000', '0x10000,  0x6000', /^nvs begins in what is before it$/],
    ['handover, 0x40, 0x01', 'handover, 0x40, 0x03', /^handover has another type/],
    ['ota_1,    app', 'ota_2,    app', /^ota_1 is not there once$/],
  ];
  for (const [right, wrong, fault] of wrongs) {
    assert.ok(csv.includes(right), right);
    const faults = faultsOfPartitions(csv.replace(right, wrong), tableAt());
    assert.ok(
      faults.some((found) => fault.test(found)),
      `${wrong}: ${faults.join(', ')}`,
    );
  }
});

device('says in its defaults every setting that its code asks about', () => {
  const said = new Set(
    filesIn('device')
      .filter((name) => name.startsWith('sdkconfig.defaults'))
      .flatMap((name) => [...settingsOf(read('device', name)).keys()]),
  );
  const optional = new Set(read('device/main/Kconfig.projbuild').match(/(?<=config )JIRANI_\w+/g));
  const asked = [...deviceSources().values()].flatMap((text) => text.match(/\bCONFIG_\w+/g) ?? []);
  const unsaid = asked
    .filter((name) => !/^CONFIG_IDF_TARGET(?:_ESP32(?:S3|C3)?)?$/.test(name))
    .filter((name) => !said.has(name) && !optional.has(name.replace('CONFIG_', '')));
  assert.ok(asked.length > 8);
  assert.equal([...new Set(unsaid)], []);
  assert.ok(said.has('CONFIG_JIRANI_FRONTEND_ADC') && said.has('CONFIG_JIRANI_HAS_GENERATION'));
  for (const name of [
    'BOOTLOADER_APP_ROLLBACK_ENABLE',
    'NVS_FLASH_VERIFY_ERASE',
    'ESP_TASK_WDT_PANIC',
    'ESP_TLS_PSK_VERIFICATION',
    'MBEDTLS_KEY_EXCHANGE_ECDHE_PSK',
  ])
    assert.is(settings().get(`CONFIG_${name}`), 'y', name);
});

device('burns eFuses in the release configuration only, and warns before that', () => {
  const text = read('device/sdkconfig.release');
  const release = settingsOf(text);
  for (const name of ['SECURE_BOOT_V2_ENABLED', 'SECURE_FLASH_ENC_ENABLED', 'NVS_ENCRYPTION'])
    assert.is(release.get(`CONFIG_${name}`), 'y', name);
  assert.match(text, /BURNS eFUSES, AND NOTHING UNDOES THAT/);
  for (const file of filesIn('device').filter((name) => name.startsWith('sdkconfig.defaults')))
    for (const name of settingsOf(read('device', file)).keys())
      assert.not.match(name, /SECURE|ENCRYPTION|EFUSE/, `${file}: ${name}`);
  assert.not.ok(
    existsSync(join(deviceFolder, release.get('CONFIG_SECURE_BOOT_SIGNING_KEY') ?? '')),
  );
});

device('uses every pin of every chip, each for one thing, analog ones where ADC1 is', () => {
  const code = codeOnly(
    [...deviceSources()].map(([name, text]) => (name === 'pins.h' ? '' : text)).join('\n'),
  );
  const adc1 = { ESP32: [32, 39], ESP32S3: [1, 10], ESP32C3: [0, 4] } as const;
  /** USB and the flash of the usual modules. */
  const taken = {
    ESP32: [1, 3, 6, 7, 8, 9, 10, 11],
    ESP32S3: [19, 20, 26, 27, 28, 29, 30, 31, 32],
    ESP32C3: [11, 12, 13, 14, 15, 16, 17, 18, 19],
  } as const;
  const names = [...pinsOf('ESP32').keys()].sort();
  assert.is(names.length, 9);
  for (const name of names) assert.match(code, new RegExp(`\\b${name}\\b`));
  for (const chip of ['ESP32', 'ESP32S3', 'ESP32C3'] as const) {
    const pins = pinsOf(chip);
    assert.equal([...pins.keys()].sort(), names, chip);
    assert.is(new Set(pins.values()).size, names.length, `${chip}: a pin is used twice`);
    for (const name of ['pinVoltage', 'pinCurrent', 'pinGeneration']) {
      const pin = pins.get(name) ?? -1;
      assert.ok(pin >= adc1[chip][0] && pin <= adc1[chip][1], `${chip}: ${name}`);
    }
    for (const pin of pins.values())
      assert.not.ok((taken[chip] as readonly number[]).includes(pin), `${chip}: ${pin}`);
  }
});

device('names what others must fetch with its exact version', () => {
  const yml = read('device/main/idf_component.yml');
  assert.match(yml, /^ {2}idf: ">=5\.5\.0,<6\.0\.0"$/m);
  const components = [...yml.matchAll(/^ {2}(\w+\/\w+): "(.*)"$/gm)].map(([, name, version]) => [
    name,
    version,
  ]);
  assert.equal(components, [['espressif/libsodium', '==1.0.22']]);
  const ini = read('device/platformio.ini');
  assert.match(ini, /^platform = espressif32 @ \d+\.\d+\.\d+$/m);
  assert.not.match(ini, /git|http|^framework = arduino/m);
});

/** Which component of ESP-IDF 5.5 a header belongs to; what is not here is part of every project. */
const componentOf: readonly (readonly [RegExp, string])[] = [
  [/^esp_adc\//, 'esp_adc'],
  [/^driver\/gpio/, 'esp_driver_gpio'],
  [/^driver\/i2c/, 'esp_driver_i2c'],
  [/^driver\/uart/, 'esp_driver_uart'],
  [/^driver\/usb/, 'esp_driver_usb_serial_jtag'],
  [/^esp_timer/, 'esp_timer'],
  [/^esp_event/, 'esp_event'],
  [/^esp_netif/, 'esp_netif'],
  [/^esp_wifi/, 'esp_wifi'],
  [/^esp_http_server/, 'esp_http_server'],
  [/^esp_tls/, 'esp-tls'],
  [/^esp_partition/, 'esp_partition'],
  [/^nvs/, 'nvs_flash'],
  [/^esp_ota_ops/, 'app_update'],
  [/^bootloader_random/, 'bootloader_support'],
  [/^lwip\//, 'lwip'],
  [/^sodium\.h/, 'libsodium'],
  [/^jirani\//, 'core'],
];

device('builds every source, with every component whose headers it reads', () => {
  const cmake = read('device/main/CMakeLists.txt');
  const named = new Set(cmake.match(/[\w./]+\.cpp/g));
  const sources = [...deviceSources().keys()].filter((name) => name.endsWith('.cpp'));
  assert.equal(
    sources.filter((name) => !named.has(name)),
    [],
  );
  for (const name of named) assert.ok(existsSync(join(deviceFolder, 'main', name)), name);
  const required = new Set((/REQUIRES ([\s\S]*?)\)/.exec(cmake)?.[1] ?? '').split(/\s+/));
  const headers = [...deviceSources().values(), read('ports/posix/sodium_signer.cpp')].flatMap(
    (text) => [...text.matchAll(/#include [<"]([\w./]+)[">]/g)].map(([, name = '']) => name),
  );
  const wanted = headers.flatMap((name) =>
    componentOf.filter(([form]) => form.test(name)).map(([, it]) => it),
  );
  assert.equal([...new Set(wanted)].sort(), [...required].sort());
  assert.match(read('device/CMakeLists.txt'), /^project\(jirani-meter\)$/m);
});

device('can also be built by PlatformIO, as far as its file tells', () => {
  const ini = read('device/platformio.ini');
  assert.equal(
    [...ini.matchAll(/^\[env:(.*)\]$/gm)].map(([, name]) => name),
    ['native', 'esp32dev', 'esp32-c3-devkitm-1', 'esp32-s3-devkitc-1'],
  );
  assert.match(ini, /^src_dir = main$/m);
  for (const [, path = ''] of ini.matchAll(/\+<(.*?)>/g))
    assert.ok(existsSync(resolve(deviceFolder, 'main', path)), path);
  for (const [, path = ''] of ini.matchAll(/-I (\S+)/g))
    assert.ok(existsSync(resolve(deviceFolder, path)), path);
  assert.ok(existsSync(join(deviceFolder, /board_build\.partitions = (.*)/.exec(ini)?.[1] ?? '')));
});

/** What takes memory when it runs, throws, or belongs to the C++ library. */
const heap =
  /\bnew\b|\bdelete\b|\bmalloc\b|\bcalloc\b|\bfree\(|\bthrow\b|\bstd::|#include <(?!(?:stdint|stddef|string|math)\.h>)/;

device('takes no heap in the core, and none in its own files but what ESP-IDF takes', () => {
  const core = ['core/src', 'core/include/jirani'].flatMap((folder) =>
    filesIn(folder).map((name) => [name, codeOnly(read(folder, name))] as const),
  );
  assert.ok(core.length > 50);
  assert.equal(
    core.filter(([, code]) => heap.test(code)).map(([name]) => name),
    [],
  );
  assert.ok(heap.test('auto *a = new int;') && heap.test('#include <vector>'));
  for (const [name, text] of deviceSources())
    assert.not.match(
      codeOnly(text),
      /\bnew\b|\bmalloc\b|std::(?:string|vector|map|unique_ptr)/,
      name,
    );
});

device('has a page that asks for nothing that the meter does not read', () => {
  const page = read('device/main/setup_page.html');
  const form = read('core/src/setup_form.cpp');
  const fields = new Set(
    (/fieldNames\[fieldsCount\] = \{(.*)\}/.exec(form)?.[1] ?? '').match(/\w+/g),
  );
  const asked = [...page.matchAll(/ name="(\w+)"/g)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'viewport');
  assert.equal([...new Set([...asked, 'claim', 'wish'])].sort(), [...fields].sort());
  const wishes = [...page.matchAll(/data-wish="(\w+)"/g)].map(([, name = '']) => name);
  assert.is(wishes.length, 4);
  for (const wish of wishes) assert.match(form, new RegExp(`isWord\\(wish, "${wish}"\\)`));
  const routes = [...read('device/main/setup_page.cpp').matchAll(/\{"(\/\w*)", HTTP_/g)].map(
    ([, path]) => path,
  );
  for (const [, path] of page.matchAll(/(?:tell|fetch)\('(\/\w+)'/g))
    assert.ok(routes.includes(path));
});

device('never logs what must stay secret', () => {
  for (const [name, text] of deviceSources())
    for (const [line] of text.matchAll(/ESP_LOG\w\([^;]*;/g))
      assert.not.match(line, /secret|seed|psk|claim_|password|ssid/i, name);
});

device.run();
