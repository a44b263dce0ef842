/**
 * How Node-RED runs beside a hub. It starts with a clean environment: where its folder is, and on which port it
 * listens. Everything else stands in files that `prepare.ts` has written before.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { excludedFiles } from './known-types.ts';
import type { HubAccess } from './nodes/lib/node-red.ts';
import type { KeptAccess } from './prepare-access.ts';

type Handler = (
  request: unknown,
  response: { setHeader(name: string, value: string): void },
  next: () => void,
) => void;

const dayS = 86_400;
const folder = process.env['FLOWS_STATE'] ?? join(import.meta.dirname, 'state');
const access = readAccess(join(folder, 'access.json'));

function readAccess(file: string): KeptAccess | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as KeptAccess) : undefined;
}

/** Who frames the editor could make a keeper press its buttons; Node-RED itself sets no such header. */
const neverFramed: Handler = (_request, response, next) => {
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Content-Security-Policy', "frame-ancestors 'none'");
  next();
};

/** Without it the board's first load is 5.6 MB; missing only where the package is not installed. */
function compressing(): Handler[] {
  const require = createRequire(import.meta.url);
  return [(require('compression') as () => Handler)()];
}

const settings = {
  uiHost: '127.0.0.1',
  uiPort: Number(process.env['FLOWS_PORT'] ?? 1880),
  userDir: folder,
  flowFile: 'flows.json',
  flowFilePretty: true,
  // Changed only together with the credentials: they could not be read any more.
  credentialSecret: access?.credentialSecret ?? false,
  httpAdminRoot: '/red',
  httpNodeRoot: '/',
  httpAdminMiddleware: neverFramed,
  nodesDir: [join(import.meta.dirname, 'nodes')],
  nodesExcludes: [...excludedFiles],
  functionExternalModules: false,
  functionGlobalContext: {},
  /** Seconds; reaches only what runs before the first await, so the hub's watchdog stands behind it. */
  globalFunctionTimeout: 2,
  externalModules: {
    autoInstall: false,
    palette: { allowInstall: false, allowUpdate: false, allowUpload: false },
    modules: { allowInstall: false },
  },
  telemetry: { enabled: false },
  diagnostics: { enabled: false, ui: false },
  runtimeState: { enabled: false, ui: false },
  tlsConfigDisableLocalFiles: true,
  mqttReconnectTime: 2_000,
  nodeMessageBufferMaxLength: 1_000,
  contextStorage: { default: { module: 'memory' } },
  editorTheme: {
    page: { title: 'Jirani flows' },
    header: { title: 'Jirani flows' },
    tours: false,
    projects: { enabled: false },
  },
  logging: { console: { level: 'warn', metrics: false, audit: false } },
  dashboard: { middleware: compressing() },
  // Nobody enters while the hub has written no password.
  adminAuth: {
    type: 'credentials',
    sessionExpiryTime: dayS,
    users:
      access === undefined
        ? []
        : [{ username: 'keeper', password: access.editorPasswordHash, permissions: '*' }],
  },
  jirani: access?.hub satisfies HubAccess | undefined,
};

// red.js asks with require() and then writes `settingsFile` into what it got: this name makes it a plain object.
export { settings as 'module.exports' };
