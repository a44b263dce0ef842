-- A posting looks at each of its two accounts once: for the unit and for the balance together.
DROP TRIGGER posting_same_unit;
DROP TRIGGER posting_moves;
CREATE TRIGGER posting_moves AFTER INSERT ON posting BEGIN
  UPDATE account SET balance = balance - NEW.amount WHERE id = NEW.from_account AND unit = NEW.unit;
  SELECT RAISE(ABORT, 'posting between accounts of another unit') WHERE changes() <> 1;
  UPDATE account SET balance = balance + NEW.amount WHERE id = NEW.to_account AND unit = NEW.unit;
  SELECT RAISE(ABORT, 'posting between accounts of another unit') WHERE changes() <> 1;
END;
