// The sign-in and consent pages, as people use them: with mouse and keyboard,
// with and without JavaScript, back and forth, in several tabs.

import { createHash, createHmac, randomBytes } from 'node:crypto';
import OAuth from 'oauth-1.0a';
import { attempt, isSignedIn, open, serveApp, session, whoAmI } from './app.mjs';
import { APP, GATEHOUSE, STRANGER, browser, examine, listen, looks, scenario } from './harness.mjs';

const [alice, bob] = [['alice', 'correct horse'], ['bob', 'battery staple']];
const app = await serveApp();
const framing = await listen(STRANGER, ({ url }) => ({ headers: { 'Content-Type': 'text/html' },
  body: `<!doctype html><iframe src="${decodeURIComponent(url.slice(2))}"></iframe>` }));

// Code flow.

/** Begins the code flow in the app's tab. */
async function begin(page) {
  await page.evaluate(() => { gatehouse.redirect(); });
  await page.waitForURL(`${GATEHOUSE}/oauth/authorize?**`);
}

async function begun(context) {
  const page = await open(context);
  await begin(page);
  return page;
}

async function signIn(page, [name, password]) {
  await page.fill('[name=username]', name);
  await page.fill('[name=password]', password);
  await press(page, 'sign-in');
}

const press = (page, action) => page.click(`button[value=${action}]`);
const heading = (page) => page.textContent('h1');
const focused = (page) => page.evaluate(() => document.activeElement.name || document.activeElement.tagName);
const notice = (page) => page.textContent('[role=alert]');

/** Back in the app: its Gatehouse finishes. */
async function finish(page) {
  await page.waitForURL(`${APP}/plain?**`);
  await page.evaluate(() => { window.gatehouse = new Gatehouse({ client: 'web' }); });
  return attempt(page, 'completed');
}

await scenario('code flow', async (context, report) => {
  const page = await begun(context);
  report.equal('sign-in page', [await heading(page), await page.title()], ['Sign in', 'Sign in – Gatehouse']);
  await signIn(page, alice);
  report.equal('consent page', await heading(page), 'Web page asks for access to your Gatehouse account');
  report.equal('what it asks for', await page.locator('main li').allTextContents(),
    ['See who you are', 'See your notes', 'Change and delete your notes']);
  await press(page, 'allow');
  report.equal('scope', (await finish(page)).scope, 'read write');
  report.equal('who am I', await whoAmI(page), [200, 'alice']);
  report.equal('address', page.url(), `${APP}/plain`);
  await begin(page);
  report.equal('next time nobody signs in', await heading(page), 'Web page asks for access to your Gatehouse account');
  const cookies = await context.cookies(GATEHOUSE);
  report.equal('one cookie', cookies.map(({ httpOnly, sameSite, expires }) => [httpOnly, sameSite, expires]), [[true, 'Lax', -1]]);
});

await scenario('deny', async (context, report) => {
  const page = await begun(context);
  await signIn(page, alice);
  await press(page, 'deny');
  report.equal('completed', (await finish(page)).code, 'access_denied');
  report.equal('nobody is signed in to the app', await isSignedIn(page), false);
  await begin(page);
  await press(page, 'allow');
  report.equal('changed their mind', (await finish(page)).scope, 'read write');
});

await scenario('wrong password', async (context, report) => {
  const page = await begun(context);
  const [answer] = await Promise.all([page.waitForResponse((r) => r.request().method() === 'POST'), signIn(page, ['bob', 'wrong'])]);
  report.equal('status', answer.status(), 403);
  report.equal('notice', await notice(page), 'Username or password is wrong. Check both and try again.');
  report.equal('the name stays, the password does not',
    [await page.inputValue('[name=username]'), await page.inputValue('[name=password]')], ['bob', '']);
  report.equal('the password has the focus', await focused(page), 'password');
  await signIn(page, bob);
  await press(page, 'allow');
  await finish(page);
  report.equal('then right', await whoAmI(page), [200, 'bob']);
});

await scenario('another account', async (context, report) => {
  const page = await begun(context);
  await signIn(page, alice);
  await press(page, 'switch');
  report.equal('sign-in page', [await heading(page), await page.inputValue('[name=username]')], ['Sign in', '']);
  await signIn(page, bob);
  await press(page, 'allow');
  await finish(page);
  report.equal('who am I', await whoAmI(page), [200, 'bob']);
});

// Back and forth, tabs, forged forms.

/** Moves in the tab's history, back or forward. */
const goes = (page, where) => Promise.all([page.waitForNavigation(),
  page.evaluate((to) => { setTimeout(() => history[to]()); }, where)]);

await scenario('back button', async (context, report) => {
  const page = await begun(context);
  await goes(page, 'back');
  report.equal('from sign-in to the app', page.url(), `${APP}/plain`);
  await goes(page, 'forward');
  await signIn(page, ['alice', 'wrong']);
  await goes(page, 'back');
  await signIn(page, alice);
  await press(page, 'allow');
  await finish(page);
  report.equal('after a wrong password', await whoAmI(page), [200, 'alice']);
  await goes(page, 'back');
  report.equal('after consent: it is asked again', await heading(page), 'Web page asks for access to your Gatehouse account');
  await press(page, 'deny');
  report.equal('the request is done with', (await finish(page)).code, 'invalid_state');
  report.equal('and the session goes on', await whoAmI(page), [200, 'alice']);
});

