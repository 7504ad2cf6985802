// What the programs share: the browser, servers of other origins, and how a
// check is reported.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual, inspect } from 'node:util';
import { chromium } from 'playwright-core';

export const { GATEHOUSE_URL: GATEHOUSE, APP_URL: APP, STRANGER_URL: STRANGER } = process.env;

/** The browser; of all hosts it finds only this machine. */
export const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  chromiumSandbox: process.getuid() !== 0,
  args: ['--disable-dev-shm-usage', '--host-resolver-rules=MAP localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
});

/** Prints one line for each check. */
export class Report {
  constructor(subject) { this.subject = subject; }

  equal(what, got, want) {
    if (isDeepStrictEqual(got, want)) console.log(`ok ${this.subject}: ${what}`);
    else this.fail(what, `got ${inspect(got)}, want ${inspect(want)}`);
  }

  fail(what, why) { console.log(`FAIL ${this.subject}: ${what}: ${why.replaceAll(/\s+/g, ' ')}`); }
}

/** Runs one scenario in a browser context of its own; an error is a failure. */
export async function scenario(name, run, options = {}) {
  const context = await browser.newContext(options);
  const report = new Report(name);
  try {
    await run(context, report);
  } catch (error) {
    report.fail('all of it', error.message);
  } finally {
    await context.close();
  }
}

/** Serves url's port: answer gets a request and returns {status, headers, body}, or nothing for 404. */
export async function listen(url, answer) {
  const server = createServer(async (request, response) => {
    request.text = await text(request);
    const { status = 200, headers = {}, body = '' } = answer(request) ?? { status: 404 };
    response.writeHead(status, headers).end(body);
  });
  await new Promise((done) => server.listen(new URL(url).port, '127.0.0.1', done));
  return server;
}

/** The stage of the server, and of others beside it; may be empty. */
export const stage = new URL(GATEHOUSE).pathname.slice(1);

/** Starts a server without a seed file and with the environment env; run gets the address that it tells people to open. */
export async function withServer(env, run) {
  const server = spawn(process.env.PROGRAM, ['serve', '--addr', '127.0.0.1:0', ...stage ? ['--stage', stage] : []],
    { env, stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    await run(await printed(server.stdout));
  } finally {
    server.kill();
    await once(server, 'exit');
  }
}

/** What follows "Open" in what the program prints. */
async function printed(stdout) {
  for await (const line of createInterface(stdout)) {
    const [, address] = line.match(/^Open (\S+)/) ?? [];
    if (address) return address;
  }
  throw new Error('the program names no page to open');
}

/** Collects the requests of context to the path of Gatehouse. */
export function requests(context, path) {
  const seen = [];
  context.on('request', (request) => { if (request.url() === GATEHOUSE + path && request.method() !== 'OPTIONS') seen.push(request); });
  return seen;
}

/** The looks that pages are examined in: options of a scenario by a name for files. */
export const looks = Object.fromEntries([['phone', 390, 844], ['desktop', 1280, 800]].flatMap(([screen, width, height]) =>
  ['light', 'dark'].map((colorScheme) => [`${screen}-${colorScheme}`, { viewport: { width, height }, colorScheme }])));

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Takes a picture of the page, and checks that it fits the screen and that everybody can use it. */
export async function examine(report, page, name, look) {
  await page.evaluate(() => scrollTo(0, 0)); // what is sticky stays where it begins
  await page.screenshot({ path: `${process.env.SHOTS}/${name}-${look}.png`, fullPage: true });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  report.equal(`${name}: accessible`, violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
  report.equal(`${name}: no wider than the screen`, await page.evaluate(() => document.documentElement.scrollWidth), page.viewportSize().width);
}
