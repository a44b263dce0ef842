// uncounted: it starts whole programs, again and again
// needs: g++ cmake ninja libsodium
// timeout: 300s
/**
 * The device's own sources, linked with fakes of ESP-IDF and run on this computer, from the first start to a new firmware.
 * The fakes are our idea of ESP-IDF, not ESP-IDF.
 */
import { createPublicKey, verify } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeFirmware } from './make.ts';
import { Device, DeviceFlash, type Wishes } from './one-device.ts';
import { OneMeterHub, type Said } from './one-meter-hub.ts';

const shell = suite('the device on this computer');

const id = 'em-7c9ebd112233';
const secret = 'a_secret_of_the_vectors';
/** Of this secret, as PROTOCOL.md has it. */
const claim = 'EEBJ-YJVS-YR94';
/** Of pins.h for the ESP32-C3. */
const setupButton = 6;
const coverSwitch = 5;

/** Within so many readings a device has looked at its switches. */
const readingsSoon = 5;

const program = (): string => makeFirmware('device-on-host');
const configFor = (port: number, scheme = 'mqtts'): string =>
  [
    ...['jirani-meter=1', `id=${id}`, `secret=${secret}`],
    ...[`hub=${scheme}://127.0.0.1:${port}`, 'reading_s=1', ''],
  ].join('\n');

/** A frame of Improv (improv-wifi.com/serial) in hex. */
function improvCall(data: readonly number[]): string {
  const frame = [...Buffer.from('IMPROV'), 1, 3, data.length, ...data];
  return Buffer.from([...frame, frame.reduce((sum, byte) => sum + byte, 0) & 255]).toString('hex');
}

function improvWifi(ssid: string, password: string): string {
  const texts = [ssid, password].flatMap((value) => [value.length, ...Buffer.from(value)]);
  return improvCall([1, texts.length, ...texts]);
}

/** How a line begins that says a state (2 ready, 4 joined) or an error (4: press the button). */
const improvHead = `serial ${Buffer.from('IMPROV').toString('hex')}01`;
const improvState = (state: number): string => `${improvHead}01010${state}`;
const improvError = (error: number): string => `${improvHead}02010${error}`;

const joinsByCable = `serial ${improvWifi('house', 'long enough')}`;

/** A device that has its configuration and its Wi-Fi. */
function aDevice(flash: DeviceFlash, wishes: Wishes = {}): Device {
  const device = new Device(program(), flash, wishes);
  device.do(joinsByCable);
  return device;
}

const readingsOf = (hub: OneMeterHub): Said[] =>
  hub.said.filter(({ topic }) => topic.endsWith('/reading'));

/** The first reading without a fault: the sample rate is not known at once, and a busy computer may lose samples. */
async function firstSure(hub: OneMeterHub): Promise<Said> {
  for (let k = 2; ; k++) {
    const said = await hub.heard('reading', k);
    if ((JSON.parse(said.payload).fl & 16) === 0) return said;
  }
}

const isSigned = ({ topic, payload }: Said, key: string): boolean => {
  const [body = '', rest = ''] = payload.split(',"sig":"');
  const x = Buffer.from(key, 'base64').toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const signature = Buffer.from(rest.replace('"}', ''), 'base64');
  return verify(null, Buffer.from(`${topic}\n${body}`), publicKey, signature);
};

shell(
  'takes its configuration over, makes its key, measures, signs and tells, and goes on after a power cut',
  async () => {
    using flash = new DeviceFlash();
    await using hub = new OneMeterHub();
    flash.handOver(configFor(await hub.listen()));
    let key: string;
    let sequence: number;
    {
      await using device = aDevice(flash, { DEVICE_CALIBRATED: '1', DEVICE_SPEED: '2' });
      assert.is(await device.tells('wifi opens'), 'wifi opens jirani-112233');
      assert.is(await device.tells('tls as'), `tls as ${id} with 32 bytes of key`);
      key = JSON.parse((await hub.heard('info')).payload).key;
      const sure = await firstSure(hub);
      const reading = JSON.parse(sure.payload);
      sequence = reading.s;
      assert.ok(isSigned(sure, key));
      assert.not.ok(isSigned({ ...sure, topic: `${sure.topic}x` }, key));
      assert.ok(Math.abs(reading.p / 1_150_000 - 1) < 0.01, sure.payload);
      assert.ok(Math.abs(reading.u / 230_000 - 1) < 0.01, sure.payload);
      assert.ok(reading.ei > 0 && reading.ee === 0 && reading.tq === 2);
      assert.ok(device.told.includes('random on'));
    }
    assert.ok(flash.read('handover').every((byte) => byte === 0xff));
    assert.not.match(flash.read('mlog').toString('latin1'), /vectors/);
    const before = readingsOf(hub).length;
    await using device = new Device(program(), flash);
    assert.is(JSON.parse((await hub.heard('info', 1)).payload).key, key);
    assert.not.ok(device.told.includes('random on'));
    await hub.heard('reading', before + 1);
    const numbers = readingsOf(hub).map(({ payload }) => JSON.parse(payload).s);
    assert.ok(Math.max(...numbers) > sequence);
    assert.equal(
      [...new Set(numbers)],
      [...new Set(numbers)].sort((one, other) => one - other),
    );
  },
);

