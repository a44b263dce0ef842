/** Households, their standing rules, their meters, and the hub's dated settings. */
import type { Database } from 'better-sqlite3';
import type { Registration } from '../../core/energy.ts';
import type { Household, StandingRule } from '../../core/household.ts';
import type { HouseholdId, MeterId } from '../../core/ids.ts';
import type { Msisdn } from '../../core/phone.ts';
import { defaultSettings, type HubSettings } from '../../core/settings.ts';
import {
  cents,
  centsPerKwh,
  epochMs,
  milliWattHours,
  slotNumber,
  wattHours,
} from '../../core/units.ts';
import type { HouseholdBooks, SettingBooks } from '../../ports/books/households.ts';

type HouseholdRow = {
  id: string;
  name: string;
  phone: string;
  code: string;
  role: Household['role'];
  language: Household['language'];
  since_ms: number;
};

export type RuleRow = {
  auto_sell: number;
  auto_buy: number;
  sell_floor: number;
  buy_ceiling: number;
  sell_daily_wh: number;
  buy_daily_cents: number;
  block_cents: number;
  prompts_daily: number;
  quiet_from_ms: number;
  quiet_until_ms: number;
  own_tariff: number;
};

type RegistrationRow = {
  meter: string;
  household: string;
  place: 'grid' | 'pv';
  counted_slot: number | null;
  counted_import_mwh: number | null;
  counted_export_mwh: number | null;
  counted_generation_mwh: number | null;
};

const toHousehold = (row: HouseholdRow): Household => ({
  id: row.id as HouseholdId,
  name: row.name,
  phone: row.phone as Msisdn,
  code: row.code,
  role: row.role,
  language: row.language,
  since: epochMs(row.since_ms),
});

export const toRule = (row: RuleRow): StandingRule => ({
  autoSell: row.auto_sell === 1,
  autoBuy: row.auto_buy === 1,
  sellFloor: centsPerKwh(row.sell_floor),
  buyCeiling: centsPerKwh(row.buy_ceiling),
  sellDailyWh: wattHours(row.sell_daily_wh),
  buyDailyCents: cents(row.buy_daily_cents),
  blockCents: cents(row.block_cents),
  promptsDaily: row.prompts_daily,
  quietFromMs: row.quiet_from_ms,
  quietUntilMs: row.quiet_until_ms,
  ownTariff: centsPerKwh(row.own_tariff),
});

function toRegistration(row: RegistrationRow): Registration {
  const counted =
    row.counted_slot === null
      ? undefined
      : {
          slot: slotNumber(row.counted_slot),
          importMwh: milliWattHours(row.counted_import_mwh ?? 0),
          exportMwh: milliWattHours(row.counted_export_mwh ?? 0),
          ...(row.counted_generation_mwh === null
            ? {}
            : { generationMwh: milliWattHours(row.counted_generation_mwh) }),
        };
  return {
    meter: row.meter as MeterId,
    household: row.household as HouseholdId,
    place: row.place,
    counted,
  };
}

const moneyKinds = ['wallet', 'earnings'] as const;
const energyKinds = ['energy', 'need', 'bought', 'used', 'covered', 'billed', 'left'] as const;

