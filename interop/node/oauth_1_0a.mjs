// oauth-1.0a, which only signs: token credentials by xAuth, signed calls,
// revocation, and refusals. As `sign METHOD` it signs requests for the sweep
// instead.

import { createHmac } from 'node:crypto';
import { createInterface } from 'node:readline';
import OAuth from 'oauth-1.0a';
import { Report, URL_, alice, caller, current, hard, secrets } from './common.mjs';

const name = 'oauth-1.0a';
const hashes = { 'HMAC-SHA1': 'sha1', 'HMAC-SHA256': 'sha256' };

// Escapes of either case, unicode, a key twice and out of order, empty values.
// This library decodes neither names nor "+", so those are left out.
const hardQuery = 'limit=100&note=a%20b%2Bc&snow=%E2%98%83&tag=2&tag=10&empty=&none'
  + "&tilde=~&star=*!'()&percent=%2525&eq=a%3Db";
const hardPath = "/oauth/sessions/a%20b%2Bc+~*!'()%E9%9B%AA";

/** The signer of a client; its options are the library's own. */
function signer(client, method, { secret = secrets[client], ...options } = {}) {
  return new OAuth({
    consumer: { key: client, secret },
    signature_method: method,
    hash_function: (base, key) => createHmac(hashes[method], key).update(base).digest('base64'),
    ...options,
  });
}

/** The request as it is sent: form is an object or nothing. */
function prepare(oauth, method, url, token, form) {
  const { Authorization: authorization } = oauth.toHeader(oauth.authorize({ method, url, data: { ...form } }, token));
  return { method, url, authorization, body: form ? new URLSearchParams(form).toString() : '' };
}

async function send({ method, url, authorization, body }) {
  const headers = { authorization };
  if (body) headers['content-type'] = 'application/x-www-form-urlencoded';
  return fetch(url, { method, headers, body: body || undefined });
}

const xauthForm = (user) => ({ x_auth_mode: 'client_auth', x_auth_username: user.name, x_auth_password: user.password });

async function xauth(oauth, user) {
  const response = await send(prepare(oauth, 'POST', `${URL_}/oauth/access_token`, undefined, xauthForm(user)));
  return { status: response.status, form: Object.fromEntries(new URLSearchParams(await response.text())) };
}

/** Sends signed requests with the token of a sign-in. */
async function signIn(report, oauth, user) {
  const { status, form } = await xauth(oauth, user);
  report.equal('xAuth', [status, form.screen_name, form.x_auth_expires], [200, user.name, '0']);
  const token = { key: form.oauth_token, secret: form.oauth_token_secret };
  return (method, path) => send(prepare(oauth, method, URL_ + path, token));
}

async function flow(report, client, method, user, options) {
  const oauth = signer(client, method, options);
  let call = await signIn(report, oauth, user);
  const who = await calls(report, call, client, user);
  report.equal('POST /oauth/revoke', (await call('POST', '/oauth/revoke')).status, 200);
  report.equal('call after revocation', (await call('GET', '/oauth/session')).status, 401);

  call = await signIn(report, oauth, user);
  const other = (await (await call('GET', '/oauth/session')).json()).session;
  report.differ('a second sign-in is another session', other, who);
  report.equal('DELETE /oauth/sessions/{id}', (await call('DELETE', `/oauth/sessions/${other}`)).status, 204);
  report.equal('call after signing out', (await call('GET', '/oauth/session')).status, 401);
}

async function calls(report, call, client, user) {
  const who = await (await call('GET', '/oauth/session')).json();
  report.equal('GET /oauth/session', caller(who), { client, user_name: user.name, scope: 'read write', protocol: 'oauth1' });
  const list = await (await call('GET', `/oauth/sessions?${hardQuery}`)).json();
  report.equal('GET with hard characters in the query', current(list), who.session);
  // The signature holds, and there is no such session.
  report.equal('DELETE with hard characters in the path', (await call('DELETE', hardPath)).status, 404);
  return who.session;
}

async function refusals(report) {
  const outcome = ({ status, form }) => [status, form.oauth_problem];
  const mobile = signer('mobile', 'HMAC-SHA1');
  const wrong = await xauth(mobile, { name: `guessed by ${name}`, password: 'wrong' });
  report.equal('wrong password', outcome(wrong), [401, 'permission_denied']);
  report.equal('unknown user, in the same words', await xauth(mobile, { name: `nobody of ${name}`, password: 'wrong' }), wrong);
  const thief = signer('mobile', 'HMAC-SHA1', { secret: 'wrong' });
  report.equal('wrong client secret', outcome(await xauth(thief, alice)), [401, 'signature_invalid']);
  report.equal('client that may not use xAuth', outcome(await xauth(signer('limited', 'HMAC-SHA1'), alice)), [401, 'permission_denied']);
  const stranger = signer('stranger', 'HMAC-SHA1', { secret: 'wrong' });
  report.equal('unknown client', outcome(await xauth(stranger, alice)), [401, 'consumer_key_unknown']);
  const forged = prepare(mobile, 'GET', `${URL_}/oauth/session`, { key: 'junk', secret: 'junk' });
  report.equal('token that was not issued here', (await send(forged)).status, 401);
}

async function signAll(method) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { client, method: verb, url, token, secret, form } = JSON.parse(line);
    const credentials = token ? { key: token, secret } : undefined;
    console.log(JSON.stringify(prepare(signer(client, method), verb, url, credentials, form && Object.fromEntries(form))));
  }
}

if (process.argv[2] === 'sign') {
  await signAll(process.argv[3]);
} else {
  await flow(new Report(`${name}: HMAC-SHA1`), 'mobile', 'HMAC-SHA1', alice);
  await flow(new Report(`${name}: HMAC-SHA256, hard characters`), 'hard & fast/1', 'HMAC-SHA256', hard);
  await flow(new Report(`${name}: realm and nonces of 1000 characters`), 'mobile', 'HMAC-SHA1', hard,
    { realm: 'Any realm', nonce_length: 1000 });
  await refusals(new Report(`${name}: refused`));
}
