// uncounted: it starts whole programs, again and again
// needs: flows chromium
// timeout: 240s
/** The keeper at the editor; and a hub whose dashboard is not installed. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openBrowser } from '../../pages/a-browser.ts';
import {
  alive,
  besideNodeRed,
  editorPassword,
  flowsFolder,
  onAlert,
  tab,
  until,
} from './given-node-red.ts';

const drawing = suite('the keeper at the editor');
const ours = ['reading', 'surplus', 'advice', 'proposal', 'decision', 'trade', 'payment'];

/** Seconds of processor that a program has used; other programs of this machine do not count (proc(5)). */
function cpuSeconds(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

drawing('1: the shipped flows are up after less than 10 s of work', async () => {
  await using beside = await besideNodeRed([]);
  await until('the flows', () => beside.nodeRed.health().state === 'ok');
  assert.ok(cpuSeconds(beside.nodeRed.pid()) < 10);
  const flows = JSON.parse(readFileSync(join(beside.stateFolder, 'flows.json'), 'utf8'));
  const labels = flows.filter(({ type }: { type: string }) => type === 'tab').length;
  assert.ok(labels >= 4, `${labels} tabs`);
});

drawing('10: finds our nodes in the palette, with help, and what is deployed runs', async () => {
  await using beside = await besideNodeRed(tab(...onAlert('return null;')));
  await alive(beside);
  await using browser = await openBrowser();
  const page = await browser.page({ viewport: { width: 1300, height: 900 } });
  await page.goto(`${beside.url}/red/`);
  await page.locator('#node-dialog-login-username').fill('keeper');
  await page.locator('#node-dialog-login-password').fill(editorPassword);
  await page.locator('#node-dialog-login-submit').click();
  for (const name of ours)
    await page.locator(`[data-palette-type="jirani-${name}"]`).waitFor({ state: 'attached' });
  const help = (name: string) =>
    page.evaluate<string>(
      `document.querySelector('[data-help-name="jirani-${name}"]').textContent`,
    );
  for (const name of ours) assert.ok((await help(name)).trim().length > 40, name);
  // As a keeper who types another body into the function node, and deploys.
  await page.evaluate(`RED.nodes.node('fn').func = 'return { payload: "deployed", household: "x" };';
    RED.nodes.node('fn').changed = true; RED.nodes.dirty(true); RED.view.redraw(true);`);
  await page.locator('#red-ui-header-button-deploy').click();
  const file = join(beside.stateFolder, 'flows.json');
  await until('it is on disk', () => readFileSync(file, 'utf8').includes('deployed'));
  assert.equal(
    page.complaints.filter((words) => !/favicon|401/.test(words)),
    [],
  );
});

/** The package without its optional part; linked where the disk is the same, because it is large. */
function withoutDashboard(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'jirani-flows-'));
  cpSync(flowsFolder, path, {
    recursive: true,
    filter: (from) => !from.startsWith(join(flowsFolder, 'node_modules')),
  });
  const ways = [join(flowsFolder, 'node_modules'), join(path, 'node_modules')];
  const isOneDisk = statSync(flowsFolder).dev === statSync(path).dev;
  execFileSync('cp', [isOneDisk ? '-al' : '-a', ...ways]);
  rmSync(join(path, 'node_modules/@flowfuse'), { recursive: true });
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

drawing('11: without the dashboard the board waits, and flows and gates work', async () => {
  using plain = withoutDashboard();
  const shown = onAlert('return { payload: "heard", household: "x" };', ['card']);
  const card = { id: 'card', type: 'jirani-card', card: 'what' };
  await using beside = await besideNodeRed(tab(...shown, card), { flowsFolder: plain.path });
  await alive(beside);
  assert.match(beside.nodeRed.health().detail, 'Tabs wait for node types');
  const flows = readFileSync(join(beside.stateFolder, 'flows.json'), 'utf8');
  assert.not.match(flows, '"ui-template"');
  beside.announcer.announce('alerts/now', { v: 1 });
  await until('the card', () => beside.heard.some(({ text }) => text.includes('heard')));
  assert.is((await fetch(`${beside.url}/board/`)).status, 404);
});

drawing.run();
