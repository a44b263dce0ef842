-- Households at their own page: how they sign in, and what they chose there. No secret is kept, only hashes.

-- scrypt of the PIN with a salt of its own.
CREATE TABLE household_pin (
  household TEXT PRIMARY KEY REFERENCES household (id),
  hash TEXT NOT NULL,
  set_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A code that signs in once; its sha256. Moments of this table and the next are the machine's wall clock.
CREATE TABLE sign_in_code (
  hash TEXT PRIMARY KEY CHECK (length(hash) = 64),
  household TEXT NOT NULL REFERENCES household (id),
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  hash TEXT PRIMARY KEY CHECK (length(hash) = 64),
  household TEXT NOT NULL REFERENCES household (id),
  started_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_household ON session (household, started_ms);

-- Dated like the standing rule, of which it is the part that only the household's page changes.
CREATE TABLE household_choice (
  household TEXT NOT NULL REFERENCES household (id),
  from_ms INTEGER NOT NULL,
  -- Never on offer.
  reserve_wh INTEGER NOT NULL CHECK (reserve_wh >= 0),
  -- What the big switch says, and until when; afterwards advice decides again.
  tonight TEXT NOT NULL CHECK (tonight IN ('advice', 'keep', 'sell')),
  tonight_until_ms INTEGER NOT NULL,
  ask_first INTEGER NOT NULL CHECK (ask_first IN (0, 1)),
  PRIMARY KEY (household, from_ms)
) STRICT, WITHOUT ROWID;
