/** Debian's Chromium, driven by the tests: no download, no account, and nobody outside this machine is asked. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];
const launchDeadlineMs = 60_000;

export type OpenBrowser = AsyncDisposable & {
  /** A fresh profile, as of another phone; what the page complains of is kept. */
  page(options?: BrowserContextOptions): Promise<Page & { readonly complaints: string[] }>;
};

export async function openBrowser(): Promise<OpenBrowser> {
  const executablePath = programs.find((program) => existsSync(program)) ?? 'chromium';
  const browser: Browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
    timeout: launchDeadlineMs,
  });
  return {
    page: async (options = {}) => {
      const context = await browser.newContext({
        viewport: { width: 390, height: 844 },
        ...options,
      });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error')
          complaints.push(`${message.text()} ${message.location().url}`);
      });
      page.on('request', (request) => {
        if (!request.url().startsWith('http://127.0.0.1:')) complaints.push(request.url());
      });
      return Object.assign(page, { complaints });
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

/** Signs the page's browser in with a cookie such as `aLivedDay().cookieOf(…)`. */
export async function signedIn(page: Page, url: string, cookie: string): Promise<void> {
  const [name = '', value = ''] = cookie.split('=');
  await page.context().addCookies([{ name, value, url }]);
}
