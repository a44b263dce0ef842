/** The flows file: reading it with distrust, writing it so that a power cut leaves the old one or the new one. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export type FlowNode = {
  readonly id: string;
  readonly type: string;
  /** The tab or subflow that it lies on; without it the node is one by itself. */
  readonly z?: string;
  readonly [field: string]: unknown;
};

/** Undefined when the file is absent, empty, cut off, or no list of nodes. */
export function readFlowFile(file: string): FlowNode[] | undefined {
  const read = readJsonFile(file);
  const isFlow = Array.isArray(read) && read.every(isNode);
  return isFlow ? (read as FlowNode[]) : undefined;
}

export function readJsonFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** On the disk when it returns. */
export function writeWhole(file: string, text: string): void {
  const draft = `${file}.new`;
  const handle = openSync(draft, 'w', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

const isNode = (entry: unknown): boolean =>
  typeof entry === 'object' &&
  entry !== null &&
  'id' in entry &&
  typeof entry.id === 'string' &&
  'type' in entry &&
  typeof entry.type === 'string';
