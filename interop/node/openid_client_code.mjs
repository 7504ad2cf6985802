// openid-client, authorization code: everything from the metadata, PKCE, state
// and iss checked by the library, its own errors, refresh and calls.

import * as openid from 'openid-client';
import { Report, URL_, alice, caller, hard, secrets } from './common.mjs';
import { answer } from './person.mjs';

const name = 'openid-client';
const callback = 'https://client.example/cb';
const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const loopback = 'http://127.0.0.1:54321/callback';

/** By the metadata's whole address, as openid_client.mjs does. */
const discover = (client, authentication) =>
  openid.discovery(new URL(`${URL_}/.well-known/oauth-authorization-server`), client, undefined, authentication,
    { algorithm: 'oauth2', execute: [openid.allowInsecureRequests] });

/** What an app keeps of one authorization request. */
async function ask(config, redirect) {
  const checks = { pkceCodeVerifier: openid.randomPKCECodeVerifier(), expectedState: openid.randomState() };
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: redirect,
    scope: 'read write',
    state: checks.expectedState,
    code_challenge: await openid.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  return { url, checks };
}

async function flow(report, client, authentication, redirect, user) {
  const config = await discover(client, authentication);
  const { url, checks } = await ask(config, redirect);
  const came = await answer(url, user, 'allow');
  report.equal('the browser comes back to the redirect URI', came.startsWith(redirect), true);
  const token = await openid.authorizationCodeGrant(config, new URL(came), checks);
  report.equal('authorizationCodeGrant', [token.token_type, token.scope], ['bearer', 'read write']);
  const who = await (await call(config, token)).json();
  report.equal('GET /oauth/session', caller(who), { client, user_name: user.name, scope: 'read write', protocol: 'oauth2' });
  const renewed = await openid.refreshTokenGrant(config, token.refresh_token);
  report.differ('refresh', renewed.access_token, token.access_token);
  report.equal('call with the new token', (await call(config, renewed)).status, 200);
  report.equal('the code again', await refusal(openid.authorizationCodeGrant(config, new URL(came), checks)), 'invalid_grant');
  report.equal('ends what it made', await refusal(call(config, renewed)), 'challenged');
}

const call = (config, token) =>
  openid.fetchProtectedResource(config, token.access_token, new URL(`${URL_}/oauth/session`), 'GET');

function metadata(report, config) {
  const server = config.serverMetadata();
  report.equal('supportsPKCE', server.supportsPKCE(), true);
  report.equal('authorization_response_iss_parameter_supported', server.authorization_response_iss_parameter_supported, true);
  report.equal('response_types_supported', server.response_types_supported, ['code']);
  for (const grant of ['authorization_code', 'client_credentials', 'password', 'refresh_token', tokenExchange]) {
    report.equal(`grant_types_supported: ${grant}`, server.grant_types_supported.includes(grant), true);
  }
}

async function refusals(report, config) {
  const grant = async (came, checks) => refusal(openid.authorizationCodeGrant(config, new URL(came), checks));
  const changed = (came, parameter, value) => {
    const url = new URL(came);
    if (value) url.searchParams.set(parameter, value);
    else url.searchParams.delete(parameter);
    return url;
  };
  const denied = await ask(config, loopback);
  const refused = await answer(denied.url, alice, 'deny');
  report.equal('denied', await grant(refused, denied.checks), 'AuthorizationResponseError access_denied');

  const { url, checks } = await ask(config, loopback);
  const came = await answer(url, alice, 'allow');
  for (const [what, answered] of [['another state', changed(came, 'state', 'x')], ['no state', changed(came, 'state')],
    ['another iss', changed(came, 'iss', 'https://evil.example')], ['no iss', changed(came, 'iss')]]) {
    report.equal(what, await grant(answered, checks), 'OAUTH_INVALID_RESPONSE');
  }
  const other = { ...checks, pkceCodeVerifier: openid.randomPKCECodeVerifier() };
  report.equal('another code_verifier', await grant(came, other), 'invalid_grant');
  report.equal('none of it spends the code', await grant(came, checks), 'not refused');
}

/** The refusal as the library reports it. */
async function refusal(promise) {
  try {
    await promise;
    return 'not refused';
  } catch (error) {
    if (error instanceof openid.AuthorizationResponseError) return `AuthorizationResponseError ${error.error}`;
    if (error instanceof openid.ResponseBodyError) return error.error;
    if (error instanceof openid.WWWAuthenticateChallengeError) return 'challenged';
    return error.code;
  }
}

for (const [how, client, authentication, redirect, user] of [
  ['client_secret_basic', 'mobile', openid.ClientSecretBasic(secrets.mobile), callback, alice],
  ['client_secret_post, hard characters', 'hard & fast/1', openid.ClientSecretPost(secrets['hard & fast/1']), callback, hard],
  ['public client, loopback', 'public', openid.None(), loopback, hard],
]) await flow(new Report(`${name}: code, ${how}`), client, authentication, redirect, user);
const config = await discover('public', openid.None());
metadata(new Report(`${name}: metadata`), config);
await refusals(new Report(`${name}: code refused`), config);
