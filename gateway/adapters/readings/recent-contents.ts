/** What a meter's recent readings said, in short, to tell a resend from other content under the same number. */
import type { Likeness } from '../../core/admit-reading.ts';
import { wrapMwh } from '../../core/rollover.ts';
import { type ReadingFields, untold } from './reading-fields.ts';

/** How many readings of a meter are remembered. */
const recentMax = 256;
const nobody = -1;

export class RecentContents {
  readonly #sequence = new Float64Array(recentMax).fill(nobody);
  readonly #content = new Int32Array(recentMax);
  readonly #generation = new Float64Array(recentMax);
  readonly #time = new Float64Array(recentMax);

  /** `unixSeconds` is `untold` for a reading that was read back from the disk, where its own time may be lost. */
  remember(fields: ReadingFields, generationMwh: number, unixSeconds: number): void {
    const place = fields.sequence % recentMax;
    this.#sequence[place] = fields.sequence;
    this.#content[place] = contentOf(fields);
    this.#generation[place] = generationMwh;
    this.#time[place] = unixSeconds;
  }

  likenessOf(fields: ReadingFields): Likeness {
    const place = fields.sequence % recentMax;
    if (this.#sequence[place] !== fields.sequence) return 'forgotten';
    if (this.#content[place] !== contentOf(fields)) return 'other';
    const generated = fields.generationMwh;
    const kept = this.#generation[place] as number;
    if (generated !== untold && kept % wrapMwh !== generated % wrapMwh) return 'other';
    const time = this.#time[place];
    return time === untold || time === fields.unixSeconds ? 'same' : 'other';
  }
}

/**
 * 32 bits over what a reading says, but for its time and generation. It protects against mistakes, not against
 * forgery: whoever may publish as a meter may also publish new readings. Signatures are for the rest.
 */
function contentOf(fields: ReadingFields): number {
  let mixed = mix(0x2f6e2b1, fields.boot);
  mixed = mix(mixed, fields.uptimeSeconds);
  mixed = mix(mixed, fields.powerMw);
  mixed = mix(mixed, fields.voltageMv);
  mixed = mix(mixed, fields.currentMa);
  mixed = mix(mixed, fields.frequencyMhz);
  // Of registers only what a wrap of 32 bits leaves as it was: the hub counts on where a meter begins again.
  mixed = mix(mixed, fields.importMwh % wrapMwh);
  mixed = mix(mixed, fields.exportMwh % wrapMwh);
  return mix(mixed, fields.flags) | 0;
}

/** Multiply, rotate, multiply, over both halves of a number below 2^53. */
function mix(seed: number, value: number): number {
  let mixed = seed ^ Math.imul(value | 0, 0xcc9e2d51);
  mixed = Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64;
  mixed ^= Math.imul(Math.floor(value / 4_294_967_296), 0x1b873593);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x85ebca6b);
}
