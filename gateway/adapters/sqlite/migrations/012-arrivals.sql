-- Tokens that come in from outside bring the energy with which they once left a neighbour.
INSERT INTO account (id, unit, source) VALUES ('arrived', 'Wh', 1);
-- Few ever come in, and they are asked for with every move.
CREATE INDEX posting_arrived ON posting (to_account) WHERE from_account = 'arrived';
