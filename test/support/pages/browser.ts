import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Starts the browser that is installed; a container has no sandbox to give. */
export const launchBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });

/** An open page, with its network requests and its errors. */
export type Opened = { page: Page; requests: string[]; complaints: string[] };

/** Opens a file of the folder. The file itself does not count as a request. */
export const openFile = async (
  browser: Browser,
  folder: string,
  name: string,
  options: BrowserContextOptions = {},
): Promise<Opened> => {
  const context = await browser.newContext({ ...options, acceptDownloads: true });
  const page = await context.newPage();
  const [file = '', hash = ''] = name.split(/(?=#)/);
  const url = pathToFileURL(join(folder, file)).href;
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('blob:')) requests.push(request.url());
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url + hash);
  return { page, requests, complaints };
};

/**
 * The problems that axe-core finds in a page, one line for each rule. Its script bypasses the page's content policy.
 */
export const axeProblems = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
  return violations.map(({ id, nodes }) => `${id}: ${nodes.length} such as ${nodes[0]?.html.slice(0, 200)}`);
};
