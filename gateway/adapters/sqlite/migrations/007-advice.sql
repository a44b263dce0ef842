-- Advice that is scored: what roofs made, what was known when, what it was worth, and how a second opinion did.

-- Empty where no meter counts what the roof makes.
ALTER TABLE slot_energy ADD COLUMN generated_wh INTEGER CHECK (generated_wh >= 0);
ALTER TABLE registration ADD COLUMN counted_generation_mwh INTEGER;

ALTER TABLE advice ADD COLUMN policy TEXT NOT NULL DEFAULT 'mean';
-- What the policy kept and the model may have changed; empty in advice of an older hub.
ALTER TABLE advice ADD COLUMN rule_keep_wh INTEGER;
-- JSON: days known, levels of sun and use, the weather's word, the chance, quantiles of the need.
ALTER TABLE advice ADD COLUMN known TEXT NOT NULL DEFAULT '{}';
ALTER TABLE advice ADD COLUMN reason_sw TEXT NOT NULL DEFAULT '';
ALTER TABLE advice ADD COLUMN opinion_reason_sw TEXT;
ALTER TABLE advice ADD COLUMN prompt_hash TEXT;
ALTER TABLE advice ADD COLUMN answer_hash TEXT;

-- The prompts themselves are kept for 30 days.
CREATE TABLE advice_prompt (
  hash TEXT PRIMARY KEY,
  prompt TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX advice_prompt_at ON advice_prompt (at_ms);

-- One line per household and day from 06:00 to 06:00; gained and possible are beyond selling at once.
CREATE TABLE advice_score (
  day INTEGER NOT NULL,
  household TEXT NOT NULL REFERENCES household (id),
  gained_cents INTEGER NOT NULL,
  possible_cents INTEGER NOT NULL CHECK (possible_cents >= gained_cents),
  -- The policy's own part and the model's, where the model was heard that day.
  rule_cents INTEGER,
  opinion_cents INTEGER,
  PRIMARY KEY (day, household)
) STRICT, WITHOUT ROWID;
