/**
 * Learns one series of a household, slot by slot, and says what it will do at several leads, with quantiles. It is
 * scored all the time against the blend of persistence and climatology; nothing it says has seen the future.
 */
import { DayProfile, slotsPerDay } from './day-profile.ts';
import { type Forecast, Lead, nightPart } from './lead.ts';
import type { Skill, SkillBook } from './skill.ts';

/** From 15 minutes to a day, in slots. */
export const leads = [1, 2, 4, 8, 12, 16, 24, 32, 48, 72, 96] as const;

/** Days that are only learned from: a score of the first days would tell of ignorance alone. */
const daysBeforeScores = 3;
/** The level of now and of the day is trusted no further than this. */
const levelMax = 2.5;
const recentSlots = 4;
/**
 * What is believed before anything was seen: weights of yesterday, of the last hour (fading with the lead), and of
 * the last day. A cloud stays a while; what a house uses in an hour tells little of the next, unless both lie in the
 * same half hour, in which an appliance stays on.
 */
const beliefs = {
  sun: { yesterday: 0.05, now: 0.8, day: 0.3 },
  load: { yesterday: 0.05, now: 0.3, day: 0.4 },
} as const;
const nowFadesSlots = 8;
const slotsPerHalfHour = 2;

export class SlotForecaster {
  readonly #knowsNights: boolean;
  readonly #profile = new DayProfile();
  readonly #leads: readonly Lead[];
  /** The last day, newest last. */
  readonly #recent: number[] = [];
  #observed = 0;
  #mean = 0;

  /** Nights of the sun are 0 and are not scored. */
  constructor(kind: 'sun' | 'load') {
    this.#knowsNights = kind === 'sun';
    const { yesterday, now, day } = beliefs[kind];
    this.#leads = leads.map((lead) => {
      const fading = now * Math.exp(-lead / nowFadesSlots);
      const prior = [1 - yesterday, 0, fading, yesterday, day];
      return new Lead(lead, kind === 'load' && lead < slotsPerHalfHour ? [...prior, 0] : prior);
    });
  }

  /** The next slot of the series, which has no gaps: what was not heard is given as what is usual. */
  observe(slot: number, value: number): void {
    const isScored = this.#observed >= daysBeforeScores * slotsPerDay;
    // Before a whole day is known its mean says nothing, and what is learned by it would never be forgotten.
    const scale = this.#observed < slotsPerDay ? 0 : this.#mean;
    const night = nightPart * this.#mean;
    for (const lead of this.#leads) {
      const isDay = !this.#knowsNights || value > night || lead.usualAt(slot) > night;
      lead.learn(slot, value, scale, isDay, isScored && isDay);
    }
    this.#observed += 1;
    const share = Math.max(this.#observed, 1);
    this.#mean += (value - this.#mean) / Math.min(share, daysBeforeScores * slotsPerDay);
    this.#profile.observe(slot % slotsPerDay, value);
    this.#recent.push(value);
    if (this.#recent.length > slotsPerDay) this.#recent.shift();
    this.#lookAhead(slot);
  }

  /** What is usual at that slot. */
  usual(slot: number): number {
    return this.#profile.smoothAt(slot % slotsPerDay);
  }

  /** The newest forecast, for each lead. */
  forecasts(): Forecast[] {
    return this.#leads.flatMap((lead) => lead.newest() ?? []);
  }

  skills(): Skill[] {
    return this.#leads.map((lead) => lead.skill());
  }

  books(): readonly { readonly lead: number; readonly book: SkillBook }[] {
    return this.#leads.map(({ slots, book }) => ({ lead: slots, book }));
  }

  /** How much of the usual the last hour brought, and the last day; 1 is as usual. */
  levels(slot: number): { readonly now: number; readonly day: number } {
    const day = this.#levelOf(slot, slotsPerDay) ?? 1;
    return { now: this.#levelOf(slot, recentSlots) ?? day, day };
  }

  #levelOf(slot: number, slots: number): number | undefined {
    let [seen, usual] = [0, 0];
    for (let back = 0; back < Math.min(slots, this.#recent.length); back++) {
      seen += this.#recent[this.#recent.length - 1 - back] ?? 0;
      usual += this.#profile.at(slot - back);
    }
    return usual > slots * nightPart * this.#mean ? Math.min(levelMax, seen / usual) : undefined;
  }

  #lookAhead(slot: number): void {
    const asNow = this.#recent.at(-1) ?? 0;
    const { now, day } = this.levels(slot);
    // Above usual or below it, where the next slot is of the same half hour; the other way where it is not.
    const stays = slot % slotsPerHalfHour === 0 ? 1 : -1;
    const beyond = (asNow - this.usual(slot)) * stays;
    for (const lead of this.#leads) {
      const target = slot + lead.slots;
      const asUsual = this.#profile.at(target);
      const smooth = this.#profile.smoothAt(target);
      const yesterday = this.#recent[this.#recent.length - 1 - slotsPerDay + lead.slots] ?? smooth;
      const inputs = [smooth, asNow, smooth * (now - 1), yesterday, smooth * (day - 1), beyond];
      lead.open(target, {
        inputs: Float64Array.from(inputs.slice(0, lead.inputs)),
        ...{ asNow, asUsual, isNothing: smooth === 0 && yesterday === 0 },
      });
    }
  }
}
