/** Who lives here, what they agreed to, and which meters are theirs. */
import type { Registration } from '../../core/energy.ts';
import type { Household, StandingRule } from '../../core/household.ts';
import type { HouseholdId, MeterId } from '../../core/ids.ts';
import type { Msisdn } from '../../core/phone.ts';
import type { HubSettings } from '../../core/settings.ts';
import type { EpochMs } from '../../core/units.ts';

export interface HouseholdBooks {
  /** In the registry's fixed order. */
  all(): Household[];
  find(id: HouseholdId): Household | undefined;
  byPhone(phone: Msisdn): Household | undefined;
  /** By payment code. */
  byCode(code: string): Household | undefined;
  ruleOf(id: HouseholdId, at: EpochMs): StandingRule;
  /** Opens all accounts of the household. Throws when id, phone or code is taken. */
  add(household: Household, rule: StandingRule): void;
  agree(id: HouseholdId, rule: StandingRule, from: EpochMs): void;

  /** Open registrations. */
  registrations(): Registration[];
  /** `passwordHash` is a sha256 in hex of 128 random bits or more. Throws when the meter is registered. */
  register(
    meter: MeterId,
    household: HouseholdId,
    place: 'grid' | 'pv',
    passwordHash: string,
    from: EpochMs,
    more?: MeterSecrets,
  ): void;
  revoke(meter: MeterId, until: EpochMs): boolean;
  /** Whether the id is or was in use; an id has one life, since registers of two are never compared. */
  wasRegistered(meter: MeterId): boolean;
  passwordHashOf(meter: MeterId): string | undefined;
  /** Both hashes are of the same new password. False when the meter is not registered. */
  setPassword(meter: MeterId, passwordHash: string, mosquittoHash: string): boolean;
  /** Every registered meter; undefined for one whose password was made before such hashes were kept. */
  mosquittoHashes(): ReadonlyMap<MeterId, string | undefined>;
  /** Ed25519, 32 bytes in lower-case hex; undefined while the meter has none, or is not registered. */
  publicKeyOf(meter: MeterId): string | undefined;
  /** False when the meter is not registered. Throws when `publicKey` is not 64 lower-case hex digits. */
  setPublicKey(meter: MeterId, publicKey: string): boolean;
}

/** What may be known of a meter beside its password. */
export type MeterSecrets = {
  /** As in Mosquitto's password file: `$7$…`. */
  readonly mosquittoHash?: string | undefined;
  /** Ed25519, 32 bytes in lower-case hex. */
  readonly publicKey?: string | undefined;
};

export interface SettingBooks {
  /** What holds at a moment: defaults, overlaid by the newest rows that have begun. */
  at(moment: EpochMs): HubSettings;
  /** Keeps a fact at the first call for ever; answers what was kept. */
  once(name: 'mpesa-environment', value: string): string;
  change(name: keyof HubSettings, value: number, from: EpochMs): void;
}
