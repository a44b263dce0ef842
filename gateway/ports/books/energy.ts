/** The Wh side of the books. */
import type { Counted, EnergyBalance, SlotEnergy } from '../../core/energy.ts';
import type { HouseholdId, MeterId } from '../../core/ids.ts';
import type { Posting } from '../../core/ledger.ts';
import type { Past } from '../../core/policy/past.ts';
import type { TokenIntent } from '../../core/token.ts';
import type { EpochMs, SlotNumber, WattHours } from '../../core/units.ts';

export type SlotClose = {
  readonly slot: SlotNumber;
  readonly at: EpochMs;
  readonly energies: readonly SlotEnergy[];
  readonly counted: ReadonlyMap<MeterId, Counted>;
  readonly postings: readonly Posting[];
  /** Tokens that postings of this close owe, such as the community's share of what was kept. */
  readonly intents: readonly TokenIntent[];
  /** What is still kept, of households whose own need took some of it. */
  readonly kept?: ReadonlyMap<HouseholdId, WattHours>;
  readonly roundDue: boolean;
};

export type Keeping = { readonly until: EpochMs; readonly energyWh: WattHours };

export type MeteredEnergy = SlotEnergy & { readonly slot: SlotNumber };

export interface EnergyBooks {
  /** The slot that closes next; undefined before the first `beginAt`. */
  nextSlot(): SlotNumber | undefined;
  /** The first slot that this hub ever closed or will close; windows count from its day. */
  firstSlot(): SlotNumber | undefined;
  /** Slots before this one are never closed: the hub was not there. */
  beginAt(slot: SlotNumber): void;
  /** All of it or nothing; a slot closes once. */
  closeSlot(close: SlotClose): void;
  balanceOf(household: HouseholdId): EnergyBalance;
  /** Slot energies with from <= slot < to. */
  history(household: HouseholdId, from: SlotNumber, to: SlotNumber): MeteredEnergy[];
  /** The same of all households, slot by slot. */
  between(from: SlotNumber, to: SlotNumber): MeteredEnergy[];
  /** What a household used and its roof made before `end`, as far back as advice looks; from memory. */
  pastOf(household: HouseholdId, end: SlotNumber): Past;
  keepingOf(household: HouseholdId): Keeping | undefined;
  /** Wh of the household's tokens on chain: what leaves counts as gone once it is owed, what comes once it is final. */
  onChainWh(household: HouseholdId): number;
}
