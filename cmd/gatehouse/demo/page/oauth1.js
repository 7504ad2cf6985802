// OAuth 1.0. The program signs, since a page cannot keep the client's secret;
// the page sends what was signed.
import { complain, describe, find, make, onClick, onSubmit, say, short } from './dom.js';
import { logLeaving } from './log.js';
import { order } from './program.js';

const message = 'oauth1-message';
const kept = { token: 'demo.token', temporary: 'demo.temporary' }; // in this tab's storage

let changed; // called when a session began or ended
let last; // the signed request that was sent last

/** startOAuth1 binds the buttons, completes a sign-in by three legs, and shows the state. */
export async function startOAuth1(onChange) {
  changed = onChange;
  bind();
  try {
    await complete(new URLSearchParams(location.search));
  } catch (failure) {
    complain(message, failure);
  }
  showState();
}

function bind() {
  onSubmit('oauth1-password', message, byPassword);
  onClick('oauth1-redirect', message, redirect);
  onClick('oauth1-call', message, sendSigned);
  onClick('oauth1-again', message, () => sendAgain());
  onClick('oauth1-exchange', message, exchange);
  onClick('oauth1-signout', message, signOut);
}

const read = (name) => JSON.parse(sessionStorage.getItem(name));

function write(name, value) {
  if (value) sessionStorage.setItem(name, JSON.stringify(value));
  else sessionStorage.removeItem(name);
}

function showState() {
  const token = read(kept.token);
  find('oauth1-out').hidden = token !== null;
  find('oauth1-in').hidden = token === null;
  find('oauth1-again').disabled = true;
  find('call').hidden = true;
  if (token) describe(find('oauth1-token'), [['User', token.user], ['Token', short(token.token)], ['Token secret', short(token.secret)]]);
}

/** signingToken is how to sign now: with the token, if there is one. */
export const signingToken = (credentials = read(kept.token)) => (
  { signature_method: find('method').value, token: credentials?.token, secret: credentials?.secret });

const sign = (method, path, form, credentials) => order('sign', { method, path, form, ...signingToken(credentials ?? null) });

function sendAs(signed) {
  const headers = { Authorization: signed.authorization };
  if (signed.body) headers['Content-Type'] = 'application/x-www-form-urlencoded';
  return fetch(signed.url, { method: signed.method, headers, body: signed.body, credentials: 'omit', cache: 'no-store' });
}

/** ask signs and sends; it returns the answer's text, and a refusal is an error. */
async function ask(...request) {
  const response = await sendAs(await sign(...request));
  const text = await response.text();
  if (!response.ok) throw new Error(reason(text));
  return text;
}

/** reason is what an answer says of a refusal, as a form or as JSON. */
function reason(text) {
  try {
    return JSON.parse(text).error_description;
  } catch {
    const form = new URLSearchParams(text);
    return form.get('oauth_problem_advice') ?? form.get('oauth_problem') ?? '';
  }
}

/** credentials reads temporary or token credentials (RFC 5849 §2.1, §2.3). */
async function credentials(...request) {
  const form = new URLSearchParams(await ask(...request));
  return { token: form.get('oauth_token'), secret: form.get('oauth_token_secret'), user: form.get('screen_name') ?? undefined };
}

async function byPassword(username, password) {
  signedIn(await credentials('POST', '/oauth/access_token',
    [['x_auth_mode', 'client_auth'], ['x_auth_username', username], ['x_auth_password', password]]));
}

/** redirect is the first of three legs, and leaves for the second (RFC 5849 §2.1, §2.2). */
async function redirect() {
  const temporary = await credentials('POST', '/oauth/request_token', [['oauth_callback', location.origin + location.pathname]]);
  write(kept.temporary, temporary);
  const url = `${document.body.dataset.api}/oauth/authorize?oauth_token=${encodeURIComponent(temporary.token)}`;
  logLeaving(url, 'to sign in and allow');
  location.assign(url);
}

/** complete is the third leg (RFC 5849 §2.3), when the address says that the user came back. */
async function complete(answer) {
  if (!answer.has('oauth_token')) return;
  history.replaceState(null, '', location.pathname);
  const temporary = read(kept.temporary);
  write(kept.temporary, null);
  if (temporary?.token !== answer.get('oauth_token')) throw new Error('this tab did not begin the sign-in that ends here');
  if (answer.has('oauth_problem')) throw new Error('you did not allow it, so there is no token');
  signedIn(await credentials('POST', '/oauth/access_token', [['oauth_verifier', answer.get('oauth_verifier')]], temporary));
}

function signedIn(token) {
  write(kept.token, token);
  say(message, 'You are signed in. Now send a signed request.');
  showState();
  changed();
}

async function sendSigned() {
  last = await sign('GET', '/oauth/session', undefined, read(kept.token));
  drawBaseString(last.base_string);
  find('authorization').textContent = last.authorization.replace(/^OAuth /, 'OAuth\n').replaceAll(', ', ',\n');
  find('answers').replaceChildren();
  find('call').hidden = false;
  await answer('Accepted: the signature holds.', 'Refused. Has the session ended?');
  find('oauth1-again').disabled = false;
}

function sendAgain() {
  return answer('Accepted, which should not be.',
    'Refused, as it should be: the nonce was used. Who overhears a request cannot repeat it.');
}

/** answer sends the last request and shows what came back, with words for either case. */
async function answer(accepted, refused) {
  const response = await sendAs(last);
  const text = await response.text();
  find('answers').append(make('p', response.ok ? 'answer' : 'answer bad', make('b', '', String(response.status)), ' ', response.ok ? accepted : refused),
    make('pre', '', JSON.stringify(JSON.parse(text), null, 2)));
}

/** drawBaseString shows the three parts of RFC 5849 §3.4.1.1. */
function drawBaseString(text) {
  const [method, uri, parameters] = text.split('&');
  find('base').replaceChildren(make('span', 'part1', method), '&', make('span', 'part2', uri), '&', make('span', 'part3', parameters));
}

/** exchange gets an OAuth 2 session for the same user (RFC 8693). */
async function exchange() {
  await ask('POST', '/oauth/token', [['grant_type', 'urn:ietf:params:oauth:grant-type:token-exchange']], read(kept.token));
  say(message, 'There is now an OAuth 2 session too, and nobody had to sign in for it. See Traffic.');
  changed();
}

/** signOut forgets the token even when the server has ended it before. */
async function signOut() {
  const token = read(kept.token);
  write(kept.token, null);
  showState();
  const { ok } = await sendAs(await sign('POST', '/oauth/revoke', undefined, token));
  say(message, ok ? 'You are signed out.' : 'You are signed out. The session had ended before.');
  changed();
}
