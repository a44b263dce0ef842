/** Builds the C programs of the bench at their first use. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';

const cacheFolder = new URL('../node_modules/.cache/bench-programs/', import.meta.url);

/** The program's path. Throws, saying what is missing, when it cannot be built. */
export const loadGenerator = (): string =>
  built(
    'loadgen',
    ['loadgen.c', 'meter.c', 'reading.c', 'result.c', 'talk.c', 'loadgen.h'],
    ['-pthread'],
  );

/** A library for LD_PRELOAD. */
export const slowDiskLibrary = (): string =>
  built('slow-disk', ['slow-disk.c'], ['-shared', '-fPIC'], ['-ldl']);

function built(
  name: string,
  sources: readonly string[],
  options: readonly string[],
  libraries: readonly string[] = [],
): string {
  const paths = sources.map((source) => new URL(`${name}/${source}`, import.meta.url).pathname);
  const sum = createHash('sha256');
  for (const path of paths) sum.update(readFileSync(path));
  const program = new URL(`${name}-${sum.digest('hex').slice(0, 16)}`, cacheFolder).pathname;
  if (existsSync(program)) return program;
  mkdirSync(cacheFolder, { recursive: true });
  const half = `${program}.${process.pid}`;
  const compiled = paths.filter((path) => path.endsWith('.c'));
  const words = ['-O2', '-Wall', '-Wextra', ...options, '-o', half, ...compiled, ...libraries];
  const { error, status, stderr } = spawnSync('cc', words, { encoding: 'utf8' });
  if (error !== undefined)
    throw new Error('there is no C compiler here: apt-get install gcc libc6-dev');
  if (status !== 0) throw new Error(`${name} does not compile: ${stderr}`);
  renameSync(half, program);
  return program;
}
