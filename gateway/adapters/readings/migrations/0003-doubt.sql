-- While nobody knows the hub's time, readings go to seals of their own, from `seal` on. Lives of meters
-- up to `life` were known before. `offset_ms` is the time that they are dated by less the machine's monotonic time, within
-- the start `boot` of the machine.
CREATE TABLE doubt (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  seal INTEGER NOT NULL,
  life INTEGER NOT NULL,
  boot TEXT NOT NULL,
  offset_ms INTEGER NOT NULL
) STRICT;
