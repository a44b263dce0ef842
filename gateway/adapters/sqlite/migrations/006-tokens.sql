-- Tokens: which chain they live on, whose they are, and what is still to be done about them.

-- One row, never changed: books never follow their tokens to another chain or mint.
CREATE TABLE token_chain (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  genesis_hash TEXT NOT NULL,
  mint TEXT NOT NULL,
  hub TEXT NOT NULL
) STRICT;

-- Public addresses, so that whoever verifies the chain needs no key. The newest counts.
CREATE TABLE token_owner (
  household TEXT NOT NULL REFERENCES household (id),
  owner TEXT NOT NULL UNIQUE,
  from_ms INTEGER NOT NULL,
  PRIMARY KEY (household, from_ms)
) STRICT, WITHOUT ROWID;

-- Attempts of an older hub carry an empty hash: they were made for the only chain that it knew.
ALTER TABLE token_attempt ADD COLUMN genesis_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE token_attempt ADD COLUMN at_ms INTEGER NOT NULL DEFAULT 0;
CREATE INDEX token_attempt_intent ON token_attempt (intent);
CREATE INDEX token_attempt_at ON token_attempt (at_ms);

-- A burn of one night may hold several households; the first one stands with the intent.
CREATE TABLE burn_share (
  intent TEXT NOT NULL REFERENCES token_intent (id),
  household TEXT NOT NULL REFERENCES household (id),
  energy_wh INTEGER NOT NULL CHECK (energy_wh > 0),
  PRIMARY KEY (intent, household)
) STRICT, WITHOUT ROWID;
CREATE INDEX burn_share_household ON burn_share (household);

-- Intents whose marker's rent has come home.
CREATE TABLE rent_reclaimed (
  intent TEXT PRIMARY KEY REFERENCES token_intent (id),
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Days on which more was to be minted than a day may bring; a person was told once.
CREATE TABLE minting_stopped (
  day_ms INTEGER PRIMARY KEY
) STRICT;
