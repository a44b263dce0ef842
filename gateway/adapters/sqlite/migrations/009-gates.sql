-- Gates of the keeper's flows: who is registered, who was asked about which proposal, and what was answered.

CREATE TABLE gate (
  name TEXT PRIMARY KEY,
  -- JSON list of households; empty: asked about everybody.
  scope TEXT,
  on_silence TEXT NOT NULL CHECK (on_silence IN ('hold', 'proceed')),
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Written before a gate hears of the proposal. What was registered then counts, whatever is registered later.
CREATE TABLE gate_question (
  proposal TEXT NOT NULL REFERENCES proposal (id),
  gate TEXT NOT NULL,
  on_silence TEXT NOT NULL CHECK (on_silence IN ('hold', 'proceed')),
  asked_ms INTEGER NOT NULL,
  -- All three empty while the gate is silent.
  decision TEXT CHECK (decision IN ('approve', 'veto', 'shrink')),
  energy_wh INTEGER CHECK (energy_wh >= 0),
  answered_ms INTEGER,
  PRIMARY KEY (proposal, gate),
  CHECK ((decision = 'shrink') IS (energy_wh IS NOT NULL) OR decision IS NULL),
  CHECK ((decision IS NULL) = (answered_ms IS NULL))
) STRICT, WITHOUT ROWID;
