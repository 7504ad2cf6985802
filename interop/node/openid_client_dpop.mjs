// openid-client with DPoP: tokens by password, code and for a client's own use,
// bound to keys of each kind; calls by the authorizer and the reverse proxy;
// refresh; introspection; what a thief can't do. With GATEHOUSE_NONCES the token
// endpoint and the proxy want nonces.

import { createServer } from 'node:http';
import * as openid from 'openid-client';
import { Report, URL_, alice, caller, secrets } from './common.mjs';
import { answer } from './person.mjs';

const nonces = process.env.GATEHOUSE_NONCES === 'true';
const name = `openid-client, DPoP${nonces ? ' with nonces' : ''}`;
const discovered = await openid.discovery(new URL(`${URL_}/.well-known/oauth-authorization-server`), 'mobile',
  undefined, openid.None(), { algorithm: 'oauth2', execute: [openid.allowInsecureRequests] });
const server = discovered.serverMetadata();
const redirect = 'http://127.0.0.1:8765/callback';

function configure(client, authentication) {
  const config = new openid.Configuration(server, client, {}, authentication);
  openid.allowInsecureRequests(config); // http, on this machine only
  return config;
}

const mobile = configure('mobile', openid.ClientSecretBasic(secrets.mobile));
const pub = configure('public', openid.None());

const passwordGrant = (config, DPoP) =>
  openid.genericGrantRequest(config, 'password', { username: alice.name, password: alice.password, scope: 'read write' }, { DPoP });

const call = (config, token, path, DPoP) =>
  openid.fetchProtectedResource(config, token.access_token, new URL(URL_ + path), 'GET', undefined, undefined, { DPoP });

/** What the backend behind the proxy saw last. */
let seen;
const backend = createServer((request, response) => {
  seen = request.headers;
  response.end('fine');
}).listen(process.env.GATEHOUSE_BACKEND, '127.0.0.1');

/**
 * Calls the proxy. Its challenge is remapped by a REST API, which the library
 * does not look at: it keeps the nonce, and the program sends the request again.
 */
async function callProxy(config, token, path, DPoP) {
  const response = await call(config, token, path, DPoP);
  if (!nonces || response.status !== 401) return response;
  const { error } = await response.json();
  return error === 'use_dpop_nonce' ? call(config, token, path, DPoP) : response;
}

async function flow(report, config, alg, options) {
  const key = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair(alg, options));
  const token = await passwordGrant(config, key);
  report.equal('password grant', [token.token_type, token.scope], ['dpop', 'read write']);
  const who = await (await call(config, token, '/oauth/session?a=b', key)).json();
  report.equal('GET /oauth/session', caller(who), { client: config.clientMetadata().client_id, user_name: alice.name, scope: 'read write', protocol: 'oauth2' });
  report.equal('through the proxy', (await callProxy(config, token, '/api/notes/a%2Fb?x=1', key)).status, 200);
  report.equal('the backend sees no proof', [seen.dpop, seen.authorization, seen['x-oauth-user-name']], [undefined, undefined, alice.name]);
  const renewed = await openid.refreshTokenGrant(config, token.refresh_token, undefined, { DPoP: key });
  report.equal('refresh', [renewed.token_type, renewed.access_token !== token.access_token], ['dpop', true]);
  report.equal('call with the new token', (await call(config, renewed, '/oauth/session', key)).status, 200);
  const said = await openid.tokenIntrospection(mobile, renewed.access_token);
  report.equal('tokenIntrospection', [said.active, said.token_type, said.cnf?.jkt], [true, 'DPoP', await key.calculateThumbprint()]);
  report.equal('refresh without a proof is refused', await refusal(openid.refreshTokenGrant(config, renewed.refresh_token)), 'invalid_grant');
  await stolen(report, config, renewed, key);
}

async function stolen(report, config, token, key) {
  const other = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair());
  report.equal('with another key', await refusal(call(config, token, '/oauth/session', other)), 'challenged');
  report.equal('which ended the token', await refusal(call(config, token, '/oauth/session', key)), 'challenged');
  const renewed = await openid.refreshTokenGrant(config, token.refresh_token, undefined, { DPoP: key });
  report.equal('its owner goes on', (await call(config, renewed, '/oauth/session', key)).status, 200);
  report.equal('as a bearer token', await refusal(call(config, renewed, '/oauth/session')), 'challenged');
  report.equal('refresh with another key', await refusal(openid.refreshTokenGrant(config, renewed.refresh_token, undefined, { DPoP: other })), 'invalid_grant');
  report.equal('which ended the session', await refusal(openid.refreshTokenGrant(config, renewed.refresh_token, undefined, { DPoP: key })), 'invalid_grant');
}

async function own(report) {
  const key = openid.getDPoPHandle(mobile, await openid.randomDPoPKeyPair());
  const token = await openid.clientCredentialsGrant(mobile, { scope: 'read' }, { DPoP: key });
  report.equal('clientCredentialsGrant', [token.token_type, (await call(mobile, token, '/oauth/session', key)).status], ['dpop', 200]);
}

async function code(report) {
  const key = openid.getDPoPHandle(pub, await openid.randomDPoPKeyPair());
  const checks = { pkceCodeVerifier: openid.randomPKCECodeVerifier(), expectedState: openid.randomState() };
  const url = openid.buildAuthorizationUrl(pub, { redirect_uri: redirect, scope: 'read write', state: checks.expectedState,
    code_challenge: await openid.calculatePKCECodeChallenge(checks.pkceCodeVerifier), code_challenge_method: 'S256',
    dpop_jkt: await key.calculateThumbprint() });
  const came = new URL(await answer(url, alice, 'allow'));
  const other = openid.getDPoPHandle(pub, await openid.randomDPoPKeyPair());
  report.equal('the code of dpop_jkt with another key', await refusal(openid.authorizationCodeGrant(pub, came, checks, undefined, { DPoP: other })), 'invalid_grant');
  report.equal('and without one', await refusal(openid.authorizationCodeGrant(pub, came, checks)), 'invalid_dpop_proof');
  const token = await openid.authorizationCodeGrant(pub, came, checks, undefined, { DPoP: key });
  report.equal('with its key', [token.token_type, (await call(pub, token, '/oauth/session', key)).status], ['dpop', 200]);
}

/** The refusal as the library reports it. */
async function refusal(promise) {
  try {
    await promise;
    return 'not refused';
  } catch (error) {
    if (error instanceof openid.ResponseBodyError) return error.error;
    if (error instanceof openid.WWWAuthenticateChallengeError) return 'challenged';
    throw error;
  }
}

new Report(name).equal('metadata', server.dpop_signing_alg_values_supported, ['ES256', 'Ed25519', 'EdDSA', 'RS256', 'PS256']);
for (const alg of ['ES256', 'Ed25519', 'RS256', 'PS256']) await flow(new Report(`${name}: ${alg}`), mobile, alg);
await flow(new Report(`${name}: RS256 of 4096 bits`), mobile, 'RS256', { modulusLength: 4096 });
await flow(new Report(`${name}: public client`), pub, 'ES256');
await own(new Report(`${name}: a client's own tokens`));
await code(new Report(`${name}: code`));
backend.close();
