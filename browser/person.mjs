// A person in front of the pages, and the apps that send them there.

import { createHash, createHmac, randomBytes } from 'node:crypto';
import OAuth from 'oauth-1.0a';
import { attempt, open } from './app.mjs';
import { APP, GATEHOUSE, browser } from './harness.mjs';

export const [alice, bob] = [['alice', 'correct horse'], ['bob', 'battery staple']];

/** Begins the code flow in the app's tab. */
export async function begin(page) {
  await page.evaluate(() => { gatehouse.redirect(); });
  await page.waitForURL(`${GATEHOUSE}/oauth/authorize?**`);
}

export async function begun(context) {
  const page = await open(context);
  await begin(page);
  return page;
}

export async function signIn(page, [name, password]) {
  await page.fill('[name=username]', name);
  await page.fill('[name=password]', password);
  await press(page, 'sign-in');
}

export const press = (page, action) => page.click(`button[value=${action}]`);
export const heading = (page) => page.textContent('h1');
export const focused = (page) => page.evaluate(() => document.activeElement.name || document.activeElement.tagName);
export const notice = (page) => page.textContent('[role=alert]');

/** Back in the app: its Gatehouse finishes. */
export async function finish(page) {
  await page.waitForURL(`${APP}/plain?**`);
  await page.evaluate(() => { window.gatehouse = new Gatehouse({ client: 'web' }); });
  return attempt(page, 'completed');
}

export const state = (page) => page.inputValue('input[name=state]');
export const forge = (page, value) => page.evaluate((given) => { document.querySelector('input[name=state]').value = given; }, value);

/** The state of a form as an attacker gets it in a browser of their own. */
export async function stateOfAnother(user) {
  const context = await browser.newContext();
  const page = await begun(context);
  if (user) await signIn(page, user);
  const found = await state(page);
  await context.close();
  return found;
}

/** An authorization request of the client web, without the script. */
export function codeRequest(more = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({ response_type: 'code', client_id: 'web', redirect_uri: `${APP}/callback`, state: 'mine',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256', ...more });
  return { url: `${GATEHOUSE}/oauth/authorize?${query}`, verifier };
}

const notes = new OAuth({ consumer: { key: 'notes', secret: 'notes-secret' }, signature_method: 'HMAC-SHA1',
  hash_function: (base, key) => createHmac('sha1', key).update(base).digest('base64') });

/** Sends a signed request; data are further oauth_ parameters. */
function signed(method, path, data, token) {
  const url = GATEHOUSE + path;
  return fetch(url, { method, headers: { ...notes.toHeader(notes.authorize({ method, url, data }, token)) } });
}

const credentials = async (response) => Object.fromEntries(new URLSearchParams(await (await response).text()));
const pair = ({ oauth_token: key, oauth_token_secret: secret }) => ({ key, secret });

/** Temporary credentials, and the page that asks the user about them. */
export async function threeLegged(context, callback) {
  const temporary = await credentials(signed('POST', '/oauth/request_token', { oauth_callback: callback }));
  const page = await context.newPage();
  await page.goto(`${GATEHOUSE}/oauth/authorize?oauth_token=${encodeURIComponent(temporary.oauth_token)}`);
  return { page, temporary };
}

export async function callWith(temporary, verifier) {
  const token = await credentials(signed('POST', '/oauth/access_token', { oauth_verifier: verifier }, pair(temporary)));
  const who = await signed('GET', '/oauth/session', {}, pair(token));
  const { user_name, protocol } = await who.json();
  return [who.status, user_name, protocol];
}
