/**
 * Runs before each start of Node-RED: mends what a power cut left, brings the shipped flows, keeps apart what would
 * stop all others. Says in one line of JSON what it did.
 */
import { existsSync, globSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type FlowNode, readFlowFile, readJsonFile, writeWhole } from './flow-file.ts';
import { knownTypes } from './known-types.ts';
import { type GivenAccess, keepAccess } from './prepare-access.ts';
import { sortOut } from './set-aside.ts';
import { type Shipped, upgrade } from './upgrade.ts';

export type Prepared = {
  /** Where the flows came from, when the file itself was not fit: a file's name, or `shipped`. */
  readonly restoredFrom: string | undefined;
  readonly added: readonly string[];
  readonly updated: readonly string[];
  readonly offered: readonly string[];
  /** Types that are not installed; the tabs that use them wait. */
  readonly missing: readonly string[];
  /** Files that Node-RED could not have read; moved out of its way. */
  readonly movedAway: readonly string[];
};

/** Node-RED's own copy of the file before its last change, then ours of the last start that was good. */
const copies = ['.flows.json.backup', 'flows.kept.json'];

/** Throws when the folder cannot be written. */
export function prepare(
  stateFolder: string,
  flowsFolder: string,
  known: ReadonlySet<string> = knownTypes(flowsFolder),
): Prepared {
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  const inState = (name: string): string => join(stateFolder, name);
  const found = findFlows(inState);
  const waiting = readFlowFile(inState('flows.waiting.json')) ?? [];
  const before = (readJsonFile(inState('flows.shipped.json')) ?? {}) as Shipped;
  // When all copies are lost, what was shipped comes back whole.
  const base = found.flows === undefined ? {} : before;
  const today = shippedFlows(flowsFolder);
  const { flows, shipped, ...report } = upgrade(unite(found.flows ?? [], waiting), base, today);
  const { runnable, aside, missing } = sortOut(flows, known);
  writeIfNew(inState('flows.waiting.json'), aside);
  writeIfNew(inState('flows.json'), runnable);
  writeIfNew(inState('flows.kept.json'), runnable);
  writeIfNew(inState('flows.shipped.json'), shipped);
  const movedAway = moveAwayBroken(stateFolder);
  return { restoredFrom: found.from, ...report, missing, movedAway };
}

/** What this release brings. */
export function shippedFlows(flowsFolder: string): FlowNode[] {
  return globSync('shipped/*.json', { cwd: flowsFolder })
    .sort()
    .flatMap((name) => readFlowFile(join(flowsFolder, name)) ?? broken(name));
}

function broken(name: string): never {
  throw new Error(`${name} is damaged: install the hub again`);
}

type Found = { readonly flows: FlowNode[] | undefined; readonly from: string | undefined };

/** Node-RED itself would start with empty flows, silently, when the file was cut off. */
function findFlows(inState: (name: string) => string): Found {
  const own = readFlowFile(inState('flows.json'));
  if (own !== undefined) return { flows: own, from: undefined };
  const isFirst = !existsSync(inState('flows.json')) && !existsSync(inState('flows.shipped.json'));
  for (const name of copies) {
    const flows = readFlowFile(inState(name));
    if (flows !== undefined) return { flows, from: name };
  }
  return { flows: undefined, from: isFirst ? undefined : 'shipped' };
}

/** A tab that waited and was drawn anew meanwhile is the newer one. */
function unite(flows: readonly FlowNode[], waiting: readonly FlowNode[]): FlowNode[] {
  const ids = new Set(flows.map(({ id }) => id));
  return [...flows, ...waiting.filter(({ id }) => !ids.has(id))];
}

function writeIfNew(file: string, content: unknown): void {
  const text = `${JSON.stringify(content, null, 4)}\n`;
  const now = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const isSame =
    now !== undefined && JSON.stringify(readJsonFile(file)) === JSON.stringify(content);
  if (!isSame) writeWhole(file, text);
}

/** A broken context file would stop the whole start; broken credentials only lose themselves. */
function moveAwayBroken(stateFolder: string): string[] {
  const files = globSync(['flows_cred.json', '.config*.json', 'context/**/*.json'], {
    cwd: stateFolder,
  });
  return files.filter((name) => {
    const file = join(stateFolder, name);
    if (readJsonFile(file) !== undefined) return false;
    renameSync(file, `${file}.broken`);
    return true;
  });
}

/** The hub says it on standard input; a unit of its own gets it as a credential. */
function givenAccess(): GivenAccess {
  const credentials = process.env['CREDENTIALS_DIRECTORY'];
  const source = credentials === undefined ? 0 : join(credentials, 'flows-access');
  return JSON.parse(readFileSync(source, 'utf8')) as GivenAccess;
}

if (import.meta.main) {
  const stateFolder = process.env['FLOWS_STATE'];
  if (stateFolder === undefined) throw new Error('FLOWS_STATE must name a folder');
  const prepared = prepare(stateFolder, import.meta.dirname);
  keepAccess(stateFolder, givenAccess());
  process.stdout.write(`${JSON.stringify(prepared)}\n`);
}
