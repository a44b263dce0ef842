/** Fifty meters that measure every ten seconds, day and night, in time of their own: for files that hold weeks. */

import type { Batch, Introduction } from '../gateway/adapters/readings/messages.ts';
import { PayloadBatch, type Spare } from '../gateway/adapters/readings/payload-batch.ts';
import type { MeterId } from '../gateway/core/ids.ts';
import { firstSequence, firstUnixSeconds, meterName } from './load.ts';

export const neighbours = 50;
const everyMs = 10_000;
/** They do not all measure at the same moment. */
const apartMs = everyMs / neighbours;
const dayMs = 86_400_000;
/** Between a measurement and its arrival. */
const underWayMs = 60;
/** The first reading is of a midnight. */
export const firstMs = Math.floor((firstUnixSeconds * 1000) / dayMs) * dayMs;

type House = {
  loadW: number;
  voltageMv: number;
  importMwh: number;
  exportMwh: number;
  generationMwh: number;
  readonly panelsW: number;
};

export class Neighbourhood {
  readonly #batch = new PayloadBatch();
  readonly #text = Buffer.alloc(512);
  readonly #houses: House[] = Array.from({ length: neighbours }, (_, meter) => ({
    ...{ loadW: 1500, voltageMv: 230_000, importMwh: 90_000_000 + meter, exportMwh: 50_000_000 },
    ...{ generationMwh: 70_000_000, panelsW: meter % 2 === 0 ? 3000 : 0 },
  }));
  #introductions: Introduction[] = this.#houses.map((_, number) => ({
    ...{ number, meter: meterName(number) as MeterId, publicKey: undefined },
  }));
  #seed = 42;
  #batches = 0;
  #measured = 0;

  /** How many readings there were so far. */
  get measured(): number {
    return this.#measured;
  }

  /** When the next reading is measured. */
  get nowMs(): number {
    return (
      firstMs +
      Math.floor(this.#measured / neighbours) * everyMs +
      (this.#measured % neighbours) * apartMs
    );
  }

  /** The next `count` readings, as one commit's worth of payloads. */
  batch(count: number, spare: Spare | undefined): Batch {
    for (let k = 0; k < count; k++) {
      const receivedAt = this.nowMs + underWayMs;
      const meter = this.#measured % neighbours;
      const length = this.#text.write(this.#measure(meter), 'latin1');
      this.#batch.add(meter, this.#text, 0, length, receivedAt);
      this.#measured += 1;
    }
    const introductions = this.#introductions;
    this.#introductions = [];
    this.#batches += 1;
    return { kind: 'batch', number: this.#batches, introductions, ...this.#batch.take(spare) };
  }

  #measure(meter: number): string {
    const house = this.#houses[meter] as House;
    const round = Math.floor(this.#measured / neighbours);
    const t = Math.floor(this.nowMs / 1000);
    const height = Math.sin((((this.nowMs % dayMs) / dayMs) * 2 - 0.5) * Math.PI);
    const sunW = Math.max(0, height) * house.panelsW * (0.85 + 0.15 * this.#chance());
    house.loadW = Math.max(60, Math.min(4000, house.loadW + (this.#chance() - 0.5) * 120));
    const drift = (this.#chance() - 0.5) * 1200;
    house.voltageMv = Math.round(Math.max(215_000, Math.min(245_000, house.voltageMv + drift)));
    const powerW = house.loadW - sunW;
    const mwh = Math.floor((Math.abs(powerW) * everyMs) / 3600);
    if (powerW < 0) house.exportMwh += mwh;
    else house.importMwh += mwh;
    house.generationMwh += Math.floor((sunW * everyMs) / 3600);
    const p = Math.round(powerW * 1000);
    const i = Math.round((Math.abs(p) / house.voltageMv) * 1000);
    const f = 49_980 + Math.floor(this.#chance() * 50);
    return (
      `{"v":1,"s":${firstSequence + round},"b":4120478593,"t":${t},"tq":2,"up":${86_400 + round * 10},` +
      `"p":${p},"u":${house.voltageMv},"i":${i},"f":${f},"ei":${house.importMwh},"ee":${house.exportMwh},` +
      `"eg":${house.generationMwh},"fl":0}`
    );
  }

  /** The same neighbourhood each time. */
  #chance(): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#seed / 2 ** 32;
  }
}
