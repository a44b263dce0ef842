/** What a figure was taken on. */
import { cpus, release, totalmem, type } from 'node:os';

export const machineHere = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryMb: Math.round(totalmem() / 2 ** 20),
  system: `${type()} ${release()}`,
  node: process.version,
});