await scenario('two tabs', async (context, report) => {
  const [first, second] = [await begun(context), await begun(context)];
  await signIn(first, alice);
  await signIn(second, alice);
  await press(second, 'allow');
  await press(first, 'allow');
  report.equal('both finish', [(await finish(first)).scope, (await finish(second)).scope], ['read write', 'read write']);
  await Promise.all([begin(first), begin(second)]);
  await press(second, 'switch');
  await signIn(second, bob);
  await press(first, 'allow');
  report.equal('the question was put to somebody else', (await notice(first)).includes('nothing was done'), true);
  report.equal('who is asked now', await first.textContent('form p'), 'You are signed in as bob. Use another account');
});

const state = (page) => page.inputValue('input[name=state]');
const forge = (page, value) => page.evaluate((given) => { document.querySelector('input[name=state]').value = given; }, value);

await scenario('forged form', async (context, report) => {
  const page = await begun(context);
  await forge(page, `${await state(page)}x`);
  await signIn(page, alice);
  report.equal('not ours', await heading(page), 'This form has expired');
  await goes(page, 'back');
  const victim = await begun(context);
  await forge(victim, await stateOfAnother());
  await signIn(victim, alice);
  report.equal('of another browser', [await heading(victim), (await context.cookies(GATEHOUSE)).length], ['This form has expired', 1]);
  await victim.click('a.button');
  report.equal('start again', await heading(victim), 'Sign in');
  await signIn(victim, alice);
  await forge(victim, await stateOfAnother(alice));
  await press(victim, 'allow');
  report.equal('consent of another browser', await heading(victim), 'This form has expired');
});

/** The state of a form as an attacker gets it in a browser of their own. */
async function stateOfAnother(user) {
  const context = await browser.newContext();
  const page = await begun(context);
  if (user) await signIn(page, user);
  const found = await state(page);
  await context.close();
  return found;
}

await scenario('framed', async (context, report) => {
  const inside = async (url) => {
    const page = await context.newPage();
    await page.goto(`${STRANGER}/?${encodeURIComponent(url)}`, { waitUntil: 'networkidle' });
    return page.frames()[1].url();
  };
  report.equal('a page that may be', await inside(`${APP}/callback`), `${APP}/callback`);
  for (const url of [codeRequest().url, `${GATEHOUSE}/oauth/authorize?client_id=unknown`]) {
    report.equal('a page of ours', await inside(url), 'chrome-error://chromewebdata/');
  }
});

// Without a mouse, without JavaScript.

const action = (page) => page.evaluate(() => document.activeElement.value);
const outlined = (page) => page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== 'none');

/** Tabs until the focus is where done says; returns whether it was seen all the way. */
async function tabTo(page, done) {
  let seen = true;
  for (let steps = 0; steps < 10; steps++) {
    await page.keyboard.press('Tab');
    seen &&= await outlined(page);
    if (await done(page)) return seen;
  }
  return 'never got there';
}

await scenario('keyboard only', async (context, report) => {
  const page = await begun(context);
  report.equal('begins at the name', await focused(page), 'username');
  await page.keyboard.type('alice');
  report.equal('then the password', await tabTo(page, async () => await focused(page) === 'password'), true);
  await page.keyboard.type('wrong');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[role=alert]');
  report.equal('begins at the password', await focused(page), 'password');
  await page.keyboard.type('correct horse');
  report.equal('the button', await tabTo(page, async () => await action(page) === 'sign-in'), true);
  await page.keyboard.press('Enter');
  await page.waitForSelector('button[value=allow]');
  report.equal('nothing is chosen beforehand', await focused(page), 'BODY');
  report.equal('allow', await tabTo(page, async () => await action(page) === 'allow'), true);
  await page.keyboard.press('Enter');
  report.equal('completed', (await finish(page)).scope, 'read write');
});

