-- What M-Pesa's own list and callbacks tell of payments, money that cannot be matched, and acts of people.

-- Asked for by a person instead of a trade.
ALTER TABLE topup ADD COLUMN by_hand INTEGER NOT NULL DEFAULT 0 CHECK (by_hand IN (0, 1));
-- When a callback or M-Pesa's answer first said paid, and when the wallet had it.
ALTER TABLE topup ADD COLUMN confirmed_ms INTEGER;
ALTER TABLE topup ADD COLUMN credited_ms INTEGER;
-- What a callback claimed when it said paid. It moves nothing; another amount than ours makes a conflict.
ALTER TABLE topup ADD COLUMN claimed_ms INTEGER;
ALTER TABLE topup ADD COLUMN claimed_cents INTEGER;
UPDATE topup SET
  credited_ms = (SELECT at_ms FROM posting WHERE key = 'topup:' || topup.id),
  confirmed_ms = (SELECT at_ms FROM posting WHERE key = 'topup:' || topup.id)
WHERE state = 'credited';
CREATE INDEX topup_unresolved ON topup (created_ms)
  WHERE state IN ('intent', 'unknown', 'pending', 'failed', 'conflict', 'review');
CREATE INDEX topup_waited ON topup (credited_ms - confirmed_ms)
  WHERE credited_ms IS NOT NULL AND confirmed_ms IS NOT NULL;
CREATE INDEX topup_confirmed ON topup (state) WHERE confirmed_ms IS NOT NULL;

-- A payment that certainly reached the hub's shortcode, and the one place where its money went.
CREATE TABLE payment (
  receipt TEXT PRIMARY KEY CHECK (length(receipt) BETWEEN 1 AND 64),
  amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
  reference TEXT NOT NULL CHECK (length(reference) <= 64),
  phone TEXT,
  at_ms INTEGER NOT NULL,
  -- Who says so: M-Pesa's list, or a person who saw it with M-Pesa.
  source TEXT NOT NULL CHECK (source IN ('list', 'person')),
  seen_ms INTEGER NOT NULL,
  place TEXT NOT NULL CHECK (place IN ('topup', 'wallet', 'suspense')),
  -- A payment in a wallet was there at once, or was assigned to it out of suspense.
  was_suspense INTEGER NOT NULL DEFAULT 0 CHECK (was_suspense IN (0, 1)),
  topup TEXT UNIQUE REFERENCES topup (id),
  household TEXT REFERENCES household (id),
  CHECK ((place = 'topup') = (topup IS NOT NULL)),
  CHECK ((place = 'suspense') = (household IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_household ON payment (household, at_ms);
CREATE INDEX payment_phone ON payment (phone);
CREATE INDEX payment_suspense ON payment (at_ms) WHERE place = 'suspense';

-- What somebody told over a callback path of a payment by hand (Daraja, C2B). Only M-Pesa's list or a person
-- makes money of it.
CREATE TABLE payment_hint (
  receipt TEXT PRIMARY KEY,
  amount_cents INTEGER,
  reference TEXT NOT NULL,
  phone TEXT,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every look at M-Pesa's list.
CREATE TABLE comparison (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  from_ms INTEGER NOT NULL,
  -- 1 when the list was read to its end.
  complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
  payments INTEGER NOT NULL,
  credited INTEGER NOT NULL,
  why TEXT NOT NULL
) STRICT;

-- A question about the balance, what the books said then, and what came back. Nothing is posted from it.
CREATE TABLE balance_look (
  id TEXT PRIMARY KEY,
  asked_ms INTEGER NOT NULL,
  utility_cents INTEGER NOT NULL,
  charges_cents INTEGER NOT NULL,
  in_flight_cents INTEGER NOT NULL,
  answered_ms INTEGER,
  their_utility_cents INTEGER,
  their_charges_cents INTEGER,
  -- Beyond what payments on their way explain; 0 when all agrees.
  utility_off_cents INTEGER,
  charges_off_cents INTEGER
) STRICT;

-- What the keeper put into the accounts at M-Pesa, in sum: it is in no household's name. The newest row counts.
CREATE TABLE float_note (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  utility_cents INTEGER NOT NULL,
  charges_cents INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT;

-- What does not agree with M-Pesa, until it agrees again or a person has settled it.
CREATE TABLE money_alarm (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  words TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  ended_ms INTEGER
) STRICT;
CREATE UNIQUE INDEX one_open_alarm ON money_alarm (kind, subject) WHERE ended_ms IS NULL;

-- What a person decided about money, and why.
CREATE TABLE act (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  act TEXT NOT NULL,
  subject TEXT NOT NULL,
  household TEXT,
  reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 200)
) STRICT;
CREATE TRIGGER act_stays BEFORE UPDATE ON act BEGIN SELECT RAISE(ABORT, 'acts are never changed'); END;
CREATE TRIGGER act_remains BEFORE DELETE ON act BEGIN SELECT RAISE(ABORT, 'acts are never deleted'); END;
CREATE TRIGGER float_note_stays BEFORE UPDATE ON float_note BEGIN SELECT RAISE(ABORT, 'notes are never changed'); END;
CREATE TRIGGER float_note_remains BEFORE DELETE ON float_note BEGIN SELECT RAISE(ABORT, 'notes are never deleted'); END;

-- Moments that the hub must not forget: since when M-Pesa is away, what was registered with it.
CREATE TABLE money_moment (
  name TEXT PRIMARY KEY,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
