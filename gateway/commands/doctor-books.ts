/** What the doctor sees in the books, whether the hub runs or not: sums, the chain, queues, backups. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { newestBackup } from '../adapters/backup/keep-backups.ts';
import { openBooks } from '../adapters/sqlite/open.ts';
import type { Config } from '../config.ts';
import {
  doubtful,
  type Finding,
  judgeBackup,
  judgeQueue,
  type Queue,
  well,
  wrong,
} from '../core/doctor.ts';
import { epochMs } from '../core/units.ts';
import { backupPassphrase } from '../open-keys.ts';
import { backupDirOf, checkBackup, hubNow, problemsOf } from './backup-parts.ts';
import { verify } from './chain-verify.ts';

const fromBackup = 'Stop the hub; scripts/hub restore FILE with the newest backup that is sound.';
const linesMost = 5;

/** `now`: of the neighbourhood. */
export function booksFindings(config: Config, now: number): Finding[] {
  const file = join(config.HUB_DATA_DIR, 'books.db');
  if (!existsSync(file))
    return [
      wrong('books', `there are none in ${config.HUB_DATA_DIR}`, 'scripts/hub start makes them.'),
    ];
  const pages = ['books.db', 'readings.db', 'ledger.db']
    .filter((name) => existsSync(join(config.HUB_DATA_DIR, name)))
    .flatMap((name) => problemsOf(join(config.HUB_DATA_DIR, name), name, 'quick'));
  if (pages.length > 0) return [wrong('pages of the databases', pages.join('; '), fromBackup)];
  using books = openBooks(file);
  const { audit, watch, pauses } = books;
  const wrongSums = audit.imbalances();
  const evidence = (unit: 'cents' | 'Wh') =>
    `all accounts together: ${audit.trialBalance(unit)} ${unit}`;
  const sum = (subject: string, unit: 'cents' | 'Wh'): Finding =>
    audit.trialBalance(unit) === 0
      ? well(subject, evidence(unit))
      : wrong(subject, evidence(unit), `scripts/hub pay pause. ${fromBackup}`);
  return [
    well('pages of the databases', 'every page is sound'),
    sum('trial balance', 'cents'),
    sum('conservation of energy', 'Wh'),
    wrongSums.length === 0
      ? well('postings', 'every account, trade, payout and payment is what its postings say')
      : wrong(
          'postings',
          wrongSums
            .slice(0, linesMost)
            .map(({ what, expected, found }) => `${what}: ${found} instead of ${expected}`)
            .join('; '),
          'scripts/hub pay pause, then scripts/hub pay reviews.',
        ),
    ...reviewFindings(watch.alarms(linesMost), pauses.holding(epochMs(now))),
    ...queuesOf(file).map((queue) => judgeQueue(queue, now)),
  ];
}

function reviewFindings(
  alarms: readonly { readonly words: string }[],
  pauses: readonly { readonly why: string }[],
): Finding[] {
  const reviews = alarms.map(({ words }) => words);
  return [
    reviews.length === 0
      ? well('agreement with M-Pesa', 'no difference is open')
      : doubtful('agreement with M-Pesa', reviews.join(' '), 'scripts/hub pay reviews'),
    pauses.length === 0
      ? well('payouts', 'they go out')
      : doubtful(
          'payouts',
          `they wait: ${pauses.map(({ why }) => why).join('; ')}`,
          'scripts/hub pay reviews, and after that scripts/hub pay resume',
        ),
  ];
}

const queues: readonly { readonly name: Queue['name']; readonly sql: string }[] = [
  {
    name: 'messages',
    sql: 'SELECT count(*) AS n, min(at_ms) AS at FROM inbox WHERE read_as IS NULL',
  },
  {
    name: 'topups',
    sql: "SELECT count(*) AS n, min(created_ms) AS at FROM topup WHERE state IN ('intent', 'unknown', 'pending', 'conflict', 'review')",
  },
  {
    name: 'payouts',
    sql: "SELECT count(*) AS n, min(created_ms) AS at FROM payout WHERE state IN ('intent', 'unknown', 'pending', 'review')",
  },
  {
    name: 'tokens',
    sql: "SELECT count(*) AS n, min(t.created_ms) AS at FROM token_intent i JOIN trade t ON t.id = i.trade WHERE i.state IN ('open', 'review')",
  },
];

function queuesOf(file: string): Queue[] {
  const db = new Database(file, { readonly: true });
  try {
    return queues.map(({ name, sql }) => {
      const { n, at } = db.prepare(sql).get() as { n: number; at: number | null };
      return { name, waiting: n, oldestAt: at ?? undefined };
    });
  } finally {
    db.close();
  }
}

/** Household by household, by the chain's own word. */
export async function chainFinding(config: Config): Promise<Finding> {
  const subject = 'chain against ledger';
  try {
    const { verdict } = await verify(config);
    const { differences, supplyWh, heldWh } = verdict;
    if (differences.length === 0)
      return well(subject, `${supplyWh} Wh exist, ${heldWh} Wh are held; the books agree`);
    const words = differences
      .slice(0, linesMost)
      .map(({ what, expectedWh, foundWh }) => `${what}: ${foundWh} Wh instead of ${expectedWh} Wh`);
    return wrong(subject, words.join('; '), 'scripts/hub chain verify shows whose they are.');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return doubtful(subject, why, 'Look again when the chain answers: scripts/hub chain verify');
  }
}

/** With `drill` the newest one is restored into a folder of its own and looked through. */
export async function backupFindings(config: Config, drill: boolean): Promise<Finding[]> {
  const newest = newestBackup(backupDirOf(config));
  const sealed = passphraseFinding(config);
  const age = judgeBackup(newest?.at, hubNow(config));
  if (!drill || newest === undefined || sealed.verdict !== 'ok') return [sealed, age];
  return [sealed, age, await drillFinding(config, newest.file)];
}

function passphraseFinding(config: Config): Finding {
  const subject = 'passphrase of backups';
  try {
    return backupPassphrase(config) === undefined
      ? wrong(
          subject,
          'none is set, so no backup can be made',
          'Set BACKUP_PASSPHRASE_PATH; docs/backup.md.',
        )
      : well(subject, 'set, in a file that only its owner reads');
  } catch (error) {
    return wrong(subject, error instanceof Error ? error.message : String(error), 'docs/backup.md');
  }
}

async function drillFinding(config: Config, file: string): Promise<Finding> {
  const subject = 'restore drill';
  const began = performance.now();
  try {
    const { households, trades, problems } = await checkBackup(config, file);
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    return problems.length === 0
      ? well(
          subject,
          `${households} households and ${trades} trades came back whole in ${seconds} s`,
        )
      : wrong(subject, problems.join('; '), 'scripts/hub backup --nightly makes a new one now.');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return wrong(subject, why, 'scripts/hub backup --nightly makes a new one now.');
  }
}
