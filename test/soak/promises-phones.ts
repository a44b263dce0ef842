/** Promise 8, and that no phone rings for a trade that is over: seen from the phones. */
import { hourMs, timeOfDayMs } from '../../gateway/core/slot.ts';
import { epochMs } from '../../gateway/core/units.ts';
import type { Prompt } from '../../gateway/simulators/daraja/prompts.ts';
import { type Count, countOf, type Evidence } from './evidence.ts';

/** Between deciding to ring and ringing, machine ms; on a fast clock that is many minutes. */
const underWayMs = 2_000;
const [quietFromMs, quietUntilMs, promptsDaily] = [21 * hourMs, 6.5 * hourMs, 4];
const eastAfricaMs = 3 * hourMs;
const dayMs = 24 * hourMs;

type Asked = {
  readonly reference: string;
  readonly byHand: number;
  /** When the hub noted that it rings now, by its own clock. How long a slow machine then takes is not the hub's doing. */
  readonly sentMs: number | null;
  readonly overMs: number | null;
};

/** Whether a person asked for it, and when the last of the trades that it was asked for came to an end unpaid. */
const askedSql = `
  SELECT u.account_reference AS reference, u.sent_ms AS sentMs,
    max(u.by_hand, EXISTS (SELECT 1 FROM trade t WHERE t.topup = u.id AND t.funding = 'phone')) AS byHand,
    (SELECT CASE WHEN count(*) = count(e.at_ms) THEN max(e.at_ms) END FROM trade t
     LEFT JOIN trade_event e ON e.trade = t.id AND e.event = 'trade.expired' WHERE t.topup = u.id) AS overMs
  FROM topup u`;

export function judgePhones({ witness, books, stage }: Evidence): Count[] {
  const slackMs = underWayMs * stage.time.speed;
  const asked = new Map(books.rows<Asked>(askedSql).map((one) => [one.reference, one]));
  const { prompts } = witness;
  const own = prompts.filter(({ accountReference }) => asked.get(accountReference)?.byHand !== 1);
  const days = Map.groupBy(
    own,
    ({ phone, askedAtMs }) => `${phone} ${Math.floor((askedAtMs + eastAfricaMs) / dayMs)}`,
  );
  const sentAt = ({ accountReference, askedAtMs }: Prompt): number =>
    asked.get(accountReference)?.sentMs ?? askedAtMs;
  const words = ({ accountReference, askedAtMs }: Prompt) =>
    `${accountReference} at ${new Date(askedAtMs + eastAfricaMs).toISOString().slice(0, 16)}`;
  const [promise, unit] = [8, 'prompts'] as const;
  return [
    countOf(
      { promise, name: 'phones rung in quiet hours', unit },
      own,
      (prompt) => isQuiet(sentAt(prompt), slackMs),
      words,
    ),
    countOf(
      { promise, name: 'days with more prompts than allowed', unit: 'phone days' },
      [...days],
      ([, rung]) => rung.length > promptsDaily,
      ([day, rung]) => `${day.slice(-8)}: ${rung.length}`,
    ),
    countOf(
      { promise, name: 'asked for cents that M-Pesa does not know', unit },
      prompts,
      ({ amountCents }) => amountCents % 100 !== 0,
      words,
    ),
    countOf(
      { promise, name: 'prompts that nobody has noted', unit },
      prompts,
      ({ accountReference }) => !asked.has(accountReference),
      words,
    ),
    countOf(
      { promise: 5, name: 'phones rung for a trade that was over', unit },
      prompts,
      (prompt) => {
        const overMs = asked.get(prompt.accountReference)?.overMs ?? undefined;
        return overMs !== undefined && sentAt(prompt) > overMs + slackMs;
      },
      words,
    ),
  ];
}

function isQuiet(atMs: number, slackMs: number): boolean {
  const time = timeOfDayMs(epochMs(atMs));
  return time >= quietFromMs + slackMs || time < quietUntilMs;
}
