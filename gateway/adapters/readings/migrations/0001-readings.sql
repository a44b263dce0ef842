-- Readings are appended and never indexed by meter: an index would rewrite a page per meter and commit.
CREATE TABLE meter (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

-- `row` counts kept readings for ever; `content` is a short hash of the payload's bytes.
CREATE TABLE hot (
  row INTEGER PRIMARY KEY,
  meter INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  boot INTEGER NOT NULL,
  at INTEGER NOT NULL,
  time_source INTEGER NOT NULL CHECK (time_source IN (0, 1)),
  import_mwh INTEGER NOT NULL,
  export_mwh INTEGER NOT NULL,
  generation_mwh INTEGER NOT NULL,
  power_mw INTEGER NOT NULL,
  voltage_mv INTEGER NOT NULL,
  current_ma INTEGER,
  frequency_mhz INTEGER,
  uptime_s INTEGER,
  flags INTEGER NOT NULL,
  content INTEGER NOT NULL
) STRICT;

-- Which blocks of 4096 rows hold readings of an hour (at / 3600000): enough to find a day without an index.
CREATE TABLE hour_block (
  hour INTEGER NOT NULL,
  block INTEGER NOT NULL,
  PRIMARY KEY (hour, block)
) STRICT, WITHOUT ROWID;

-- Sequence numbers seen, the boot's start, the newest and the latest reading, as compact JSON.
CREATE TABLE meter_state (
  meter INTEGER PRIMARY KEY,
  state TEXT NOT NULL
) STRICT;

CREATE TABLE boundary (
  slot INTEGER NOT NULL,
  meter INTEGER NOT NULL,
  import_mwh INTEGER NOT NULL,
  export_mwh INTEGER NOT NULL,
  generation_mwh INTEGER NOT NULL,
  PRIMARY KEY (slot, meter)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  meter INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  payload BLOB NOT NULL
) STRICT;

CREATE TABLE counter (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
