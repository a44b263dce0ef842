-- The newest look at our accounts is asked for every second, and there is one for every hour of the hub's life.
CREATE INDEX balance_look_by_asking ON balance_look (asked_ms, id);
CREATE INDEX balance_look_by_answer ON balance_look (answered_ms, id) WHERE answered_ms IS NOT NULL;
-- So is the round that is due or open, of which there is at most one among all that ever were.
CREATE INDEX round_by_state ON round (state, slot);
