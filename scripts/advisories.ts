/** Lists dependencies with known advisories, in the versions that are locked; 1 when one of them is not contained. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Finding, judge, type Project } from './advisory-list.ts';

const top = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, top), 'utf8');

const lockedIn = (file: string): Project['locked'] => JSON.parse(read(file)).packages;

let known: readonly (readonly [string, string])[] | undefined;
/** Read once: there are hundreds. */
function sources(): readonly (readonly [string, string])[] {
  known ??= globSync('{gateway,flows,scripts,bench}/**/*.ts', {
    cwd: fileURLToPath(top),
    exclude: (path) => path.endsWith('node_modules'),
  }).map((file) => [file, read(file)]);
  return known;
}

/** This project, as it is locked and installed now. */
export function thisProject(): Project {
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(read('package.json'));
  const inFlows = Object.entries<Project['locked'][string]>(lockedIn('flows/package-lock.json'));
  return {
    locked: {
      ...lockedIn('package-lock.json'),
      ...Object.fromEntries(inFlows.map(([path, one]) => [`flows/${path}`, one])),
    },
    asked: { ...dependencies, ...optionalDependencies, ...devDependencies },
    exists: (path) => existsSync(new URL(path, top)),
    importers: (name) =>
      sources().flatMap(([file, text]) => (text.includes(`from '${name}`) ? [file] : [])),
  };
}

const inWords = ({ name, ids, about, found, contained, wrong }: Finding): string[] => [
  `${wrong.length > 0 ? 'NOT CONTAINED' : found.length === 0 ? 'not installed' : 'contained'}: ${name} ${[...new Set(found.map(({ version }) => version))].join(', ')}`,
  `  ${ids.join(', ')}: ${about}`,
  `  ${contained}`,
  ...wrong.map((line) => `  WRONG: ${line}`),
];

if (import.meta.main) {
  const findings = judge(thisProject());
  const isJson = process.argv.includes('--json');
  const text = isJson ? JSON.stringify(findings, null, 2) : findings.flatMap(inWords).join('\n');
  process.stdout.write(`${text}\n`);
  process.exitCode = findings.some(({ wrong }) => wrong.length > 0) ? 1 : 0;
}
