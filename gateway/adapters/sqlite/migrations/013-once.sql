-- What was posted stays, also against a hand that replaces instead of changing: SQLite asks no trigger that forbids
-- deleting when a row is replaced. A balance moves only with the posting that was just written.
CREATE TRIGGER posting_once BEFORE INSERT ON posting
WHEN EXISTS (SELECT 1 FROM posting WHERE key = NEW.key) OR EXISTS (SELECT 1 FROM posting WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'a posting is written once and never replaced'); END;

CREATE TRIGGER account_begins_empty BEFORE INSERT ON account WHEN NEW.balance <> 0
BEGIN SELECT RAISE(ABORT, 'an account begins empty'); END;
CREATE TRIGGER account_opens_once BEFORE INSERT ON account
WHEN EXISTS (SELECT 1 FROM account WHERE id = NEW.id) BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER account_remains BEFORE DELETE ON account BEGIN SELECT RAISE(ABORT, 'accounts are never deleted'); END;
CREATE TRIGGER account_keeps_its_kind BEFORE UPDATE OF id, unit, source ON account
BEGIN SELECT RAISE(ABORT, 'an account keeps its name and unit'); END;
CREATE TRIGGER account_moves_with_a_posting BEFORE UPDATE OF balance ON account
WHEN NEW.balance - OLD.balance IS NOT (
  SELECT CASE OLD.id WHEN to_account THEN amount WHEN from_account THEN -amount END
  FROM posting ORDER BY id DESC LIMIT 1)
BEGIN SELECT RAISE(ABORT, 'a balance moves only with a posting'); END;

CREATE TRIGGER trade_event_once BEFORE INSERT ON trade_event WHEN EXISTS (SELECT 1 FROM trade_event WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'history is never replaced'); END;
CREATE TRIGGER outgoing_event_once BEFORE INSERT ON outgoing_event
WHEN EXISTS (SELECT 1 FROM outgoing_event WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'history is never replaced'); END;
CREATE TRIGGER payout_pause_once BEFORE INSERT ON payout_pause WHEN EXISTS (SELECT 1 FROM payout_pause WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'pauses are never replaced'); END;
CREATE TRIGGER act_once BEFORE INSERT ON act WHEN EXISTS (SELECT 1 FROM act WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'acts are never replaced'); END;
CREATE TRIGGER float_note_once BEFORE INSERT ON float_note WHEN EXISTS (SELECT 1 FROM float_note WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'notes are never replaced'); END;
