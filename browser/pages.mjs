// The sign-in and consent pages, as people use them: with mouse and keyboard,
// with and without JavaScript, back and forth, in several tabs.

import { attempt, isSignedIn, serveApp, whoAmI } from './app.mjs';
import { APP, GATEHOUSE, STRANGER, browser, listen, scenario } from './harness.mjs';
import { alice, begin, begun, bob, callWith, codeRequest, finish, focused, forge, heading, notice, press, signIn, state,
  stateOfAnother, threeLegged } from './person.mjs';
import { resealed } from './seal.mjs';

const app = await serveApp();
const framing = await listen(STRANGER, ({ url }) => ({ headers: { 'Content-Type': 'text/html' },
  body: `<!doctype html><iframe src="${decodeURIComponent(url.slice(2))}"></iframe>` }));

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

/** Makes the form on the page one that ends so many seconds from now. */
const endsIn = async (page, seconds) => forge(page, resealed(await state(page), 'form', { t: Math.floor(Date.now() / 1000) + seconds }));

await scenario('expired form', async (context, report) => {
  const page = await begun(context);
  await endsIn(page, -1);
  await signIn(page, alice);
  report.equal('sign-in', await heading(page), 'This form has expired');
  await page.click('a.button');
  report.equal('nobody was signed in', await heading(page), 'Sign in');
  await endsIn(page, 60);
  await signIn(page, alice);
  report.equal('one that has a minute left works', await heading(page), 'Web page asks for access to your Gatehouse account');
  await endsIn(page, -1);
  const [answer] = await Promise.all([page.waitForResponse((r) => r.request().method() === 'POST'), press(page, 'allow')]);
  report.equal('consent: nothing is granted', [answer.status(), answer.headers().location, await heading(page)], [400, undefined, 'This form has expired']);
  report.equal('it says what to do', await page.textContent('a.button'), 'Start again');
  await page.click('a.button');
  await press(page, 'allow');
  report.equal('started again', (await finish(page)).scope, 'read write');
});

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

await browser.close();
app.close();
framing.close();
