-- Fresh readings stand in a ring of rows that are written again once they are sealed; old ones in chunks.
-- docs/readings.md explains every table.

-- One life of a meter: from one restart to the next. `started_s` is its first reading's time less its uptime.
CREATE TABLE life (
  id INTEGER PRIMARY KEY,
  meter INTEGER NOT NULL REFERENCES meter (id),
  boot INTEGER NOT NULL,
  started_s INTEGER NOT NULL,
  UNIQUE (meter, boot)
) STRICT;

-- A finished seal: its rows of `ring` are free, its chunks and roll-ups count.
CREATE TABLE seal (
  id INTEGER PRIMARY KEY,
  readings INTEGER NOT NULL CHECK (readings > 0),
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL
) STRICT;

-- No index, and places are reused: a commit touches the fewest pages that it can.
-- voltage and frequency are mV less 230000 and mHz less 50000; frequency and current are -1 when not told;
-- drift = at_s - uptime - started_s of the life, and
-- marks = (flags * 1000 + milliseconds of `at`) * 4 + (2 when no uptime was told) + (1 when dated by its receipt):
-- numbers that are mostly so small that SQLite keeps them in one byte or none.
CREATE TABLE ring (
  place INTEGER PRIMARY KEY,
  seal INTEGER NOT NULL,
  life INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  at_s INTEGER NOT NULL,
  import_mwh INTEGER NOT NULL,
  export_mwh INTEGER NOT NULL,
  generation_mwh INTEGER NOT NULL,
  power_mw INTEGER NOT NULL,
  voltage INTEGER NOT NULL,
  frequency INTEGER NOT NULL,
  current INTEGER NOT NULL,
  drift INTEGER NOT NULL,
  marks INTEGER NOT NULL
) STRICT;

-- One meter's readings of one seal, column by column; chunk-format.ts has the format.
CREATE TABLE chunk (
  seal INTEGER NOT NULL,
  meter INTEGER NOT NULL REFERENCES meter (id),
  readings INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  first_sequence INTEGER NOT NULL,
  last_sequence INTEGER NOT NULL,
  hash BLOB NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (seal, meter)
) STRICT, WITHOUT ROWID;

-- Roll-ups: `bucket` is the bucket's start divided by its width. Small numbers: every byte is written twice.
CREATE TABLE minute (
  bucket INTEGER NOT NULL,
  meter INTEGER NOT NULL,
  readings INTEGER NOT NULL,
  import_first INTEGER NOT NULL,
  import_rise INTEGER NOT NULL,
  export_first INTEGER NOT NULL,
  export_rise INTEGER NOT NULL,
  generation_first INTEGER NOT NULL,
  generation_rise INTEGER NOT NULL,
  power_sum INTEGER NOT NULL,
  power_least INTEGER NOT NULL,
  power_most INTEGER NOT NULL,
  PRIMARY KEY (bucket, meter)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarter (
  bucket INTEGER NOT NULL,
  meter INTEGER NOT NULL,
  readings INTEGER NOT NULL,
  import_first INTEGER NOT NULL,
  import_rise INTEGER NOT NULL,
  export_first INTEGER NOT NULL,
  export_rise INTEGER NOT NULL,
  generation_first INTEGER NOT NULL,
  generation_rise INTEGER NOT NULL,
  power_sum INTEGER NOT NULL,
  power_least INTEGER NOT NULL,
  power_most INTEGER NOT NULL,
  PRIMARY KEY (bucket, meter)
) STRICT, WITHOUT ROWID;

CREATE TABLE hour (
  bucket INTEGER NOT NULL,
  meter INTEGER NOT NULL,
  readings INTEGER NOT NULL,
  import_first INTEGER NOT NULL,
  import_rise INTEGER NOT NULL,
  export_first INTEGER NOT NULL,
  export_rise INTEGER NOT NULL,
  generation_first INTEGER NOT NULL,
  generation_rise INTEGER NOT NULL,
  power_sum INTEGER NOT NULL,
  power_least INTEGER NOT NULL,
  power_most INTEGER NOT NULL,
  PRIMARY KEY (bucket, meter)
) STRICT, WITHOUT ROWID;

CREATE TABLE day (
  bucket INTEGER NOT NULL,
  meter INTEGER NOT NULL,
  readings INTEGER NOT NULL,
  import_first INTEGER NOT NULL,
  import_rise INTEGER NOT NULL,
  export_first INTEGER NOT NULL,
  export_rise INTEGER NOT NULL,
  generation_first INTEGER NOT NULL,
  generation_rise INTEGER NOT NULL,
  power_sum INTEGER NOT NULL,
  power_least INTEGER NOT NULL,
  power_most INTEGER NOT NULL,
  PRIMARY KEY (bucket, meter)
) STRICT, WITHOUT ROWID;

-- Readings that are not sealed yet, for people with a SQL prompt.
CREATE VIEW fresh AS
SELECT meter.name AS meter, sequence, life.boot AS boot, at_s * 1000 + (marks / 4) % 1000 AS at,
  iif(marks % 2 = 1, 'receipt', 'meter') AS time_source, import_mwh, export_mwh, generation_mwh, power_mw,
  voltage + 230000 AS voltage_mv, nullif(frequency + 50000, -1) AS frequency_mhz,
  nullif(current, -1) AS current_ma, iif(marks / 2 % 2 = 1, NULL, at_s - drift - started_s) AS uptime_s,
  marks / 4000 AS flags
FROM ring JOIN life ON life.id = ring.life JOIN meter ON meter.id = life.meter
WHERE ring.seal > (SELECT coalesce(max(id), 0) FROM seal);

-- A refused payload whose form was right has used up its number; meter_state knows of it from the next seal on.
CREATE TABLE used_number (
  meter INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (meter, sequence)
) STRICT, WITHOUT ROWID;

INSERT INTO life (meter, boot, started_s)
SELECT meter, boot, coalesce(min(at / 1000 - uptime_s), 0) FROM hot GROUP BY meter, boot;
INSERT INTO ring
SELECT row, 1, life.id, sequence, at / 1000, import_mwh, export_mwh, generation_mwh, power_mw,
  voltage_mv - 230000, coalesce(frequency_mhz, -1) - 50000, coalesce(current_ma, -1),
  coalesce(at / 1000 - uptime_s - started_s, 0),
  (flags * 1000 + at % 1000) * 4 + iif(uptime_s IS NULL, 2, 0) + (1 - time_source)
FROM hot JOIN life ON life.meter = hot.meter AND life.boot = hot.boot ORDER BY row;
DROP TABLE hot;
DROP TABLE hour_block;
DELETE FROM meter_state;
DELETE FROM counter;