/** The household family of books.db. */
export function householdBooks(db: Database): HouseholdBooks {
  const all = db.prepare<[], HouseholdRow>('SELECT * FROM household ORDER BY since_ms, id');
  const find = db.prepare<[string], HouseholdRow>('SELECT * FROM household WHERE id = ?');
  const byCode = db.prepare<[string], HouseholdRow>('SELECT * FROM household WHERE code = ?');
  const byPhone = db.prepare<[string], HouseholdRow>('SELECT * FROM household WHERE phone = ?');
  const rule = db.prepare<[string, number], RuleRow>(
    'SELECT * FROM standing_rule WHERE household = ? AND from_ms <= ? ORDER BY from_ms DESC LIMIT 1',
  );
  const insert = db.prepare('INSERT INTO household VALUES (?, ?, ?, ?, ?, ?, ?)');
  const insertRule = db.prepare(
    'INSERT OR REPLACE INTO standing_rule VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const openAccount = db.prepare('INSERT INTO account (id, unit, source) VALUES (?, ?, 0)');
  const saveRule = (id: HouseholdId, r: StandingRule, from: number) =>
    insertRule.run(
      id,
      from,
      Number(r.autoSell),
      Number(r.autoBuy),
      r.sellFloor,
      r.buyCeiling,
      r.sellDailyWh,
      r.buyDailyCents,
      r.blockCents,
      r.promptsDaily,
      r.quietFromMs,
      r.quietUntilMs,
      r.ownTariff,
    );
  const add = db.transaction((h: Household, r: StandingRule) => {
    insert.run(h.id, h.name, h.phone, h.code, h.role, h.language, h.since);
    saveRule(h.id, r, h.since);
    for (const kind of moneyKinds) openAccount.run(`${kind}:${h.id}`, 'cents');
    for (const kind of energyKinds) openAccount.run(`${kind}:${h.id}`, 'Wh');
  });

  const one = (row: HouseholdRow | undefined) => (row === undefined ? undefined : toHousehold(row));
  return {
    all: () => all.all().map(toHousehold),
    find: (id) => one(find.get(id)),
    byCode: (code) => one(byCode.get(code)),
    byPhone: (phone) => one(byPhone.get(phone)),
    ruleOf: (id, at) => {
      const row = rule.get(id, at);
      if (row === undefined) throw new Error(`household ${id} has no standing rule`);
      return toRule(row);
    },
    add: (household, r) => add.immediate(household, r),
    agree: (id, r, from) => void saveRule(id, r, from),
    ...meterBooks(db),
  };
}

type MeterBooks = Pick<
  HouseholdBooks,
  | 'registrations'
  | 'register'
  | 'revoke'
  | 'wasRegistered'
  | 'passwordHashOf'
  | keyof ReturnType<typeof secretBooks>
>;

function meterBooks(db: Database): MeterBooks {
  const registrations = db.prepare<[], RegistrationRow>(
    'SELECT * FROM registration WHERE until_ms IS NULL ORDER BY meter',
  );
  const register = db.prepare(
    `INSERT INTO registration
      (meter, household, place, password_hash, from_ms, mosquitto_hash, public_key)
      VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const revoke = db.prepare(
    'UPDATE registration SET until_ms = ? WHERE meter = ? AND until_ms IS NULL',
  );
  const hash = db.prepare<[string], { password_hash: string }>(
    'SELECT password_hash FROM registration WHERE meter = ? AND until_ms IS NULL',
  );
  const ever = db.prepare<[string]>('SELECT 1 FROM registration WHERE meter = ? LIMIT 1');
  return {
    wasRegistered: (meter) => ever.get(meter) !== undefined,
    registrations: () => registrations.all().map(toRegistration),
    register: (meter, household, place, passwordHash, from, { mosquittoHash, publicKey } = {}) => {
      const secrets = [mosquittoHash ?? null, publicKey ?? null];
      register.run(meter, household, place, passwordHash, from, ...secrets);
    },
    revoke: (meter, until) => revoke.run(until, meter).changes === 1,
    passwordHashOf: (meter) => hash.get(meter)?.password_hash,
    ...secretBooks(db),
  };
}

function secretBooks(db: Database) {
  const setPassword = db.prepare(
    `UPDATE registration SET password_hash = ?, mosquitto_hash = ?
      WHERE meter = ? AND until_ms IS NULL`,
  );
  const hashes = db.prepare<[], { meter: MeterId; mosquitto_hash: string | null }>(
    'SELECT meter, mosquitto_hash FROM registration WHERE until_ms IS NULL ORDER BY meter',
  );
  const publicKey = db.prepare<[string], { public_key: string | null }>(
    'SELECT public_key FROM registration WHERE meter = ? AND until_ms IS NULL',
  );
  const setPublicKey = db.prepare(
    'UPDATE registration SET public_key = ? WHERE meter = ? AND until_ms IS NULL',
  );
  return {
    setPassword: (meter, passwordHash, mosquittoHash) =>
      setPassword.run(passwordHash, mosquittoHash, meter).changes === 1,
    mosquittoHashes: () =>
      new Map(hashes.all().map((row) => [row.meter, row.mosquitto_hash ?? undefined])),
    publicKeyOf: (meter) => publicKey.get(meter)?.public_key ?? undefined,
    setPublicKey: (meter, key) => setPublicKey.run(key, meter).changes === 1,
  } satisfies Partial<HouseholdBooks>;
}

/** Dated settings: booleans are kept as 0 and 1. */
export function settingBooks(db: Database): SettingBooks {
  const newest = db.prepare<[number], { name: string; value: number }>(
    'SELECT name, value, max(from_ms) FROM setting WHERE from_ms <= ? GROUP BY name',
  );
  const change = db.prepare(
    'INSERT OR REPLACE INTO setting (name, from_ms, value) VALUES (?, ?, ?)',
  );
  const keep = db.prepare('INSERT OR IGNORE INTO origin (name, value) VALUES (?, ?)');
  const kept = db.prepare<[string], { value: string }>('SELECT value FROM origin WHERE name = ?');
  return {
    at: (moment) => {
      const settings: Record<string, number | boolean> = { ...defaultSettings };
      for (const { name, value } of newest.all(moment))
        settings[name] = typeof settings[name] === 'boolean' ? value === 1 : value;
      return settings as unknown as HubSettings;
    },
    once: (name, value) => {
      keep.run(name, value);
      return kept.get(name)?.value ?? value;
    },
    change: (name, value, from) => void change.run(name, from, value),
  };
}