shell('14: keeps a new firmware at the first PUBACK, and not before', async () => {
  using flash = new DeviceFlash();
  await using hub = new OneMeterHub();
  hub.acknowledges = false;
  flash.handOver(configFor(await hub.listen(), 'mqtt'));
  await using device = aDevice(flash, {
    ...{ DEVICE_ON_TRIAL: '1', DEVICE_SPEED: '60', DEVICE_WITHOUT_ADC: '1' },
  });
  await hub.heard('reading');
  await hub.heard('state');
  assert.not.ok(device.told.includes('image kept'));
  hub.acknowledgeAll();
  await device.tells('image kept');
});

shell('14: rolls a new firmware back that brings nothing to the hub for ten minutes', async () => {
  using flash = new DeviceFlash();
  await using hub = new OneMeterHub();
  hub.acknowledges = false;
  flash.handOver(configFor(await hub.listen()));
  const wishes = { DEVICE_ON_TRIAL: '1', DEVICE_SPEED: '300', DEVICE_WITHOUT_ADC: '1' };
  await using device = aDevice(flash, wishes);
  await device.tells('image rolled back');
  assert.is(await device.ends(), 3);
  assert.not.ok(device.told.includes('image kept'));
});

shell('14: rolls a new firmware back that does not even find out who it is', async () => {
  using flash = new DeviceFlash();
  await using device = new Device(program(), flash, { DEVICE_ON_TRIAL: '1' });
  await device.tells('image rolled back');
});

shell(
  'takes nothing from a page whose visitor does not know the code, and a Wi-Fi from one who does',
  async () => {
    using flash = new DeviceFlash();
    flash.handOver(configFor(1));
    await using device = new Device(program(), flash, { DEVICE_SPEED: '5' });
    await device.tells('wifi opens');
    device.do('post /setup claim=EEBJ-YJVS-YR95&wish=wifi&ssid=house&password=long+enough');
    assert.match(await device.tells('answer'), /^answer 403 Forbidden: This is not the code/);
    assert.not.ok(device.told.some((line) => line.startsWith('wifi joins')));
    device.do(`post /setup claim=${claim.toLowerCase()}&wish=wifi&ssid=house&password=long+enough`);
    assert.is(await device.tells('wifi joins'), 'wifi joins house');
    assert.match(await device.tells('answer 200'), /^answer 200 OK: Done\.$/);
    assert.not.match(device.log + device.told.join('\n'), /long enough|a_secret/);
  },
);

shell('lets the cable set the Wi-Fi only while somebody sets it up', async () => {
  using flash = new DeviceFlash();
  flash.handOver(configFor(1));
  {
    await using device = aDevice(flash);
    await device.tells('wifi joins');
    // Improv: error 0, then the state "provisioned".
    await device.tells(improvState(4));
  }
  await using device = new Device(program(), flash, { DEVICE_SPEED: '5' });
  await device.tells('wifi joins house');
  device.do(`serial ${improvWifi('elsewhere', 'long enough')}`);
  await device.tells(improvError(4));
  // What was done about it is done by the next answer.
  device.do(`serial ${improvCall([2, 0])}`);
  await device.tells(improvState(4));
  assert.not.ok(device.told.includes('wifi joins elsewhere'));
});

shell(
  'says when its cover came off, and forgets only its Wi-Fi and calibration at ten seconds of the button',
  async () => {
    using flash = new DeviceFlash();
    await using hub = new OneMeterHub();
    flash.handOver(configFor(await hub.listen()));
    const speed = { DEVICE_SPEED: '10', DEVICE_CALIBRATED: '1', DEVICE_WITHOUT_ADC: '1' } as const;
    let key: string;
    {
      await using device = aDevice(flash, speed);
      key = JSON.parse((await hub.heard('info')).payload).key;
      await hub.heard('reading');
      device.do(`gpio ${coverSwitch} 1`);
      const soon = await hub.heard('reading', readingsOf(hub).length + readingsSoon);
      assert.is(JSON.parse(soon.payload).fl & 64, 64);
      device.do(`gpio ${setupButton} 0`);
      await device.tells('restart');
      assert.is(await device.ends(), 4);
    }
    await using device = aDevice(flash, speed);
    await device.tells('wifi opens');
    assert.is(JSON.parse((await hub.heard('info', 1)).payload).key, key);
  },
);

shell('gives the house its power whatever happens, and says why it cannot be a meter', async () => {
  using flash = new DeviceFlash();
  await using device = new Device(program(), flash);
  await device.logs('nobody has told this meter who it is');
  assert.not.ok(device.told.includes('relay coil 1'));
});

shell.run();
