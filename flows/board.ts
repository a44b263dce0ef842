/** Puts the board's page, `board.vue`, into its shipped flow: `node flows/board.ts`. The flow itself is drawn there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FlowNode, readFlowFile, writeWhole } from './flow-file.ts';

/** Undefined when there is no shipped board. */
export function boardWithPage(folder: string): FlowNode[] | undefined {
  const format = readFileSync(join(folder, 'board.vue'), 'utf8');
  return readFlowFile(join(folder, 'shipped/90-board.json'))?.map((node) =>
    node.type === 'ui-template' ? { ...node, format } : node,
  );
}

if (import.meta.main) {
  const flow = boardWithPage(import.meta.dirname);
  const file = join(import.meta.dirname, 'shipped/90-board.json');
  writeWhole(file, `${JSON.stringify(flow, null, 2)}\n`);
}
