/** Which node types this installation knows, found in the files and without starting Node-RED. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What could reach beyond the broker: left out, and no shipped flow uses it. */
export const excludedFiles = [
  '90-exec.js',
  '10-file.js',
  '23-watch.js',
  '31-tcpin.js',
  '32-udp.js',
] as const;

/** What Node-RED itself puts into a flows file. */
const structural = ['tab', 'subflow', 'group', 'junction', 'global-config', 'unknown'];

const places = [
  'node_modules/@node-red/nodes/core/*/*.html',
  'node_modules/@flowfuse/node-red-dashboard/nodes/**/*.html',
  'nodes/nodes/*.html',
];

/** `folder` is that of this file: flows/. */
export function knownTypes(folder: string): ReadonlySet<string> {
  const types = new Set(structural);
  for (const place of places)
    for (const file of globSync(place, { cwd: folder })) {
      if (isExcluded(file)) continue;
      for (const type of registeredIn(join(folder, file))) types.add(type);
    }
  return types;
}

export const hasDashboard = (folder: string): boolean =>
  existsSync(join(folder, 'node_modules/@flowfuse/node-red-dashboard/package.json'));

const isExcluded = (file: string): boolean =>
  excludedFiles.some((name) => name.replace(/\.js$/, '.html') === basename(file));

/** Every type of a node has a template for its settings. */
function registeredIn(file: string): string[] {
  const found = readFileSync(file, 'utf8').matchAll(/data-template-name=["']([\w -]+)["']/g);
  return [...found].map(([, type = '']) => type);
}
