/** Payments as lines for the keeper. */
import type {
  AlarmLine,
  BalanceLine,
  FindView,
  OutLine,
  PaymentLine,
  ReconcileView,
  ReviewsView,
  TopupLine,
} from '../ports/money-desk.ts';
import { kes } from './hub-api.ts';
import { table } from './table.ts';

/** A heading with its lines; nothing when there are none. */
const part = (heading: string, rows: readonly (readonly string[])[]): string[] =>
  rows.length === 0 ? [] : [heading, ...table(rows.map((row) => ['', ...row]))];

const topupCells = ({ id, at, amountCents, receipt, words }: TopupLine) => [
  ...[at, kes(amountCents), id, receipt ?? 'no receipt', words],
];
const paymentCells = ({ receipt, at, amountCents, reference, phone, words }: PaymentLine) => [
  ...[at, kes(amountCents), receipt, `for ${reference || 'nothing'}`],
  ...[phone === null ? '' : `from ${phone}`, words],
];
const outCells = ({ id, at, kind, amountCents, state, detail }: OutLine) => [
  ...[at, kes(amountCents), id, kind, detail === '' ? state : `${state}: ${detail}`],
];
const alarmCells = ({ at, words, subject }: AlarmLine) => [
  ...[at, words.includes(subject) ? words : `${words} (${subject})`],
];
const signed = (cents: number): string => `${cents < 0 ? '-' : ''}${kes(Math.abs(cents))}`;
const balanceCells = ({ account, booksCents, floatCents, mpesaCents, offCents }: BalanceLine) => [
  ...[account, `books ${signed(booksCents)}`, `float ${signed(floatCents)}`],
  ...[`M-Pesa ${signed(mpesaCents)}`, offCents === 0 ? 'agrees' : `off by ${signed(offCents)}`],
];
const nextPart = (lines: readonly string[]): string[] =>
  part(
    'What to type next',
    lines.map((line) => [line]),
  );

/** The answer to "I paid and got nothing". */
export function foundLines({ household, topups, payments, payouts, next }: FindView): string[] {
  const who =
    household === null
      ? ['No household is known for it.']
      : [
          `${household.name} (${household.id}, ${household.phone}), payment code ${household.code}`,
          `  wallet ${kes(household.walletCents)}, earnings ${kes(household.earningsCents)}`,
        ];
  return [
    ...who,
    ...part('Asked from the phone', topups.map(topupCells)),
    ...part('Payments that M-Pesa knows', payments.map(paymentCells)),
    ...part('Paid out', payouts.map(outCells)),
    ...nextPart(next),
  ];
}

export function reviewLines(view: ReviewsView): string[] {
  const { alarms, topups, suspense, hints, out, pauses, next } = view;
  const lines = [
    ...part('Does not agree with M-Pesa', alarms.map(alarmCells)),
    ...part('Top-ups', topups.map(topupCells)),
    ...part('In suspense', suspense.map(paymentCells)),
    ...part('Told of, not in M-Pesa’s list', hints.map(paymentCells)),
    ...part('On the way out', out.map(outCells)),
    ...part(
      'Paused',
      pauses.map((pause) => [pause]),
    ),
    ...nextPart(next),
  ];
  return lines.length === 0 ? ['Nothing waits for a person.'] : lines;
}

export function reconcileLines(view: ReconcileView): string[] {
  const { at, list, findings, topups, out, balances, alarms, next } = view;
  const read = list.complete
    ? `M-Pesa’s list of the last 48 hours has ${list.payments} payments.`
    : `M-Pesa’s list could not be read: ${list.why}.`;
  const isQuiet = findings.length + topups.length + alarms.length === 0;
  return [
    `${at}  ${read}`,
    ...part('New in the list', findings.map(paymentCells)),
    ...part('Top-ups that changed', topups.map(topupCells)),
    ...part('On the way out', out.map(outCells)),
    ...part('Balances', balances.map(balanceCells)),
    ...(balances.length === 0 ? ['M-Pesa did not answer with its balance.'] : []),
    ...part('Does not agree with M-Pesa', alarms.map(alarmCells)),
    ...nextPart(next),
    ...(isQuiet && list.complete ? ['Books and M-Pesa agree.'] : []),
  ];
}
