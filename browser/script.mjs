// The browser script in pages of another origin, under a strict policy.

import { createHash } from 'node:crypto';
import { attempt, form, html, isSignedIn, open, origin, serveApp, session, signedIn, submit, tag, whoAmI } from './app.mjs';
import { APP, GATEHOUSE, STRANGER, browser, listen, requests, scenario } from './harness.mjs';

const app = await serveApp({
  '/module': html(`'self' ${origin}`, '<script type="module" src="/app.js"></script>' + form('data-client="web"')),
  '/app.js': { headers: { 'Content-Type': 'text/javascript' }, body: `
    import { Gatehouse } from '${GATEHOUSE}/oauth/client.js?module';
    window.gatehouse = new Gatehouse({ client: 'web' });` },
  '/form-data': html(origin, tag() + form('data-client="web" data-scope="read"')),
  '/form-hidden': html(origin, form('', '<input type="hidden" name="client_id" value="web">') + tag('async')),
  '/form-tag': html(origin, tag('data-client="web"') + form('')),
  '/form-none': html(origin, tag() + form('')),
  '/form-twice': html(origin, tag() + tag() + form('data-client="web"')),
});

// An API of another origin: it refuses the token "junk" and repeats the rest.
const heard = [];
const stranger = await listen(STRANGER, ({ method, headers: { authorization }, text }) => {
  const headers = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'Authorization' };
  if (method !== 'OPTIONS') heard.push(authorization);
  return { status: authorization === 'Bearer junk' ? 401 : 200, headers, body: text };
});

/** Changes what is stored of the session, unseen by the tabs. */
const edit = (page, change) => page.evaluate((given) => {
  const [[key, text]] = Object.entries(localStorage);
  localStorage.setItem(key, JSON.stringify({ ...JSON.parse(text), ...given }));
}, change);

const answer = (context, status, body) => context.route(`${GATEHOUSE}/oauth/token`, (route) => route.fulfill(
  { status, body, headers: { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'Retry-After', 'Retry-After': '7' } }));
const restore = (context) => context.unroute(`${GATEHOUSE}/oauth/token`);

await scenario('plain script', async (context, report) => {
  const page = await open(context);
  report.equal('signed out at first', [await isSignedIn(page), await attempt(page, 'token')], [false, null]);
  report.equal('base', await page.evaluate(() => gatehouse.base), GATEHOUSE);
  report.equal('a call while signed out', await whoAmI(page), [401, undefined]);
  const { token_type, scope, expires_at } = await attempt(page, 'signIn', 'alice', 'correct horse');
  report.equal('signIn', [token_type, scope, expires_at > Date.now()], ['Bearer', 'read write', true]);
  report.equal('fetch', await whoAmI(page), [200, 'alice']);
  report.equal('session', (await session(page)).access_token, await attempt(page, 'token'));
  await page.reload();
  await page.evaluate(() => { window.gatehouse = new Gatehouse({ client: 'web' }); });
  report.equal('after a reload', await whoAmI(page), [200, 'alice']);
  report.equal('signOut', [await attempt(page, 'signOut'), await isSignedIn(page)], [true, false]);
});

await scenario('module', async (context, report) => {
  const page = await context.newPage();
  await page.goto(`${APP}/module`);
  await page.waitForFunction(() => window.gatehouse);
  report.equal('sets no global', await page.evaluate(() => typeof window.Gatehouse), 'undefined');
  await attempt(page, 'signIn', 'alice', 'correct horse');
  report.equal('fetch', await whoAmI(page), [200, 'alice']);
});

await scenario('refused', async (context, report) => {
  const page = await open(context, { scope: 'admin' });
  report.equal('scope', await attempt(page, 'signIn', 'alice', 'correct horse'), { code: 'invalid_scope', status: 400, retryAfter: false });
  const elsewhere = await open(context, { client: 'elsewhere' });
  const { code } = await attempt(elsewhere, 'signIn', 'alice', 'correct horse');
  report.equal('client of pages of another origin', code, 'unauthorized_client');
  report.equal('signed out', [await isSignedIn(page), await isSignedIn(elsewhere)], [false, false]);
});

