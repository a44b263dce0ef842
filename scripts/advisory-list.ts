/** Advisories about packages that the hub depends on, and what each of them asks of us. */

export type Locked = { readonly path: string; readonly version: string };

export type Advisory = {
  readonly name: string;
  /** As published. */
  readonly ids: readonly string[];
  readonly about: string;
  /** No locked version may be below. */
  readonly least?: string;
  readonly forbidden?: readonly string[];
  /** What keeps it from doing harm here, in a sentence. */
  readonly contained: string;
  /** Files that must not exist, from the top of the project: the part that is vulnerable. */
  readonly absent?: readonly string[];
  /** Only code below this folder may import it. */
  readonly importedUnder?: string;
  /** package.json must name one version and no range, and the lock file its checksum. */
  readonly exact?: boolean;
};

export const advisories: readonly Advisory[] = [
  {
    name: 'axios',
    ids: ['GHSA-wf5p-g6vw-rhxx'],
    about: 'cross-site request forgery and later faults in the 0.21.4 that localtunnel pins',
    least: '0.30.2',
    exact: true,
    contained:
      'package.json overrides localtunnel’s axios with the hub’s own, pinned exactly and checked by its checksum; ' +
      'localtunnel runs in a worker and is a trial mode only.',
  },
  {
    name: 'axios',
    ids: ['two releases of March 2026 were reported as taken over; which ones is not known'],
    about: 'a release that somebody else published',
    exact: true,
    contained:
      'one exact version, installed from the lock file by checksum, without install scripts.',
  },
  {
    name: 'localtunnel',
    ids: ['issues 653, 667 and 389 of localtunnel/localtunnel'],
    about: 'unkept; plain TCP between hub and tunnel server, and no authentication',
    exact: true,
    contained:
      'a callback is only a hint and M-Pesa is asked over TLS; a probe that only the hub can answer proves the address; ' +
      'a production hub uses a fixed address.',
  },
  {
    name: 'bigint-buffer',
    ids: ['CVE-2025-3194', 'GHSA-3gc7-fjrx-p6mg'],
    about: 'a buffer overflow in its native part; there is no fixed release',
    absent: ['node_modules/bigint-buffer/build/Release/bigint_buffer.node'],
    contained:
      'installed without install scripts, so that its native part is never built and plain JavaScript runs.',
  },
  {
    name: '@solana/web3.js',
    ids: ['releases 1.95.6 and 1.95.7 of December 2024'],
    about: 'releases that stole keys',
    forbidden: ['1.95.6', '1.95.7'],
    exact: true,
    contained: 'one exact version, from the lock file by checksum.',
  },
  {
    name: '@google/generative-ai',
    ids: ['its README: end of life on 2025-08-31'],
    about: 'no longer mended',
    exact: true,
    importedUnder: 'gateway/adapters/gemini/',
    contained:
      'one adapter knows it; what it brings is clamped and never decides, and the hub trades without it.',
  },
];

/** Below, equal or above, by numbers; what follows a hyphen counts as older. */
export function compareVersions(a: string, b: string): number {
  const numbers = (version: string) => (version.split('-')[0] ?? '').split('.').map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let at = 0; at < 3; at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return Number(b.includes('-')) - Number(a.includes('-'));
}

export type Project = {
  /** `packages` of package-lock.json. */
  readonly locked: Readonly<
    Record<string, { readonly version?: string; readonly integrity?: string }>
  >;
  /** All dependencies of package.json. */
  readonly asked: Readonly<Record<string, string>>;
  readonly exists: (path: string) => boolean;
  /** Source files of the project that import the package, from its top. */
  readonly importers: (name: string) => readonly string[];
};

export type Finding = Advisory & {
  readonly found: readonly Locked[];
  readonly wrong: readonly string[];
};

/** Looks at every advisory; `wrong` is empty where it is contained, or where the package is not there. */
export const judge = (project: Project): Finding[] =>
  advisories.map((advisory) => {
    const found = lockedAs(project, advisory.name);
    const checks = [wrongVersions, wrongFiles, wrongImports, wrongPins];
    const wrong =
      found.length === 0 ? [] : checks.flatMap((check) => check(advisory, project, found));
    return { ...advisory, found, wrong };
  });

const lockedAs = ({ locked }: Project, name: string): Locked[] =>
  Object.entries(locked)
    .filter(([path]) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`))
    .map(([path, { version = '0' }]) => ({ path, version }));

type Check = (advisory: Advisory, project: Project, found: readonly Locked[]) => string[];

const wrongVersions: Check = ({ name, least = '0', forbidden = [] }, _project, found) =>
  found.flatMap(({ path, version }) => {
    if (compareVersions(version, least) < 0) return [`${path} is ${version}, below ${least}`];
    return forbidden.includes(version)
      ? [`${path} is ${version} of ${name}, which is forbidden`]
      : [];
  });

const wrongFiles: Check = ({ absent = [] }, { exists }) =>
  absent.filter(exists).map((path) => `${path} exists`);

const wrongImports: Check = ({ name, importedUnder }, { importers }) =>
  importedUnder === undefined
    ? []
    : importers(name)
        .filter((file) => !file.startsWith(importedUnder))
        .map((file) => `${file} imports it`);

const wrongPins: Check = ({ name, exact = false }, { asked, locked }, found) => {
  if (!exact) return [];
  const range = asked[name];
  const loose = range !== undefined && !/^\d+\.\d+\.\d+$/.test(range);
  return [
    ...(loose ? [`package.json asks for ${range}, which is no single version`] : []),
    ...found
      .filter(({ path }) => locked[path]?.integrity === undefined)
      .map(({ path }) => `${path} has no checksum`),
  ];
};
