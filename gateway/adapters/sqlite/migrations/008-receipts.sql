-- Receipts that a household can check without trusting the hub, and wallets that households hold themselves.

CREATE TABLE receipt_day (
  day TEXT PRIMARY KEY,
  -- Names the marker of the note, so that its root is noted once.
  id TEXT NOT NULL UNIQUE,
  leaves INTEGER NOT NULL CHECK (leaves > 0),
  root TEXT NOT NULL CHECK (length(root) = 64),
  state TEXT NOT NULL CHECK (state IN ('open', 'done', 'review')),
  signature TEXT UNIQUE,
  at_ms INTEGER NOT NULL,
  rent_home INTEGER NOT NULL DEFAULT 0 CHECK (rent_home IN (0, 1)),
  CHECK ((state = 'done') = (signature IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- The very bytes that were hashed; never changed.
CREATE TABLE receipt (
  trade TEXT PRIMARY KEY REFERENCES trade (id),
  day TEXT NOT NULL REFERENCES receipt_day (day),
  place INTEGER NOT NULL CHECK (place >= 0),
  text TEXT NOT NULL,
  UNIQUE (day, place)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER receipt_stays BEFORE UPDATE ON receipt BEGIN SELECT RAISE(ABORT, 'receipts are never changed'); END;
CREATE TRIGGER receipt_remains BEFORE DELETE ON receipt BEGIN SELECT RAISE(ABORT, 'receipts are never deleted'); END;

CREATE TABLE receipt_attempt (
  signature TEXT PRIMARY KEY,
  day_id TEXT NOT NULL REFERENCES receipt_day (id),
  raw BLOB NOT NULL,
  last_valid_height INTEGER NOT NULL,
  genesis_hash TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'landed', 'expired'))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_living_receipt_attempt ON receipt_attempt (day_id) WHERE state IN ('open', 'landed');
CREATE INDEX receipt_attempt_day ON receipt_attempt (day_id);

CREATE INDEX trade_event_settled ON trade_event (at_ms) WHERE event = 'tokens.settled';

-- The address is the household's own: it has the key, the hub only an allowance. The newest look counts.
CREATE TABLE own_wallet (
  household TEXT PRIMARY KEY REFERENCES household (id),
  address TEXT NOT NULL UNIQUE,
  from_ms INTEGER NOT NULL,
  -- Empty before the first look.
  seen_ms INTEGER,
  balance_wh INTEGER NOT NULL DEFAULT 0 CHECK (balance_wh >= 0),
  -- What the hub may move; 0 when it is not, or no longer, the delegate.
  allowance_wh INTEGER NOT NULL DEFAULT 0 CHECK (allowance_wh >= 0),
  delegate TEXT NOT NULL DEFAULT 'none' CHECK (delegate IN ('hub', 'other', 'none')),
  -- Tokens that the owner moved off, all together; posted to left.
  left_wh INTEGER NOT NULL DEFAULT 0 CHECK (left_wh >= 0)
) STRICT, WITHOUT ROWID;