await scenario('wrong password', async (context, report) => {
  const page = await open(context);
  report.equal('once', await attempt(page, 'signIn', 'guessed', 'wrong'), { code: 'invalid_grant', status: 400, retryAfter: false });
  let last;
  for (let tries = 0; tries < 20 && last?.status !== 429; tries++) last = await attempt(page, 'signIn', 'guessed', 'wrong');
  report.equal('too often', last, { code: 'slow_down', status: 429, retryAfter: true });
});

for (const [how, without] of [['Web Locks', false], ['no Web Locks', true]]) {
  await scenario(`three tabs with ${how}`, async (context, report) => {
    if (without) await context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }));
    const first = await signedIn(context);
    const tabs = [first, await open(context), await open(context)];
    const before = await session(first);
    await edit(first, { expires_at: Date.now() - 1000 });
    const asked = requests(context, '/oauth/token');
    const twice = (page) => Promise.all([whoAmI(page), whoAmI(page)]);
    report.equal('all continue', await Promise.all(tabs.map(twice)), Array(3).fill(Array(2).fill([200, 'alice'])));
    if (!without) report.equal('refreshes', asked.length, 1);
    const tokens = await Promise.all(tabs.map((page) => attempt(page, 'token')));
    report.equal('all have one token', [new Set(tokens).size, tokens[0] !== before.access_token], [1, true]);
    report.equal('all continue later', await Promise.all(tabs.map(whoAmI)), Array(3).fill([200, 'alice']));
  });
}

await scenario('refresh', async (context, report) => {
  const page = await signedIn(context);
  const tabs = [page, await open(context)];
  const before = await session(page);
  const asked = requests(context, '/oauth/token');
  let release;
  const bothAsked = new Promise((done) => { release = done; });
  await context.route(`${GATEHOUSE}/oauth/token`, (route) => bothAsked.then(() => route.continue()));
  for (const tab of tabs) await tab.evaluate(() => { window.renewed = gatehouse.refresh(); });
  release();
  const [one, two] = await Promise.all(tabs.map((tab) => tab.evaluate(() => renewed)));
  await restore(context);
  report.equal('gives new tokens', [one.access_token === before.access_token, one.refresh_token === before.refresh_token], [false, false]);
  report.equal('to all tabs the same', [one, one], [two, await session(page)]);
  report.equal('refreshes', asked.length, 1);
  await answer(context, 503, '');
  report.equal('a fault is told', (await attempt(page, 'refresh')).code, 'server_error');
  await restore(context);
  report.equal('the session goes on', await whoAmI(page), [200, 'alice']);
  await edit(page, { refresh_token: undefined });
  report.equal('without a refresh token nothing changes', (await attempt(page, 'refresh')).access_token, one.access_token);
  await attempt(page, 'signOut');
  report.equal('signed out', await attempt(page, 'refresh'), null);
});

await scenario('sign-out', async (context, report) => {
  const first = await signedIn(context);
  const second = await open(context);
  const { access_token } = await session(first);
  await attempt(first, 'signOut');
  await second.waitForFunction(() => changes.length > 0);
  report.equal('the other tab was told', await second.evaluate(() => changes), [false]);
  report.equal('the other tab is signed out', [await isSignedIn(second), (await whoAmI(second))[0]], [false, 401]);
  const status = (token) => fetch(`${GATEHOUSE}/oauth/session`, { headers: { authorization: `Bearer ${token}` } }).then((r) => r.status);
  report.equal('the token is revoked', await status(access_token), 401);
});

await scenario('sign-out without a network', async (context, report) => {
  const page = await signedIn(context);
  await context.setOffline(true);
  report.equal('the server was not told', await attempt(page, 'signOut'), false);
  report.equal('the page forgot', await isSignedIn(page), false);
});

await scenario('sign-out during a refresh', async (context, report) => {
  const page = await signedIn(context);
  await edit(page, { expires_at: 0 });
  let release;
  await context.route(`${GATEHOUSE}/oauth/token`, async (route) => {
    const response = await route.fetch();
    await new Promise((done) => { release = done; });
    await route.fulfill({ response });
  });
  const token = attempt(page, 'token');
  while (!release) await page.waitForTimeout(10);
  await attempt(page, 'signOut');
  release();
  report.equal('it stays signed out', [await token, await isSignedIn(page)], [null, false]);
});

