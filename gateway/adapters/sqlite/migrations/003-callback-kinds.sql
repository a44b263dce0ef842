-- Paths are given out for more kinds of answers, and each kind of answer is read by a deed of its own.
CREATE TABLE new_path (
  hash TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN (
    'push', 'payout-result', 'payout-timeout', 'status-result', 'status-timeout', 'receipt-result', 'receipt-timeout',
    'reversal-result', 'reversal-timeout', 'balance-result', 'balance-timeout', 'confirmation', 'validation')),
  subject TEXT NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO new_path SELECT hash, kind, subject, expires_ms FROM callback_path;

CREATE TABLE new_inbox (
  id TEXT PRIMARY KEY,
  path_hash TEXT NOT NULL REFERENCES new_path (hash),
  body BLOB NOT NULL CHECK (length(body) <= 16384),
  body_hash TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  read_as TEXT,
  UNIQUE (path_hash, body_hash)
) STRICT;
INSERT INTO new_inbox SELECT id, path_hash, body, body_hash, at_ms, read_as FROM inbox;

DROP TABLE inbox;
DROP TABLE callback_path;
-- A renamed table takes the references to it along.
ALTER TABLE new_path RENAME TO callback_path;
ALTER TABLE new_inbox RENAME TO inbox;
CREATE INDEX callback_path_expires ON callback_path (expires_ms);

UPDATE deed SET
  kind = (SELECT CASE WHEN p.kind = 'push' THEN 'read-push' ELSE 'read-payout' END
          FROM inbox i JOIN callback_path p ON p.hash = i.path_hash WHERE i.id = deed.subject)
WHERE kind = 'read-callback';
UPDATE deed SET key = kind || ':' || subject WHERE kind IN ('read-push', 'read-payout');
