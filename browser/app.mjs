// The app that the programs test with: pages of another origin, under a strict
// policy, and what they do with the script.

import { APP, GATEHOUSE, STRANGER, listen } from './harness.mjs';

export const origin = new URL(GATEHOUSE).origin;
const policy = (scripts) => `default-src 'none'; script-src ${scripts}; connect-src ${origin} ${STRANGER}; `
  + "base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'";

export const html = (scripts, body) => ({
  headers: { 'Content-Type': 'text/html', 'Content-Security-Policy': policy(scripts) },
  body: `<!doctype html><html lang="en"><title>App</title>${body}`,
});

export const form = (attributes, more = '') => `<form class="oauth" ${attributes}>${more}
  <input name="username" value="alice"><input name="password" type="password"><button>Sign in</button></form>`;
export const tag = (attributes = '') => `<script src="${GATEHOUSE}/oauth/client.js" ${attributes}></script>`;

/** Serves the app: a page for redirects to come back to, and more of them by path. */
export function serveApp(more) {
  const pages = { '/plain': html(origin, tag()), '/callback': html("'none'", '<h1>Back in the app</h1>'), ...more };
  return listen(APP, ({ url }) => pages[url.split('?')[0]]);
}

/** A new tab of the app with a Gatehouse, which counts its changes. */
export async function open(context, options = {}) {
  const page = await context.newPage();
  await page.goto(`${APP}/plain`);
  await page.evaluate((given) => {
    window.changes = [];
    window.gatehouse = new Gatehouse({ client: 'web', onchange: (session) => changes.push(session !== null), ...given });
  }, options);
  return page;
}

export async function signedIn(context, options) {
  const page = await open(context, options);
  await page.evaluate(() => gatehouse.signIn('alice', 'correct horse'));
  return page;
}

/** Calls a method of the tab's Gatehouse: its value, or of its error what tells it apart. */
export const attempt = (page, method, ...args) => page.evaluate(([name, given]) => gatehouse[name](...given).then(
  (value) => value, ({ code, status, retryAfter }) => ({ code, status, retryAfter: retryAfter > 0 })), [method, args]);

export const whoAmI = (page) => page.evaluate(async () => {
  const response = await gatehouse.fetch(`${gatehouse.base}/oauth/session`);
  return [response.status, (await response.json()).user_name];
});

export const session = (page) => page.evaluate(() => gatehouse.session);
export const isSignedIn = async (page) => await session(page) !== null;

/** Fills in the form and submits it; returns what the handler got, and of the form what changed. */
export async function submit(page, password) {
  await page.evaluate(() => { window.handed = []; window.oauthResponseHandler = (json) => handed.push(json); });
  await page.fill('[name=password]', password);
  const disabled = await page.evaluate(() => {
    document.querySelector('form').requestSubmit();
    return document.querySelector('button').disabled;
  });
  await page.waitForFunction(() => handed.length > 0 && !document.querySelector('button').disabled);
  const [json] = await page.evaluate(() => handed);
  return { json, disabled, password: await page.inputValue('[name=password]'), times: await page.evaluate(() => handed.length) };
}