await scenario('401', async (context, report) => {
  const page = await signedIn(context, { apis: [STRANGER] });
  const asked = requests(context, '/oauth/token');
  await edit(page, { access_token: 'junk' });
  report.equal('refreshed and sent again', await whoAmI(page), [200, 'alice']);
  await edit(page, { access_token: 'junk' });
  const posted = await page.evaluate((url) => gatehouse.fetch(url, { method: 'POST', body: 'text' }).then((r) => r.text()), STRANGER);
  report.equal('the body is sent again', posted, 'text');
  report.equal('refreshes', asked.length, 2);
});

await scenario('a session that was ended elsewhere', async (context, report) => {
  const page = await signedIn(context);
  const token = await attempt(page, 'token');
  await fetch(`${GATEHOUSE}/oauth/sessions`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
  report.equal('the call is refused', await whoAmI(page), [401, undefined]);
  report.equal('the page is signed out', [await isSignedIn(page), await page.evaluate(() => changes)], [false, [true, false]]);
});

await scenario('faults', async (context, report) => {
  const page = await signedIn(context);
  await edit(page, { expires_at: 0 });
  await context.route(`${GATEHOUSE}/oauth/token`, (route) => route.abort());
  report.equal('no network', await attempt(page, 'token'), { code: 'network_error', status: undefined, retryAfter: false });
  await restore(context);
  for (const [status, body, code] of [
    [503, '{"error":"server_error"}', 'server_error'], [502, '<html>', 'server_error'], [200, '<html>', 'server_error'],
    [200, '{}', 'server_error'], [429, '{"error":"slow_down"}', 'slow_down'],
  ]) {
    await answer(context, status, body);
    report.equal(`status ${status}, ${body}`, (await attempt(page, 'token')).code, code);
    await restore(context);
  }
  await edit(page, { expires_at: Date.now() + 10_000 });
  await answer(context, 503, '');
  report.equal('a token that still works is used', await whoAmI(page), [200, 'alice']);
  await restore(context);
  report.equal('the session goes on', [await isSignedIn(page), await whoAmI(page)], [true, [200, 'alice']]);
});

await scenario('where the token goes', async (context, report) => {
  const page = await signedIn(context);
  const token = await attempt(page, 'token');
  const call = (url) => page.evaluate((to) => gatehouse.fetch(to, { mode: 'cors' }).then(() => 0, () => 0), url);
  heard.length = 0;
  const sent = [];
  context.on('request', (request) => sent.push(request));
  const tricks = [STRANGER, `${STRANGER}/oauth/session`, `${GATEHOUSE}.evil.example/x`, `${GATEHOUSE.replace('://', '://x@')}@evil.example/`,
    `${new URL(GATEHOUSE).origin}/other/..//x`, `${GATEHOUSE}x/y`];
  for (const url of tricks) await call(url);
  report.equal('not to a stranger', heard, [undefined, undefined]);
  const below = (url) => url.startsWith(`${GATEHOUSE}/`);
  const leaks = sent.filter((request) => !below(request.url()) && request.headers().authorization);
  report.equal('not to addresses that look alike', leaks.map((request) => request.url()), []);
  await page.evaluate((api) => { window.gatehouse = new Gatehouse({ client: 'web', apis: [`${api}/`] }); }, STRANGER);
  await call(`${STRANGER}/notes`);
  report.equal('to an origin that is named', heard.at(-1), `Bearer ${token}`);
});

await scenario('storage', async (context, report) => {
  const page = await context.newPage();
  await page.goto(`${APP}/plain`);
  await page.evaluate(() => { window.gatehouse = new Gatehouse({ client: 'web', storage: sessionStorage }); });
  await attempt(page, 'signIn', 'alice', 'correct horse');
  report.equal('of one tab', [await whoAmI(page), await isSignedIn(await open(context))], [[200, 'alice'], false]);
});

for (const [path, scope] of [['/form-data', 'read'], ['/form-hidden', 'read write'], ['/form-tag', 'read write'],
  ['/form-twice', 'read write'], ['/module', 'read write']]) {
  await scenario(`form.oauth at ${path}`, async (context, report) => {
    const page = await context.newPage();
    await page.goto(APP + path, { waitUntil: 'networkidle' });
    const asked = requests(context, '/oauth/token');
    const wrong = await submit(page, 'wrong');
    report.equal('wrong password', wrong, { json: { error: 'invalid_grant', error_description: wrong.json.error_description },
      disabled: true, password: 'wrong', times: 1 });
    const { json, ...rest } = await submit(page, 'correct horse');
    report.equal('signed in', rest, { disabled: true, password: '', times: 1 });
    report.equal('the answer', [Object.keys(json).sort(), json.scope],
      [['access_token', 'expires_in', 'refresh_token', 'scope', 'token_type'], scope]);
    report.equal('requests', asked.length, 2);
    report.equal('the page stays', page.url(), APP + path);
  });
}

await scenario('form.oauth', async (context, report) => {
  const page = await context.newPage();
  await page.goto(`${APP}/form-none`);
  report.equal('without a client', (await submit(page, 'correct horse')).json.error, 'invalid_request');
  await page.goto(`${APP}/form-tag`);
  await context.setOffline(true);
  report.equal('without a network', (await submit(page, 'correct horse')).json.error, 'network_error');
});

/** Begins a redirect; the answer in place of the server's comes back with what change makes of the parameters. */
async function comesBack(context, change) {
  await context.route(`${GATEHOUSE}/oauth/authorize?*`, (route) => {
    const asked = new URL(route.request().url()).searchParams;
    const params = change({ code: 'code', state: asked.get('state'), iss: GATEHOUSE }, asked);
    return route.fulfill({ status: 303, headers: { Location: `${APP}/plain?tab=2&${new URLSearchParams(params)}#top` } });
  });
  const page = await open(context);
  await attempt(page, 'redirect');
  await page.waitForURL(`${APP}/plain?tab=2&**`);
  await page.evaluate(() => { window.gatehouse = new Gatehouse({ client: 'web' }); });
  return page;
}

for (const [what, change, code] of [
  ['another state', (params) => ({ ...params, state: 'forged' }), 'invalid_state'],
  ['another issuer', (params) => ({ ...params, iss: STRANGER }), 'invalid_issuer'],
  ['an issuer that begins alike', (params) => ({ ...params, iss: `${GATEHOUSE}/` }), 'invalid_issuer'],
  ['no issuer', ({ code, state }) => ({ code, state }), 'invalid_issuer'],
  ['an error', ({ state, iss }) => ({ error: 'access_denied', error_description: 'no', state, iss }), 'access_denied'],
  ['an error of another issuer', ({ state }) => ({ error: 'access_denied', state, iss: STRANGER }), 'invalid_issuer'],
]) {
  await scenario(`back with ${what}`, async (context, report) => {
    const asked = requests(context, '/oauth/token');
    const page = await comesBack(context, change);
    report.equal('completed', (await attempt(page, 'completed')).code, code);
    report.equal('no code was sent', asked.length, 0);
    report.equal('the address', page.url(), `${APP}/plain?tab=2#top`);
    report.equal('once', await attempt(page, 'completed'), null);
  });
}

await scenario('redirect', async (context, report) => {
  let sent;
  const page = await comesBack(context, (params, asked) => { sent = Object.fromEntries(asked); return params; });
  const { state, code_challenge, ...rest } = sent;
  report.equal('asks for a code', rest, { response_type: 'code', client_id: 'web', redirect_uri: `${APP}/plain`, code_challenge_method: 'S256' });
  report.equal('state and challenge are of 256 bits', [state.length, code_challenge.length], [43, 43]);
  const [request] = await Promise.all([page.waitForRequest(`${GATEHOUSE}/oauth/token`), attempt(page, 'completed')]);
  const { code_verifier, ...posted } = Object.fromEntries(new URLSearchParams(request.postData()));
  report.equal('sends the code', posted, { client_id: 'web', grant_type: 'authorization_code', code: 'code', redirect_uri: `${APP}/plain` });
  report.equal('with its verifier', createHash('sha256').update(code_verifier).digest('base64url'), code_challenge);
});

await browser.close();
app.close();
stranger.close();
