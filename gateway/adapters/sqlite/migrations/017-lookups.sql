-- only adds
-- Postings of energy come by the thousand in every slot, and each dirtied two pages of the disk's card for look-ups that
-- nobody makes. Money is looked up by account; energy only where it arrived from outside. An older hub only reads slower.
DROP INDEX posting_from;
DROP INDEX posting_to;
CREATE INDEX posting_money_from ON posting (from_account) WHERE unit = 'cents';
CREATE INDEX posting_money_to ON posting (to_account) WHERE unit = 'cents';
