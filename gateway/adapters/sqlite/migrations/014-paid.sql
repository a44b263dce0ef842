-- What M-Pesa really paid under a payout's id, where a person found another amount than the books asked for: after
-- they were restored from a backup the same id may have carried another payout.
ALTER TABLE payout ADD COLUMN paid_cents INTEGER CHECK (paid_cents > 0 AND paid_cents % 100 = 0);
