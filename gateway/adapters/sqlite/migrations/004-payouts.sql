-- Payouts, withdrawals, pauses and reversals. Columns are added, so every constraint of the table stays.
ALTER TABLE payout ADD COLUMN kind TEXT NOT NULL DEFAULT 'batch' CHECK (kind IN ('batch', 'withdrawal'));
ALTER TABLE payout ADD COLUMN charge_cents INTEGER CHECK (charge_cents >= 0);
-- The last result code that M-Pesa is said to have given.
ALTER TABLE payout ADD COLUMN code TEXT;
-- When M-Pesa last answered in a way that takes the hub's name and password for good.
ALTER TABLE payout ADD COLUMN proved_ms INTEGER;
CREATE INDEX payout_sent ON payout (sent_ms);
CREATE INDEX payout_proved ON payout (proved_ms);
CREATE INDEX payout_open ON payout (state) WHERE state IN ('intent', 'unknown', 'pending', 'review');

-- Why payouts wait, for everybody or for one household. The newest row of a cause counts; none is ever changed.
CREATE TABLE payout_pause (
  id INTEGER PRIMARY KEY,
  cause TEXT NOT NULL CHECK (cause IN ('credential', 'float', 'keeper', 'receiver', 'receiver-limit')),
  household TEXT REFERENCES household (id),
  event TEXT NOT NULL CHECK (event IN ('paused', 'resumed')),
  why TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  -- Ends by itself at this moment; empty while only somebody can end it.
  until_ms INTEGER,
  CHECK ((cause IN ('receiver', 'receiver-limit')) = (household IS NOT NULL)),
  CHECK (event = 'paused' OR until_ms IS NULL)
) STRICT;
CREATE INDEX payout_pause_cause ON payout_pause (cause, household, id);
CREATE TRIGGER payout_pause_stays BEFORE UPDATE ON payout_pause BEGIN SELECT RAISE(ABORT, 'pauses are never changed'); END;
CREATE TRIGGER payout_pause_remains BEFORE DELETE ON payout_pause BEGIN SELECT RAISE(ABORT, 'pauses are never deleted'); END;

-- A payment that goes back to the phone that made it.
CREATE TABLE reversal (
  id TEXT PRIMARY KEY,
  receipt TEXT NOT NULL CHECK (length(receipt) BETWEEN 1 AND 64),
  -- Whose wallet the money leaves; empty: it lies in suspense.
  household TEXT REFERENCES household (id),
  amount_cents INTEGER NOT NULL CHECK (amount_cents > 0 AND amount_cents % 100 = 0 AND amount_cents <= 25000000),
  state TEXT NOT NULL CHECK (state IN ('intent', 'unknown', 'pending', 'reversed', 'failed', 'review')),
  created_ms INTEGER NOT NULL,
  sent_ms INTEGER,
  asks INTEGER NOT NULL DEFAULT 0,
  -- M-Pesa says that the payment still stands, so the order may be sent once more.
  may_repeat INTEGER NOT NULL DEFAULT 0 CHECK (may_repeat IN (0, 1)),
  mpesa_conversation_id TEXT,
  transaction_id TEXT UNIQUE,
  code TEXT,
  detail TEXT NOT NULL DEFAULT ''
) STRICT;
-- A payment goes back once; only an order that certainly failed may be given again.
CREATE UNIQUE INDEX one_reversal ON reversal (receipt) WHERE state <> 'failed';
CREATE INDEX reversal_open ON reversal (state) WHERE state IN ('intent', 'unknown', 'pending', 'review');

-- What happened to money on its way out (a payout or a reversal), in order; never changed.
CREATE TABLE outgoing_event (
  id INTEGER PRIMARY KEY,
  subject TEXT NOT NULL,
  event TEXT NOT NULL,
  detail TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX outgoing_event_subject ON outgoing_event (subject);
CREATE TRIGGER outgoing_event_stays BEFORE UPDATE ON outgoing_event BEGIN SELECT RAISE(ABORT, 'history is never changed'); END;
CREATE TRIGGER outgoing_event_remains BEFORE DELETE ON outgoing_event BEGIN SELECT RAISE(ABORT, 'history is never deleted'); END;
