/** Gates of books.db: the registration, and one row per question to a gate. */
import type { Database } from 'better-sqlite3';
import type { Gate, OnSilence } from '../../core/gate.ts';
import type { HouseholdId } from '../../core/ids.ts';
import type { GateDecision } from '../../core/proposal.ts';
import type { GateBooks } from '../../ports/books/gates.ts';

type GateRow = { name: string; scope: string | null; on_silence: OnSilence };
type QuestionRow = {
  gate: string;
  on_silence: OnSilence;
  decision: GateDecision['decision'] | null;
  energy_wh: number | null;
};

const toGate = ({ name, scope, on_silence }: GateRow): Gate => ({
  name,
  scope: scope === null ? undefined : (JSON.parse(scope) as HouseholdId[]),
  onSilence: on_silence,
});

/** The gate family of books.db. */
export function gateBooks(db: Database): GateBooks {
  const all = db.prepare<[], GateRow>('SELECT name, scope, on_silence FROM gate ORDER BY name');
  const forget = db.prepare('DELETE FROM gate');
  const insert = db.prepare('INSERT INTO gate VALUES (?, ?, ?, ?)');
  const question = db.prepare(
    'INSERT INTO gate_question (proposal, gate, on_silence, asked_ms) VALUES (?, ?, ?, ?)',
  );
  const questions = db.prepare<[string], QuestionRow>(
    'SELECT gate, on_silence, decision, energy_wh FROM gate_question WHERE proposal = ? ORDER BY gate',
  );
  const answered = db.prepare(
    `UPDATE gate_question SET decision = ?, energy_wh = ?, answered_ms = ?
     WHERE proposal = ? AND gate = ? AND decision IS NULL`,
  );
  const register = db.transaction((gates: readonly Gate[], at: number) => {
    forget.run();
    for (const { name, scope, onSilence } of gates)
      insert.run(name, scope === undefined ? null : JSON.stringify(scope), onSilence, at);
  });
  const ask = db.transaction((proposal: string, gates: readonly Gate[], at: number) => {
    for (const { name, onSilence } of gates) question.run(proposal, name, onSilence, at);
  });
  return {
    registered: () => all.all().map(toGate),
    register: (gates, at) => register.immediate(gates, at),
    ask: (proposal, gates, at) => ask.immediate(proposal, gates, at),
    windowOf: (proposal) => {
      const rows = questions.all(proposal);
      if (rows.length === 0) return undefined;
      const asked = rows.map(({ gate, on_silence }) => ({
        ...{ name: gate, scope: undefined, onSilence: on_silence },
      }));
      return { asked, answers: new Map(rows.flatMap(toAnswer)) };
    },
    answer: (proposal, gate, said, at) => {
      const energyWh = said.decision === 'shrink' ? said.energyWh : null;
      answered.run(said.decision, energyWh, at, proposal, gate);
    },
  };
}

function toAnswer({ gate, decision, energy_wh }: QuestionRow): [string, GateDecision][] {
  if (decision === null) return [];
  if (decision === 'shrink') return [[gate, { decision, energyWh: energy_wh ?? 0 }]];
  return [[gate, { decision }]];
}