/** An authorization request of the client web, without the script. */
function codeRequest(more = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({ response_type: 'code', client_id: 'web', redirect_uri: `${APP}/callback`, state: 'mine',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256', ...more });
  return { url: `${GATEHOUSE}/oauth/authorize?${query}`, verifier };
}

await scenario('no JavaScript', async (context, report) => {
  const page = await context.newPage();
  const { url, verifier } = codeRequest();
  await page.goto(url);
  await signIn(page, ['bob', 'wrong']);
  report.equal('wrong password', await notice(page), 'Username or password is wrong. Check both and try again.');
  await signIn(page, bob);
  await press(page, 'allow');
  await page.waitForURL(`${APP}/callback?**`);
  const { code, ...rest } = Object.fromEntries(new URL(page.url()).searchParams);
  report.equal('answer', rest, { state: 'mine', iss: GATEHOUSE });
  const answer = await fetch(`${GATEHOUSE}/oauth/token`, { method: 'POST', body: new URLSearchParams(
    { grant_type: 'authorization_code', client_id: 'web', redirect_uri: `${APP}/callback`, code, code_verifier: verifier }) });
  report.equal('token', [answer.status, (await answer.json()).token_type], [200, 'Bearer']);
}, { javaScriptEnabled: false });

// Three-legged OAuth 1.0.

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
async function threeLegged(context, callback) {
  const temporary = await credentials(signed('POST', '/oauth/request_token', { oauth_callback: callback }));
  const page = await context.newPage();
  await page.goto(`${GATEHOUSE}/oauth/authorize?oauth_token=${encodeURIComponent(temporary.oauth_token)}`);
  return { page, temporary };
}

async function callWith(temporary, verifier) {
  const token = await credentials(signed('POST', '/oauth/access_token', { oauth_verifier: verifier }, pair(temporary)));
  const who = await signed('GET', '/oauth/session', {}, pair(token));
  const { user_name, protocol } = await who.json();
  return [who.status, user_name, protocol];
}

await scenario('three-legged', async (context, report) => {
  const { page, temporary } = await threeLegged(context, `${APP}/callback`);
  await signIn(page, alice);
  report.equal('consent page', await heading(page), 'Notes asks for access to your Gatehouse account');
  await press(page, 'allow');
  await page.waitForURL(`${APP}/callback?**`);
  const { oauth_token, oauth_verifier } = Object.fromEntries(new URL(page.url()).searchParams);
  report.equal('callback', oauth_token, temporary.oauth_token);
  report.equal('signed call', await callWith(temporary, oauth_verifier), [200, 'alice', 'oauth1']);
});

await scenario('three-legged, denied', async (context, report) => {
  const { page, temporary } = await threeLegged(context, `${APP}/callback`);
  await signIn(page, alice);
  await press(page, 'deny');
  await page.waitForURL(`${APP}/callback?**`);
  report.equal('callback', Object.fromEntries(new URL(page.url()).searchParams),
    { oauth_token: temporary.oauth_token, oauth_problem: 'user_refused' });
});

await scenario('out of band', async (context, report) => {
  const { page, temporary } = await threeLegged(context, 'oob');
  await signIn(page, alice);
  await press(page, 'allow');
  const verifier = await page.inputValue('#verifier');
  report.equal('signed call', await callWith(temporary, verifier), [200, 'alice', 'oauth1']);
  const denied = await threeLegged(context, 'oob');
  await press(denied.page, 'deny');
  report.equal('denied', await heading(denied.page), 'Access denied');
});

// How each page looks, and what a screen reader makes of it.

const visit = async (context, url) => {
  const page = await context.newPage();
  await page.goto(url);
  return page;
};
const pathTo = (query) => `${GATEHOUSE}/oauth/authorize?${query}`;

const reaching = {
  'sign-in': (context) => visit(context, codeRequest().url),
  'wrong-password': async (context) => {
    const page = await visit(context, codeRequest().url);
    await signIn(page, ['bob', 'wrong']);
    await signIn(page, bob);
    await press(page, 'switch');
    await signIn(page, ['bob', 'wrong']);
    return page;
  },
  'too-many-tries': async (context) => {
    const page = await visit(context, codeRequest().url);
    for (let tries = 0; tries < 20 && !(await page.content()).includes('too many'); tries++) await signIn(page, ['guessed', 'wrong']);
    return page;
  },
  consent: async (context) => {
    const page = await visit(context, codeRequest().url);
    await signIn(page, alice);
    return page;
  },
  'consent-long-names': async (context) => {
    const page = await visit(context, codeRequest({ client_id: 'long' }).url);
    await signIn(page, ['Zoë & co+1@a-rather-long-domain-name.example.com', 'long enough']);
    return page;
  },
  verifier: async (context) => {
    const { page } = await threeLegged(context, 'oob');
    await signIn(page, alice);
    await press(page, 'allow');
    return page;
  },
  denied: async (context) => {
    const { page } = await threeLegged(context, 'oob');
    await signIn(page, alice);
    await press(page, 'deny');
    return page;
  },
  'form-over': async (context) => {
    const page = await visit(context, codeRequest().url);
    await forge(page, await stateOfAnother());
    await signIn(page, alice);
    return page;
  },
  'unknown-app': (context) => visit(context, pathTo('client_id=unknown&response_type=code')),
  'wrong-address': (context) => visit(context, codeRequest({ redirect_uri: `${STRANGER}/` }).url),
  'request-over': (context) => visit(context, pathTo('oauth_token=junk')),
};

for (const [look, options] of Object.entries(looks)) {
  await scenario(look, async (context, report) => {
    for (const [name, reach] of Object.entries(reaching)) {
      await context.clearCookies();
      const page = await reach(context);
      await examine(report, page, name, look);
      await page.close();
    }
  }, options);
}

await browser.close();
app.close();
framing.close();
