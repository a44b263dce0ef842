-- only adds
-- Look-ups for a hub that has run for years. An older hub works without what is gone, slower at statements and audits.

-- Postings of energy come by the thousand in every slot, and each dirtied two pages of the disk's card for look-ups that
-- nobody makes. Money is looked up by account; energy only where it arrived from outside.
DROP INDEX posting_from;
DROP INDEX posting_to;
CREATE INDEX posting_money_from ON posting (from_account) WHERE unit = 'cents';
CREATE INDEX posting_money_to ON posting (to_account) WHERE unit = 'cents';

-- What was bought, sold and paid today, and what came last, must not take longer with every trade that was ever made.
DROP INDEX trade_state;
CREATE INDEX trade_state ON trade (state, created_ms);
CREATE INDEX trade_bought ON trade (buyer, created_ms);
CREATE INDEX trade_sold ON trade (seller, created_ms);
CREATE INDEX trade_newest ON trade (created_ms, id);
CREATE INDEX topup_newest ON topup (created_ms);

-- What is under way is asked every second.
CREATE INDEX topup_state ON topup (state, created_ms);
CREATE INDEX payout_state ON payout (state, created_ms);
CREATE INDEX payout_unfunded ON payout (sent_ms) WHERE code = '1';
CREATE INDEX token_intent_state ON token_intent (state);
CREATE INDEX advice_household ON advice (household, slot);

-- What a household has on chain is summed before every move: from the index alone.
DROP INDEX token_intent_from;
DROP INDEX token_intent_to;
CREATE INDEX token_intent_from ON token_intent (from_household, state, energy_wh, mint_wh);
CREATE INDEX token_intent_to ON token_intent (to_household, state, energy_wh);

-- Asked after every deed, and mostly there is none: it must not walk through all the others that are due.
CREATE INDEX deed_tell_command ON deed (due_ms) WHERE kind = 'tell-command';
