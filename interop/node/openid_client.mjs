// openid-client: discovery, tokens by password, calls, refresh, introspection,
// revocation, a client's own tokens, and refusals as this client sees them.

import * as openid from 'openid-client';
import { Report, URL_, alice, caller, current, hard, secrets } from './common.mjs';

const name = 'openid-client';
const none = openid.None();
// By its whole address: below a stage, RFC 8414 §3.1 would have it at the root
// of the host, which is not the API's.
const discovered = await openid.discovery(new URL(`${URL_}/.well-known/oauth-authorization-server`), 'mobile',
  undefined, openid.None(), { algorithm: 'oauth2', execute: [openid.allowInsecureRequests] });
const server = discovered.serverMetadata();

function configure(client, authentication) {
  const config = new openid.Configuration(server, client, {}, authentication);
  openid.allowInsecureRequests(config); // http, on this machine only
  return config;
}

const passwordGrant = (config, { name: username, password }, scope = 'read write') =>
  openid.genericGrantRequest(config, 'password', { username, password, scope });

const call = (config, token, path) =>
  openid.fetchProtectedResource(config, token.access_token, new URL(URL_ + path), 'GET');

async function flow(report, client, authentication, user) {
  const config = configure(client, authentication);
  const token = await passwordGrant(config, user);
  report.equal('password grant', [token.token_type, token.scope, token.expiresIn() > 0], ['bearer', 'read write', true]);
  const who = await (await call(config, token, '/oauth/session')).json();
  report.equal('GET /oauth/session', caller(who), { client, user_name: user.name, scope: 'read write', protocol: 'oauth2' });
  report.equal('GET /oauth/sessions', current(await (await call(config, token, '/oauth/sessions')).json()), who.session);
  const renewed = await refresh(report, config, token);
  if (authentication !== none) {
    report.equal('tokenIntrospection', await introspect(config, renewed), [true, client, user.name, 'read write']);
  }
  await revoke(report, config, renewed);
  if (authentication !== none) {
    report.equal('tokenIntrospection afterwards', (await openid.tokenIntrospection(config, renewed.access_token)).active, false);
  }
}

async function introspect(config, token) {
  const said = await openid.tokenIntrospection(config, token.access_token);
  return [said.active, said.client_id, said.username, said.scope];
}

async function own(report) {
  report.equal('issuer', server.issuer, URL_);
  const mobile = configure('mobile', openid.ClientSecretBasic(secrets.mobile));
  const token = await openid.clientCredentialsGrant(mobile, { scope: 'read' });
  report.equal('clientCredentialsGrant', [token.scope, token.refresh_token], ['read', undefined]);
  const who = await (await call(mobile, token, '/oauth/session')).json();
  report.equal('GET /oauth/session of a client', [who.client, who.user, who.scope], ['mobile', undefined, 'read']);
}

async function refresh(report, config, token) {
  const renewed = await openid.refreshTokenGrant(config, token.refresh_token);
  report.differ('refresh: the access token is a new one', renewed.access_token, token.access_token);
  report.differ('refresh: the refresh token is a new one', renewed.refresh_token, token.refresh_token);
  const again = await openid.refreshTokenGrant(config, token.refresh_token);
  report.equal('refresh again within the grace period: the same tokens',
    [again.access_token, again.refresh_token], [renewed.access_token, renewed.refresh_token]);
  report.equal('call with the new token', (await call(config, renewed, '/oauth/session')).status, 200);
  return renewed;
}

async function revoke(report, config, token) {
  report.equal('tokenRevocation', await openid.tokenRevocation(config, token.refresh_token, { token_type_hint: 'refresh_token' }), undefined);
  report.equal('call afterwards is refused', await refusal(call(config, token, '/oauth/session')), 'challenged for bearer');
  report.equal('refresh afterwards is refused', await refusal(openid.refreshTokenGrant(config, token.refresh_token)), 'invalid_grant');
}

async function refusals(report) {
  const mobile = configure('mobile', openid.ClientSecretBasic(secrets.mobile));
  const guess = (username) => passwordGrant(mobile, { name: username, password: 'wrong' });
  report.equal('wrong password', await refusal(guess(`guessed by ${name}`)), 'invalid_grant');
  report.equal('unknown user, in the same words', await description(guess(`nobody of ${name}`)), await description(guess(`guessed by ${name}`)));
  for (const authentication of [openid.ClientSecretBasic('wrong'), openid.ClientSecretPost('wrong'), openid.None()]) {
    const thief = passwordGrant(configure('mobile', authentication), alice);
    report.equal('wrong client secret', await refusal(thief), 'invalid_client');
  }
  const limited = configure('limited', openid.ClientSecretPost(secrets.limited));
  report.equal('grant that the client may not use', await refusal(passwordGrant(limited, alice)), 'unauthorized_client');
  report.equal('scope beyond the client\'s', await refusal(passwordGrant(mobile, alice, 'read admin')), 'invalid_scope');
  report.equal('client_credentials that the client may not use', await refusal(openid.clientCredentialsGrant(limited)), 'unauthorized_client');
  report.equal('token that was not issued here', await refusal(call(mobile, { access_token: 'junk' }, '/oauth/session')), 'challenged for bearer');
}

/** The refusal as the library reports it. */
async function refusal(promise) {
  try {
    await promise;
    return 'not refused';
  } catch (error) {
    if (error instanceof openid.ResponseBodyError) return error.error;
    if (!(error instanceof openid.WWWAuthenticateChallengeError)) throw error;
    // One static list of challenges for both protocols, so without an error code.
    return `challenged for ${error.cause.map(({ scheme }) => scheme).find((scheme) => scheme === 'bearer')}`;
  }
}

const description = (promise) => promise.catch((error) => [error.status, error.error, error.error_description]);

for (const [how, client, authentication, user] of [
  ['client_secret_basic', 'mobile', openid.ClientSecretBasic(secrets.mobile), alice],
  ['client_secret_post', 'mobile', openid.ClientSecretPost(secrets.mobile), hard],
  ['client_secret_basic, hard characters', 'hard & fast/1', openid.ClientSecretBasic(secrets['hard & fast/1']), hard],
  ['client_secret_post, hard characters', 'hard & fast/1', openid.ClientSecretPost(secrets['hard & fast/1']), hard],
  ['public client', 'public', none, hard],
]) await flow(new Report(`${name}: ${how}`), client, authentication, user);
await own(new Report(`${name}: discovery and a client's own tokens`));
await refusals(new Report(`${name}: refused`));
