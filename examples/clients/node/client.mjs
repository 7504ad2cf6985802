// A program that signs a user in by password, calls the API, refreshes and signs out.
// It needs `npm install openid-client`.

import * as openid from 'openid-client';

const { GATEHOUSE_URL, GATEHOUSE_CLIENT, GATEHOUSE_SECRET, GATEHOUSE_USER, GATEHOUSE_PASSWORD } = process.env;

// All endpoints come from the metadata. Its whole address is given, since a library
// that looks for it by itself would do so at the root of the host (RFC 8414 §3.1), and
// not below the stage.
const config = await openid.discovery(new URL(`${GATEHOUSE_URL}/.well-known/oauth-authorization-server`),
  GATEHOUSE_CLIENT, undefined, openid.ClientSecretBasic(GATEHOUSE_SECRET), {
    algorithm: 'oauth2',
    execute: GATEHOUSE_URL.startsWith('http://127.0.0.1') ? [openid.allowInsecureRequests] : [],
  });

let tokens;
try {
  tokens = await openid.genericGrantRequest(config, 'password', { username: GATEHOUSE_USER, password: GATEHOUSE_PASSWORD });
} catch (error) {
  if (error.error !== 'invalid_grant') throw error; // slow_down: too many tries
  console.error('wrong name or password');
  process.exit(1);
}

/** Calls a route of the API, with one refresh where the token has run out. */
async function call(method, path, body) {
  try {
    return await send(method, path, body);
  } catch (error) {
    if (error.status !== 401) throw error;
    await refresh();
    return send(method, path, body);
  }
}

const send = (method, path, body) =>
  openid.fetchProtectedResource(config, tokens.access_token, new URL(GATEHOUSE_URL + path), method, body);

/** Store what it gets before you use it: each refresh token works once. */
async function refresh() {
  tokens = { ...tokens, ...await openid.refreshTokenGrant(config, tokens.refresh_token) };
}

console.log('signed in:', await (await call('GET', '/oauth/session')).text());
tokens.access_token = 'run out';
console.log('refreshed:', await (await call('GET', '/oauth/session')).text());

await openid.tokenRevocation(config, tokens.refresh_token);
console.log('signed out:', await send('GET', '/oauth/session').then(({ status }) => status, ({ status }) => status));
