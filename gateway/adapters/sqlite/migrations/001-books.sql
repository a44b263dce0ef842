-- The books: who lives here, what they owe and own in cents and Wh, and every intention not yet done.
-- Amounts are integers: cents, Wh, mWh, neighbourhood milliseconds. Never edited once shipped.

CREATE TABLE household (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  phone TEXT NOT NULL UNIQUE CHECK (phone GLOB '254[17][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]'),
  code TEXT NOT NULL UNIQUE CHECK (length(code) = 5),
  role TEXT NOT NULL CHECK (role IN ('seller', 'buyer', 'both')),
  language TEXT NOT NULL CHECK (language IN ('en', 'sw')),
  since_ms INTEGER NOT NULL
) STRICT;

-- A standing rule is dated; the newest row that began counts. It is the household's consent.
CREATE TABLE standing_rule (
  household TEXT NOT NULL REFERENCES household (id),
  from_ms INTEGER NOT NULL,
  auto_sell INTEGER NOT NULL CHECK (auto_sell IN (0, 1)),
  auto_buy INTEGER NOT NULL CHECK (auto_buy IN (0, 1)),
  sell_floor INTEGER NOT NULL CHECK (sell_floor >= 0),
  buy_ceiling INTEGER NOT NULL CHECK (buy_ceiling >= 0),
  sell_daily_wh INTEGER NOT NULL CHECK (sell_daily_wh >= 0),
  buy_daily_cents INTEGER NOT NULL CHECK (buy_daily_cents >= 0),
  block_cents INTEGER NOT NULL CHECK (block_cents >= 0 AND block_cents % 100 = 0),
  prompts_daily INTEGER NOT NULL CHECK (prompts_daily >= 0),
  quiet_from_ms INTEGER NOT NULL CHECK (quiet_from_ms BETWEEN 0 AND 86399999),
  quiet_until_ms INTEGER NOT NULL CHECK (quiet_until_ms BETWEEN 0 AND 86399999),
  own_tariff INTEGER NOT NULL CHECK (own_tariff >= 0),
  PRIMARY KEY (household, from_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
  name TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (name, from_ms)
) STRICT, WITHOUT ROWID;

-- What these books were begun with and can never become something else, such as whose money is in them.
CREATE TABLE origin (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- M-Pesa's fees are data. source: M-Pesa tariff as noted in 2026; the operator replaces it.
CREATE TABLE mpesa_fee (
  kind TEXT NOT NULL CHECK (kind IN ('payout')),
  from_ms INTEGER NOT NULL,
  least_cents INTEGER NOT NULL,
  most_cents INTEGER NOT NULL,
  fee_cents INTEGER NOT NULL CHECK (fee_cents >= 0),
  PRIMARY KEY (kind, from_ms, least_cents)
) STRICT, WITHOUT ROWID;
INSERT INTO mpesa_fee VALUES
  ('payout', 0, 100, 10000, 0), ('payout', 0, 10001, 150000, 500),
  ('payout', 0, 150001, 500000, 900), ('payout', 0, 500001, 25000000, 1100);

-- One life of a meter's registers in one household.
CREATE TABLE registration (
  meter TEXT NOT NULL,
  household TEXT NOT NULL REFERENCES household (id),
  place TEXT NOT NULL CHECK (place IN ('grid', 'pv')),
  password_hash TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  until_ms INTEGER,
  -- Registers up to which energy stands in the ledger; empty until the first slot boundary was seen.
  counted_slot INTEGER,
  counted_import_mwh INTEGER,
  counted_export_mwh INTEGER,
  PRIMARY KEY (meter, from_ms)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_open_registration ON registration (meter) WHERE until_ms IS NULL;

-- Double entry: a posting moves an amount from one account to another, so the sum of all is always 0.
CREATE TABLE account (
  id TEXT PRIMARY KEY,
  unit TEXT NOT NULL CHECK (unit IN ('cents', 'Wh')),
  -- Where things come from may be owed without limit; what belongs to somebody is never below 0.
  source INTEGER NOT NULL CHECK (source IN (0, 1)),
  balance INTEGER NOT NULL DEFAULT 0,
  CHECK (source = 1 OR balance >= 0)
) STRICT, WITHOUT ROWID;
INSERT INTO account (id, unit, source) VALUES
  ('mpesa-utility', 'cents', 1), ('mpesa-charges', 'cents', 1), ('mpesa-charges-paid', 'cents', 1),
  ('out-in-flight', 'cents', 0), ('hub-fee', 'cents', 0), ('suspense', 'cents', 0),
  ('exported', 'Wh', 1), ('imported', 'Wh', 1), ('expired', 'Wh', 0);

CREATE TABLE posting (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  unit TEXT NOT NULL CHECK (unit IN ('cents', 'Wh')),
  from_account TEXT NOT NULL REFERENCES account (id),
  to_account TEXT NOT NULL REFERENCES account (id),
  amount INTEGER NOT NULL CHECK (amount > 0),
  at_ms INTEGER NOT NULL,
  CHECK (from_account <> to_account)
) STRICT;
CREATE INDEX posting_from ON posting (from_account);
CREATE INDEX posting_to ON posting (to_account);
CREATE TRIGGER posting_same_unit BEFORE INSERT ON posting
WHEN (SELECT count(*) FROM account WHERE id IN (NEW.from_account, NEW.to_account) AND unit = NEW.unit) <> 2
BEGIN SELECT RAISE(ABORT, 'posting between accounts of another unit'); END;
CREATE TRIGGER posting_moves AFTER INSERT ON posting BEGIN
  UPDATE account SET balance = balance - NEW.amount WHERE id = NEW.from_account;
  UPDATE account SET balance = balance + NEW.amount WHERE id = NEW.to_account;
END;
CREATE TRIGGER posting_stays BEFORE UPDATE ON posting BEGIN SELECT RAISE(ABORT, 'postings are never changed'); END;
CREATE TRIGGER posting_remains BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT, 'postings are never deleted'); END;

CREATE TABLE slot (
  number INTEGER PRIMARY KEY,
  closed_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE slot_energy (
  slot INTEGER NOT NULL REFERENCES slot (number),
  household TEXT NOT NULL REFERENCES household (id),
  exported_wh INTEGER NOT NULL CHECK (exported_wh >= 0),
  imported_wh INTEGER NOT NULL CHECK (imported_wh >= 0),
  late INTEGER NOT NULL CHECK (late IN (0, 1)),
  PRIMARY KEY (slot, household)
) STRICT, WITHOUT ROWID;

-- What a household keeps back until 06:00; one row per household.
CREATE TABLE keeping (
  household TEXT PRIMARY KEY REFERENCES household (id),
  until_ms INTEGER NOT NULL,
  energy_wh INTEGER NOT NULL CHECK (energy_wh >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE round (
  slot INTEGER PRIMARY KEY REFERENCES slot (number),
  state TEXT NOT NULL CHECK (state IN ('due', 'open', 'cleared', 'skipped')),
  at_ms INTEGER NOT NULL,
  rate INTEGER,
  offered_lots INTEGER NOT NULL DEFAULT 0,
  asked_lots INTEGER NOT NULL DEFAULT 0,
  matched_lots INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX one_open_round ON round (state) WHERE state = 'open';

-- Who had enough to spare when the round began.
CREATE TABLE round_seller (
  slot INTEGER NOT NULL REFERENCES round (slot),
  household TEXT NOT NULL REFERENCES household (id),
  energy_wh INTEGER NOT NULL CHECK (energy_wh > 0),
  PRIMARY KEY (slot, household)
) STRICT, WITHOUT ROWID;

CREATE TABLE advice (
  id TEXT PRIMARY KEY,
  slot INTEGER NOT NULL REFERENCES round (slot),
  household TEXT NOT NULL REFERENCES household (id),
  energy_wh INTEGER NOT NULL CHECK (energy_wh >= 0),
  night_need_wh INTEGER NOT NULL CHECK (night_need_wh >= 0),
  sun_left_wh INTEGER NOT NULL CHECK (sun_left_wh >= 0),
  keep_wh INTEGER NOT NULL CHECK (keep_wh >= 0),
  sell_wh INTEGER NOT NULL CHECK (sell_wh >= 0),
  rate INTEGER NOT NULL,
  own_tariff INTEGER NOT NULL,
  source TEXT NOT NULL CHECK (source IN ('rule', 'model')),
  reason TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  opinion_model TEXT,
  opinion_sell_wh INTEGER,
  opinion_reason TEXT,
  UNIQUE (slot, household),
  CHECK (sell_wh + keep_wh <= energy_wh)
) STRICT;

CREATE TABLE proposal (
  id TEXT PRIMARY KEY,
  slot INTEGER NOT NULL REFERENCES round (slot),
  household TEXT NOT NULL REFERENCES household (id),
  energy_wh INTEGER NOT NULL CHECK (energy_wh >= 0),
  passed_wh INTEGER CHECK (passed_wh BETWEEN 0 AND energy_wh),
  state TEXT NOT NULL CHECK (state IN ('open', 'passed', 'lapsed', 'none')),
  UNIQUE (slot, household)
) STRICT;
CREATE UNIQUE INDEX one_open_proposal ON proposal (household) WHERE state = 'open';

CREATE TABLE trade (
  id TEXT PRIMARY KEY,
  origin TEXT NOT NULL CHECK (origin IN ('round', 'order')),
  slot INTEGER NOT NULL,
  seller TEXT NOT NULL REFERENCES household (id),
  buyer TEXT NOT NULL REFERENCES household (id),
  energy_wh INTEGER NOT NULL CHECK (energy_wh > 0),
  rate INTEGER NOT NULL CHECK (rate > 0),
  amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
  -- 'phone': the buyer's rule does not let the wallet pay, so the whole amount is asked from the phone.
  funding TEXT NOT NULL CHECK (funding IN ('wallet', 'phone')),
  state TEXT NOT NULL CHECK (state IN
    ('matched', 'awaiting-funds', 'paid', 'transferring', 'settled', 'closed', 'expired', 'undone', 'review')),
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  topup TEXT REFERENCES topup (id),
  signature TEXT UNIQUE,
  payout TEXT REFERENCES payout (id),
  idempotency_key TEXT UNIQUE,
  CHECK (seller <> buyer)
) STRICT;
CREATE INDEX trade_state ON trade (state);
CREATE INDEX trade_buyer ON trade (buyer, state);
CREATE INDEX trade_seller ON trade (seller, state);
CREATE INDEX trade_topup ON trade (topup);

-- What happened to a trade, in order; never changed.
CREATE TABLE trade_event (
  id INTEGER PRIMARY KEY,
  trade TEXT NOT NULL REFERENCES trade (id),
  event TEXT NOT NULL,
  detail TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX trade_event_trade ON trade_event (trade);
CREATE TRIGGER trade_event_stays BEFORE UPDATE ON trade_event BEGIN SELECT RAISE(ABORT, 'history is never changed'); END;
CREATE TRIGGER trade_event_remains BEFORE DELETE ON trade_event BEGIN SELECT RAISE(ABORT, 'history is never deleted'); END;

CREATE TABLE topup (
  id TEXT PRIMARY KEY,
  household TEXT NOT NULL REFERENCES household (id),
  phone TEXT NOT NULL,
  amount_cents INTEGER NOT NULL CHECK (amount_cents > 0 AND amount_cents % 100 = 0 AND amount_cents <= 25000000),
  account_reference TEXT NOT NULL UNIQUE CHECK (length(account_reference) <= 12),
  state TEXT NOT NULL CHECK (state IN
    ('intent', 'unknown', 'pending', 'credited', 'failed', 'closed', 'abandoned', 'conflict', 'review')),
  created_ms INTEGER NOT NULL,
  sent_ms INTEGER,
  polls INTEGER NOT NULL DEFAULT 0,
  checkout_request_id TEXT UNIQUE,
  merchant_request_id TEXT,
  code TEXT,
  receipt TEXT UNIQUE,
  detail TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX one_open_prompt ON topup (phone) WHERE state IN ('intent', 'unknown', 'pending');
CREATE INDEX topup_household ON topup (household, created_ms);
CREATE INDEX topup_phone ON topup (phone, sent_ms);

CREATE TABLE payout (
  id TEXT PRIMARY KEY,
  household TEXT NOT NULL REFERENCES household (id),
  sequence INTEGER NOT NULL CHECK (sequence > 0),
  phone TEXT NOT NULL,
  amount_cents INTEGER NOT NULL CHECK (amount_cents >= 1000 AND amount_cents % 100 = 0 AND amount_cents <= 25000000),
  conversation_id TEXT NOT NULL UNIQUE CHECK (length(conversation_id) = 18),
  state TEXT NOT NULL CHECK (state IN ('intent', 'unknown', 'pending', 'done', 'failed', 'review')),
  created_ms INTEGER NOT NULL,
  sent_ms INTEGER,
  asks INTEGER NOT NULL DEFAULT 0,
  mpesa_conversation_id TEXT,
  transaction_id TEXT UNIQUE,
  detail TEXT NOT NULL DEFAULT '',
  UNIQUE (household, sequence)
) STRICT;
CREATE UNIQUE INDEX one_open_payout ON payout (household) WHERE state IN ('intent', 'unknown', 'pending', 'review');

CREATE TABLE token_intent (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('transfer', 'burn')),
  -- A trade's tokens move once.
  trade TEXT UNIQUE REFERENCES trade (id),
  -- What it belongs to and which leg of it: 'trade:<id>', 'keep:<household>:<day>', 'burn:<household>:<day>'.
  reference TEXT NOT NULL UNIQUE,
  from_household TEXT NOT NULL REFERENCES household (id),
  to_household TEXT REFERENCES household (id),
  energy_wh INTEGER NOT NULL CHECK (energy_wh > 0),
  mint_wh INTEGER NOT NULL CHECK (mint_wh >= 0),
  memo TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'done', 'failed', 'review')),
  signature TEXT UNIQUE,
  CHECK ((kind = 'transfer') = (to_household IS NOT NULL))
) STRICT;

CREATE INDEX token_intent_from ON token_intent (from_household);
CREATE INDEX token_intent_to ON token_intent (to_household);

CREATE TABLE token_attempt (
  signature TEXT PRIMARY KEY,
  intent TEXT NOT NULL REFERENCES token_intent (id),
  raw BLOB NOT NULL,
  last_valid_height INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'landed', 'expired', 'errored'))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_living_attempt ON token_attempt (intent) WHERE state IN ('open', 'landed');

-- A callback path that was given out; only its sha256 is kept.
CREATE TABLE callback_path (
  hash TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('push', 'payout-result', 'payout-timeout', 'status-result', 'status-timeout')),
  subject TEXT NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE inbox (
  id TEXT PRIMARY KEY,
  path_hash TEXT NOT NULL REFERENCES callback_path (hash),
  body BLOB NOT NULL CHECK (length(body) <= 16384),
  body_hash TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  read_as TEXT,
  UNIQUE (path_hash, body_hash)
) STRICT;

-- What must be done outside, written with the state that asks for it. One row per deed; gone when done.
CREATE TABLE deed (
  key TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  -- Not before this moment of the neighbourhood's clock; a start makes everything due.
  due_ms INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX deed_due ON deed (due_ms);
