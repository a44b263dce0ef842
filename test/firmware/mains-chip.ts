/** Runs the simulator's mains chip outside the simulator: a mock of the few calls that the chip makes. */
import { readFileSync } from 'node:fs';

/** What this file uses of WebAssembly; its types live in the library of browsers. */
type Exports = {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly __indirect_function_table: { get(place: number): (userData: number) => void };
  readonly __wokwi_api_version_1: () => number;
  readonly chipInit: () => void;
};
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ): Promise<{ readonly instance: { readonly exports: Exports } }>;
};

const stepUs = 50;
const pinMode = 4;
const apiVersion = 1;
const supplyV = 3.3;
const codes = 4096;

/** The chip with its sliders set; `step` lets its timer strike once and moves the clock on. */
async function start(file: string, sliders: Readonly<Record<string, number>>) {
  const pins: string[] = [];
  const volts: number[] = [];
  const attributes: number[] = [];
  let nowUs = 0;
  let callback = 0;
  let timerUs = 0;
  const text = (at: number): string => {
    const bytes = new Uint8Array(exports.memory.buffer, at);
    return Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString();
  };
  const env = {
    pinInit: (name: number, mode: number) => {
      if (mode !== pinMode) throw new Error(`pin ${text(name)} is not analog`);
      return pins.push(text(name)) - 1;
    },
    pinDacWrite: (pin: number, value: number) => {
      volts[pin] = value;
    },
    attrInitFloat: (name: number, first: number) =>
      attributes.push(sliders[text(name)] ?? first) - 1,
    attrReadFloat: (attribute: number) => attributes[attribute],
    timerInit: (config: number) => {
      // The pointer to the user's data comes first.
      callback = new DataView(exports.memory.buffer).getUint32(config + 4, true);
      return 0;
    },
    timerStart: (_timer: number, us: number) => {
      timerUs = us;
    },
    getSimNanos: () => BigInt(nowUs) * 1000n,
  };
  const { instance } = await WebAssembly.instantiate(readFileSync(file), { env });
  const { exports } = instance;
  if (exports.__wokwi_api_version_1() !== apiVersion) throw new Error('not the API that we know');
  exports.chipInit();
  if (timerUs !== stepUs) throw new Error(`the chip steps every ${timerUs} us`);
  const strike = exports.__indirect_function_table.get(callback);
  return {
    step(): void {
      nowUs += stepUs;
      strike(0);
    },
    voltsAt: (pin: string): number => volts[pins.indexOf(pin)] ?? 0,
  };
}

/**
 * What a 12-bit ADC at 3.3 V reads in so many seconds: 10000 pairs a second of voltage and, half a pair later,
 * the current of the grid.
 */
export async function codesOf(
  file: string,
  sliders: Readonly<Record<string, number>>,
  seconds: number,
): Promise<Uint16Array<ArrayBuffer>> {
  const chip = await start(file, sliders);
  const codeAt = (pin: string): number => {
    chip.step();
    const code = Math.round((chip.voltsAt(pin) / supplyV) * codes);
    return Math.min(codes - 1, Math.max(0, code));
  };
  const read = new Uint16Array((seconds * 1e6) / stepUs);
  for (let at = 0; at < read.length; at += 2) {
    read[at] = codeAt('VT');
    read[at + 1] = codeAt('CT_GRID');
  }
  return read;
}
