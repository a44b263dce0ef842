/** What the doctor sees of the machine: disk, card, memory, files and their rights, certificates. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { arch, release } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Config } from '../config.ts';
import {
  doubtful,
  type Finding,
  judgeCertificate,
  judgeDisk,
  judgeMemory,
  judgeMode,
  judgeWear,
  well,
  wrong,
} from '../core/doctor.ts';
import { writtenBy } from '../open-desk-doctor.ts';
import type { Checkup } from '../ports/doctor-desk.ts';
import { version } from '../version.ts';
import { keyNames } from './backup-parts.ts';

const nodeLeast = 24;

export function versionFindings(checkup: Checkup | undefined): Finding[] {
  const evidence = `hub ${version}, Node ${process.versions.node}, ${arch()}, kernel ${release()}`;
  const major = Number(process.versions.node.split('.')[0]);
  if (major < nodeLeast)
    return [wrong('versions', evidence, 'Use scripts/hub: it brings its own Node.')];
  if (checkup !== undefined && checkup.version !== version)
    return [
      doubtful(
        'versions',
        `${evidence}; ${checkup.version} is running`,
        'Restart the hub: systemctl restart jirani',
      ),
    ];
  return [well('versions', evidence)];
}

export function diskFinding(dataDir: string): Finding {
  const { bavail, blocks, bsize } = statfsSync(dataDir);
  return judgeDisk(bavail * bsize, blocks * bsize);
}

/** The kernel counts in sectors of 512 bytes, whatever the device has (kernel.org, block/stat). */
const sectorBytes = 512;

/** What was written to the device under the folder since the machine started; undefined where nobody counts. */
function deviceBytes(folder: string): number | undefined {
  const { dev } = statSync(folder);
  // makedev(3): how the two numbers lie in one.
  const [major, minor] = [(dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00)];
  try {
    const stat = readFileSync(`/sys/dev/block/${major}:${minor}/stat`, 'utf8').trim().split(/\s+/);
    return Number(stat[6]) * sectorBytes;
  } catch {
    return undefined;
  }
}

export function wearFinding(dataDir: string, checkup: Checkup | undefined): Finding {
  const machineUpMs = Number(readProc('/proc/uptime').split(' ')[0] ?? 0) * 1_000;
  const written = checkup?.writtenBytes ?? (checkup && writtenBy(checkup.pid));
  const causes =
    checkup === undefined || typeof written !== 'number'
      ? []
      : [{ name: 'the hub', bytes: written, upMs: checkup.upMs }];
  return judgeWear({ deviceBytes: deviceBytes(dataDir), machineUpMs, causes });
}

export function memoryFinding(checkup: Checkup | undefined): Finding {
  const kilobytes = /^MemAvailable: +(\d+) kB$/m.exec(readProc('/proc/meminfo'))?.[1];
  return kilobytes === undefined
    ? well('memory', 'this system does not tell')
    : judgeMemory(Number(kilobytes) * 1024, checkup?.memoryBytes);
}

function readProc(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** One line when all are right, else one for each that is not. */
export function rightsFindings(config: Config): Finding[] {
  const { HUB_DATA_DIR: dataDir } = config;
  const files = [
    ...[dataDir, join(dataDir, 'keys'), '.env'],
    ...keyNames.map((name) => join(dataDir, name)),
    ...[config.BACKUP_PASSPHRASE_PATH ?? '', config.SOLANA_PASSPHRASE_PATH ?? ''],
    ...[config.MQTTS_KEY_PATH ?? ''],
  ].filter((file) => file !== '' && existsSync(file));
  const open = files
    .map((file) => judgeMode(file, statSync(file).mode))
    .filter(({ verdict }) => verdict !== 'ok');
  return open.length > 0
    ? open
    : [well('rights of keys', `${files.length} files and folders are their owner's alone`)];
}

/** A bare public key does not run out. */
export function certificateFindings(config: Config, now: number): Finding[] {
  const given = [
    ['certificate of M-Pesa', config.MPESA_CERTIFICATE_PATH],
    ['certificate of MQTTS', config.MQTTS_CERTIFICATE_PATH],
    ['certificate of the broker', config.MQTT_BROKER_CA_PATH],
  ] as const;
  return given.flatMap(([subject, file]) => {
    if (file === undefined) return [];
    const text = readFileSync(file);
    if (text.includes('BEGIN PUBLIC KEY')) return [well(subject, 'a key, which does not run out')];
    try {
      return [judgeCertificate(subject, Date.parse(new X509Certificate(text).validTo), now)];
    } catch {
      return [
        wrong(subject, `${basename(file)} is no certificate`, 'Get it again from who issued it.'),
      ];
    }
  });
}

/** Leftovers of restores and of copies that a power cut ended. */
export function leftoverFinding(dataDir: string): Finding {
  const names = readdirSync(dataDir).filter((name) => /^(replaced|backup-work)-/.test(name));
  return names.length === 0
    ? well('leftovers', 'none')
    : doubtful(
        'leftovers',
        names.join(', '),
        `When the restored hub is as it should be: rm -r ${dirname(join(dataDir, 'x'))}/replaced-*`,
      );
}
