// uncounted: it starts whole programs, again and again
// needs: flows
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { alive, besideNodeRed, editorPassword, onAlert, tab, until } from './given-node-red.ts';

const escaping = suite('a function that breaks out of its sandbox');

/** Reports short words, because a card takes 160 characters. Node-RED itself adds its own folder, NODE_RED_HOME. */
const report = (code: string): string => `
const p = Buffer.constructor('return process')();
const get = (m) => p.getBuiltinModule(m);
const tried = (act) => { try { return String(act()).slice(0, 120); } catch (e) { return e.code || e.name; } };
return { household: 'x', payload: tried(() => { ${code} }) };`;

const secret = 'MPESA_PASSKEY';

async function triesTo(code: string): Promise<string> {
  process.env[secret] = 'do not leak this';
  await using beside = await besideNodeRed(
    tab(...onAlert(report(code), ['card']), {
      ...{ id: 'card', type: 'jirani-card', card: 'found' },
    }),
  );
  delete process.env[secret];
  await alive(beside);
  beside.announcer.announce('alerts/now', { v: 1 });
  const found = () => beside.heard.find(({ topic }) => topic === 'households/x/card/found');
  await until('the report', () => found() !== undefined);
  return (JSON.parse(found()?.text ?? '{}') as { value: string }).value;
}

escaping('finds no secret in its environment', async () => {
  // Node itself hands NODE_V8_COVERAGE on while coverage is measured.
  const names = await triesTo(
    'return Object.keys(p.env).filter((n) => n !== "NODE_RED_HOME" && n !== "NODE_V8_COVERAGE").sort().join();',
  );
  assert.is(names, 'FLOWS_PORT,FLOWS_STATE,HOME,MALLOC_ARENA_MAX,NODE_ENV,PATH,TZ');
});

const denied = 'ERR_ACCESS_DENIED';

escaping('cannot read the hub’s folder', async () => {
  assert.is(
    await triesTo('return get("fs").readFileSync(p.env.FLOWS_STATE + "/../operator-token");'),
    denied,
  );
});

escaping('cannot read the hub’s environment or memory', async () => {
  assert.is(
    await triesTo('return get("fs").readFileSync("/proc/" + p.ppid + "/environ");'),
    denied,
  );
  assert.is(await triesTo('return get("fs").openSync("/proc/" + p.ppid + "/mem", "r");'), denied);
});

escaping('cannot start a program or a thread, nor load a native part', async () => {
  assert.is(await triesTo('return get("child_process").execSync("id");'), denied);
  assert.is(
    await triesTo('return new (get("worker_threads").Worker)("1", { eval: true });'),
    denied,
  );
  assert.is(await triesTo('return p.dlopen({ exports: {} }, "/x.node");'), 'ERR_DLOPEN_DISABLED');
});

escaping.run();

const entering = suite('entering the editor');

entering('nobody reads or changes flows without the keeper’s password', async () => {
  await using beside = await besideNodeRed(tab());
  await alive(beside);
  const status = async (path: string, init?: RequestInit) =>
    (await fetch(`${beside.url}${path}`, init)).status;
  for (const path of ['/red/flows', '/red/settings', '/red/nodes', '/red/context/global'])
    assert.is(await status(path), 401, path);
  assert.is(await status('/red/flows', { method: 'POST', body: '[]' }), 401);
  const signIn = (password: string) =>
    fetch(`${beside.url}/red/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ client_id: 'node-red-editor', grant_type: 'password', scope: '*' },
        ...{ username: 'keeper', password },
      }),
    });
  assert.is((await signIn('guess')).status, 403);
  const { access_token: token } = (await (await signIn(editorPassword)).json()) as {
    access_token: string;
  };
  const asKeeper = { headers: { authorization: `Bearer ${token}`, accept: 'application/json' } };
  assert.is(await status('/red/flows', asKeeper), 200);
  const install = { ...asKeeper, method: 'POST', body: '{"module":"node-red-node-random"}' };
  const answer = await fetch(`${beside.url}/red/nodes`, {
    ...install,
    headers: { ...asKeeper.headers, 'content-type': 'application/json' },
  });
  assert.ok(answer.status >= 400, `palette: ${answer.status}`);
  const page = await fetch(`${beside.url}/red/`);
  assert.is(page.headers.get('x-frame-options'), 'DENY');
  await everyTypeHasItsWords(beside.url, token);
});

/** A type without an editor registration runs, and is drawn as "unknown". */
async function everyTypeHasItsWords(url: string, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const json = { headers: { ...headers, accept: 'application/json' } };
  const sets = (await (await fetch(`${url}/red/nodes`, json)).json()) as {
    id: string;
    module: string;
    types: string[];
    err?: unknown;
  }[];
  const ours = sets.filter(({ module }) => module === 'node-red-jirani');
  assert.equal(
    ours.filter(({ err }) => err !== undefined),
    [],
  );
  assert.is(ours.flatMap(({ types }) => types).length, 14);
  const html = await (
    await fetch(`${url}/red/nodes`, { headers: { ...headers, accept: 'text/html' } })
  ).text();
  for (const type of ours.flatMap(({ types }) => types)) {
    assert.match(html, `data-template-name="${type}"`);
    assert.match(html, `data-help-name="${type}"`);
  }
}

entering.run();
