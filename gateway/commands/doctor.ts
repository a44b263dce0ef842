/** `doctor`: is this hub well, what shows it, and what to do where it is not. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { type Config, readConfig, unknownNames } from '../config.ts';
import { doubtful, type Finding, isWell, type Verdict, well, wrong } from '../core/doctor.ts';
import type { HubStatus } from '../ports/desk.ts';
import type { Checkup } from '../ports/doctor-desk.ts';
import { hubNow } from './backup-parts.ts';
import { backupFindings, booksFindings, chainFinding } from './doctor-books.ts';
import {
  certificateFindings,
  diskFinding,
  leftoverFinding,
  memoryFinding,
  rightsFindings,
  versionFindings,
  wearFinding,
} from './doctor-machine.ts';
import {
  advisorFinding,
  brokerFinding,
  callbackFinding,
  callFindings,
  clockFinding,
  mpesaFinding,
  schemeFinding,
  weatherFinding,
} from './doctor-outside.ts';
import { hubEnvironment } from './environment.ts';
import { ask, type Json, order, print } from './hub-api.ts';

/** M-Pesa is asked at the hub's own pace. */
const checkupMs = 60_000;

export type Report = { readonly well: boolean; readonly findings: readonly Finding[] };

/** Adds `doctor [--drill] [--json]`; exit 0 only when nothing at all was found. */
export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('is this hub well, what shows it, and what to do')
    .option('--drill', 'also restore the newest backup into a folder of its own')
    .option('--json')
    .action(async ({ drill = false, json }: Json & { drill?: boolean }) => {
      const report = await examine(drill);
      print(report, json, reportLines);
      if (!report.well) process.exitCode = 1;
    });
}

/** Looks at everything that can be looked at, whatever else is wrong. */
export async function examine(drill: boolean): Promise<Report> {
  const env = hubEnvironment();
  const read = readConfig(env);
  if (!read.ok) {
    const findings = read.error.map((line) => wrong('configuration', line, 'Mend it in .env.'));
    return { well: false, findings };
  }
  const findings = [configFinding(env), ...(await findingsOf(read.value, drill))];
  return { well: isWell(findings), findings };
}

function configFinding(env: Readonly<Record<string, unknown>>): Finding {
  const unknown = unknownNames(env);
  return unknown.length === 0
    ? well('configuration', 'every name and value is understood')
    : doubtful(
        'configuration',
        `nobody knows ${unknown.join(', ')}`,
        'Most likely misspelt: README.md.',
      );
}

async function findingsOf(config: Config, drill: boolean): Promise<Finding[]> {
  const { HUB_DATA_DIR: dataDir } = config;
  const status = await ask<HubStatus>('/api/status', true).catch(() => undefined);
  const checkup =
    status && (await order<Checkup>('/api/doctor', {}, checkupMs).catch(asTrouble('the hub')));
  const now = status === undefined ? hubNow(config) : Date.parse(status.time.neighbourhood);
  const told = checkup !== undefined && 'calls' in checkup ? checkup : undefined;
  const findings: Finding[] = [
    schemeFinding(config),
    ...(checkup !== undefined && 'verdict' in checkup ? [checkup] : [runsFinding(status)]),
    ...versionFindings(told),
  ];
  const look = async (subject: string, see: () => Promise<Finding[]> | Finding[]) => {
    findings.push(
      ...(await Promise.resolve()
        .then(see)
        .catch((e: unknown) => [asTrouble(subject)(e)])),
    );
  };
  await look('books', () => booksFindings(config, now));
  await look('chain against ledger', async () => [await chainFinding(config)]);
  await look('integrations', () => outside(config, status, told));
  await look('clock', () => [clockFinding(config, status)]);
  await look('backup', () => backupFindings(config, drill));
  if (existsSync(dataDir))
    await look('machine', () => [
      diskFinding(dataDir),
      wearFinding(dataDir, told),
      memoryFinding(told),
      ...rightsFindings(config),
      leftoverFinding(dataDir),
      ...certificateFindings(config, hubNow(config)),
    ]);
  return findings;
}

async function outside(
  config: Config,
  status: HubStatus | undefined,
  checkup: Checkup | undefined,
): Promise<Finding[]> {
  const always = [advisorFinding(config), weatherFinding(config, status)];
  if (status === undefined || checkup === undefined)
    return Promise.all([mpesaFinding(config), ...always]);
  const through = [brokerFinding(status, checkup), callbackFinding()];
  return [...callFindings(checkup), ...(await Promise.all([...always, ...through]))];
}

const runsFinding = (status: HubStatus | undefined): Finding =>
  status === undefined
    ? doubtful('hub', 'does not run here', 'systemctl start jirani, or scripts/hub start')
    : well('hub', `${status.hub}, version ${status.version}, runs`);

const asTrouble =
  (subject: string) =>
  (error: unknown): Finding =>
    wrong(
      subject,
      error instanceof Error ? error.message : String(error),
      'Mend this, and ask again.',
    );

const marks: Readonly<Record<Verdict, string>> = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' };

/** What is wrong stands last, where a terminal shows it. */
export function reportLines({ findings, well: isAllWell }: Report): string[] {
  const order: readonly Verdict[] = ['ok', 'warn', 'fail'];
  const sorted = [...findings].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  const count = (verdict: Verdict) => findings.filter((one) => one.verdict === verdict).length;
  return [
    ...sorted.flatMap(({ subject, verdict, evidence, todo }) => [
      `${marks[verdict]} ${subject}: ${evidence}`,
      ...(todo === '' ? [] : [`     → ${todo}`]),
    ]),
    isAllWell
      ? `This hub is well: ${findings.length} findings.`
      : `${count('fail')} must be mended, ${count('warn')} want a look.`,
  ];
}
