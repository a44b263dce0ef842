-- only adds
-- What a keeper must know of a meter's signing key, and what the hub tells meters to do.

-- Every key that the hub learned, or was offered. The one that counts stands in `registration`.
CREATE TABLE meter_key_event (
  id INTEGER PRIMARY KEY,
  meter TEXT NOT NULL,
  public_key TEXT NOT NULL CHECK (length(public_key) = 64 AND public_key NOT GLOB '*[^0-9a-f]*'),
  event TEXT NOT NULL CHECK (event IN ('pinned', 'offered', 'back', 'trusted')),
  at_ms INTEGER NOT NULL
) STRICT;

-- Another key than the one that counts, which a meter says it has: refused until the keeper trusts it.
CREATE TABLE meter_key_offer (
  meter TEXT PRIMARY KEY,
  public_key TEXT NOT NULL CHECK (length(public_key) = 64 AND public_key NOT GLOB '*[^0-9a-f]*'),
  since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Commands are told by a deed until the meter answers or they expire; afterwards they are history.
CREATE TABLE meter_command (
  id TEXT PRIMARY KEY,
  meter TEXT NOT NULL,
  name TEXT NOT NULL,
  args TEXT NOT NULL,
  made_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  told_ms INTEGER,
  tellings INTEGER NOT NULL DEFAULT 0,
  -- The meter's word; none when nobody answered in time.
  outcome TEXT,
  ended_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX meter_command_by_meter ON meter_command (meter, id);
