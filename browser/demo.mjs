// The demo page of `gatehouse serve`, at a server of its own without a seed
// file: both protocols, both ways to sign in, and how the page looks.

import { browser, examine, looks, scenario, stage, withServer } from './harness.mjs';

/** Runs one scenario with a server of its own; address is the one that it tells people to open. */
const demo = (name, run, options) => scenario(`demo: ${name}`, (context, report) =>
  withServer({}, (address) => run(context, report, address)), options);

/** The demo page in a new tab, and what the browser complains of there. */
async function open(context, address) {
  const page = await context.newPage();
  page.complaints = [];
  page.on('console', (line) => { if (['error', 'warning'].includes(line.type())) page.complaints.push(line.text()); });
  page.on('pageerror', (error) => page.complaints.push(error.message));
  await page.goto(address);
  await ready(page);
  return page;
}

const ready = (page) => page.waitForSelector('#oauth2-out:visible, #oauth2-in:visible');
const button = (page, name) => page.getByRole('button', { name, exact: true });
const click = (page, name) => button(page, name).click();

/** Waits until the line called id says something, and returns that. */
async function message(page, id) {
  await page.waitForFunction((name) => document.getElementById(name).textContent !== '', id);
  return page.textContent(`#${id}`);
}

async function signIn(page, password = 'correct horse') {
  await page.fill('#oauth2-password [name=password]', password);
  await click(page, 'Sign in');
}

async function signInByXAuth(page) {
  await page.fill('#oauth1-password [name=password]', 'correct horse');
  await click(page, 'Sign in by xAuth');
  await page.waitForSelector('#oauth1-in:visible');
}

/** Goes through the server's own pages. */
async function through(page, choice) {
  await page.waitForURL('**/oauth/authorize?*');
  await page.fill('[name=username]', 'alice');
  await page.fill('[name=password]', 'correct horse');
  await page.click('[name=action][value=sign-in]');
  await page.waitForSelector(`[name=action][value=${choice}]`);
  const asks = await page.textContent('main');
  await page.click(`[name=action][value=${choice}]`);
  await page.waitForURL(({ pathname }) => pathname === '/');
  await ready(page);
  return asks;
}

/** A description list as an object. */
const facts = (page, list) => page.$$eval(`${list} > div`, (rows) => Object.fromEntries(rows.map((row) => [...row.children].map((cell) => cell.textContent))));

const sessions = (page) => page.$$eval('#sessions > li', (items) => items.map((item) => item.querySelector('b').textContent));
const count = (page, number) => page.waitForFunction((n) => document.querySelectorAll('#sessions > li').length === n, number);

await demo('password', async (context, report, address) => {
  const page = await open(context, address);
  await signIn(page, 'wrong');
  report.equal('a wrong password is said', /password/.test(await message(page, 'oauth2-message')), true);
  await signIn(page);
  await count(page, 1);
  const me = await facts(page, '#whoami');
  report.equal('who am I', [me.User, me.Client, me.Scope, me.Protocol], ['alice', 'web', 'read write', 'OAuth 2']);
  await click(page, 'Refresh the tokens');
  await message(page, 'oauth2-message');
  const after = await facts(page, '#whoami');
  report.equal('a refresh gives another token', [after['Access token'] === me['Access token'], after.Session], [false, me.Session]);
  await page.reload();
  await count(page, 1);
  await click(page, 'Sign out');
  report.equal('signed out', await message(page, 'oauth2-message'), 'You are signed out.');
  report.equal('the form is back', await button(page, 'Sign in').isVisible(), true);
  const traffic = await page.textContent('#traffic');
  report.equal('no password in the traffic', [traffic.includes('grant_type = password'), traffic.includes('correct horse')], [true, false]);
  report.equal('the browser complains of the wrong password alone', page.complaints.length, 1);
});

await demo('redirect', async (context, report, address) => {
  const page = await open(context, address);
  await click(page, 'Sign in by redirect');
  const asks = await through(page, 'allow');
  report.equal('the scopes have words', [asks.includes('See your notes'), asks.includes('Change your notes')], [true, true]);
  await count(page, 1);
  report.equal('signed in', (await facts(page, '#whoami')).User, 'alice');
  report.equal('the address is clean again', page.url(), address);
  const traffic = await page.textContent('#traffic');
  report.equal('the traffic has each step', ['code_verifier = ', 'is back', 'leaves'].map((text) => traffic.includes(text)), [true, true, true]);
  report.equal('the browser complains of nothing', page.complaints, []);
});

await demo('denied', async (context, report, address) => {
  const page = await open(context, address);
  await click(page, 'Sign in by redirect');
  await through(page, 'deny');
  report.equal('it is said', [(await message(page, 'oauth2-message')).length > 0, await page.isVisible('#oauth2-out')], [true, true]);
});

await demo('sessions', async (context, report, address) => {
  const page = await open(context, address);
  await signIn(page);
  await count(page, 1);
  await signInByXAuth(page);
  await count(page, 2);
  report.equal('both protocols', await sessions(page), ['OAuth 1.0, client demo', 'OAuth 2, client web']);
  await page.locator('#sessions > li', { hasText: 'OAuth 1.0' }).getByRole('button').click();
  await count(page, 1);
  await click(page, 'Send a signed request');
  report.equal('an ended token is refused', (await page.waitForSelector('.answer')) && (await page.textContent('.answer')).startsWith('401'), true);
  await click(page, 'End all of them');
  report.equal('signed out everywhere', await message(page, 'oauth2-message'), 'You are signed out everywhere.');
  report.equal('this page too', await page.isVisible('#oauth2-out'), true);
});

await demo('two tabs', async (context, report, address) => {
  const [one, two] = [await open(context, address), await open(context, address)];
  await signIn(one);
  await Promise.all([count(one, 1), count(two, 1)]); // a list on its way would be refused
  await click(two, 'Sign out');
  await one.waitForSelector('#oauth2-out:visible');
  report.equal('follow each other', one.complaints.concat(two.complaints), []);
});

for (const method of ['HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512']) {
  await demo(`xAuth by ${method}`, async (context, report, address) => {
    const page = await open(context, address);
    await page.selectOption('#method', method);
    await signInByXAuth(page);
    report.equal('signed in', (await facts(page, '#oauth1-token')).User, 'alice');
    await click(page, 'Send a signed request');
    await page.waitForSelector('.answer');
    const parts = await page.$$eval('#base > span', (spans) => spans.map((span) => decodeURIComponent(span.textContent)));
    report.equal('the base string', [...parts.slice(0, 2), parts[2].includes(`oauth_signature_method=${method}`)],
      ['GET', `${address}${stage && `${stage}/`}oauth/session`, true]);
    report.equal('accepted', await page.$$eval('.answer b', (all) => all.map((b) => b.textContent)), ['200']);
    await click(page, 'Send the very same request again');
    await page.waitForSelector('.answer.bad');
    report.equal('and refused the second time', await page.$$eval('.answer b', (all) => all.map((b) => b.textContent)), ['200', '401']);
    await click(page, 'Sign out');
    report.equal('signed out', [await message(page, 'oauth1-message'), await page.isVisible('#oauth1-out')], ['You are signed out.', true]);
  });
}

await demo('three legs', async (context, report, address) => {
  const page = await open(context, address);
  await click(page, 'Sign in by OAuth 1.0');
  await through(page, 'allow');
  report.equal('signed in', await message(page, 'oauth1-message'), 'You are signed in. Now send a signed request.');
  report.equal('the address is clean again', page.url(), address);
  await click(page, 'Send a signed request');
  await page.waitForSelector('.answer');
  report.equal('accepted', (await page.textContent('#answers')).includes('"user_name": "alice"'), true);
  await click(page, 'Exchange for OAuth 2');
  report.equal('exchanged', (await message(page, 'oauth1-message')).includes('OAuth 2 session'), true);
  report.equal('the browser complains of nothing', page.complaints, []);
});

await demo('three legs, denied', async (context, report, address) => {
  const page = await open(context, address);
  await click(page, 'Sign in by OAuth 1.0');
  await through(page, 'deny');
  report.equal('it is said', await message(page, 'oauth1-message'), 'You did not allow it, so there is no token.');
});

for (const signedIn of [false, true]) {
  await demo(`diagnosis, signed ${signedIn ? 'in' : 'out'}`, async (context, report, address) => {
    const page = await open(context, address);
    if (signedIn) await signInByXAuth(page);
    for (const [name, sentence] of [['Signed with another scheme', 'signed with https'], ['Plus sign not encoded', 'send a plus sign as %2B'],
      ['Secrets the wrong way round', 'token secret was put before the client secret']]) {
      await click(page, name);
      report.equal(name, [(await message(page, 'doctor-message')).includes(sentence), await page.isVisible('#diagnosis')], [true, true]);
    }
    await page.fill('#request', 'hello');
    await click(page, 'Find the mistake');
    report.equal('what is no request is said', (await message(page, 'doctor-message')).includes('neither a curl command nor'), true);
    report.equal('the difference is gone', await page.isVisible('#diagnosis'), false);
  });
}

await demo('diagnosis of a request that was sent', async (context, report, address) => {
  const page = await open(context, address);
  await signInByXAuth(page);
  await click(page, 'Send a signed request');
  await page.waitForSelector('.answer');
  const header = (await page.textContent('#authorization')).replaceAll('\n', ' ');
  await page.fill('#request', `curl -H 'Authorization: ${header}' ${address}${stage && `${stage}/`}oauth/session`);
  await click(page, 'Find the mistake');
  report.equal('only its nonce is wrong', /^This oauth_nonce was used before/.test(await message(page, 'doctor-message')), true);
  await click(page, 'Sign out');
  await message(page, 'oauth1-message');
  await click(page, 'Find the mistake');
  report.equal('a token that was revoked is said', /revoked/.test(await message(page, 'doctor-message')), true);
});

await demo('by another name', async (context, report, address) => {
  const page = await open(context, address.replace('127.0.0.1', 'localhost'));
  await signInByXAuth(page);
  await click(page, 'Send a signed request');
  await page.waitForSelector('.answer');
  report.equal('signatures hold', await page.textContent('.answer b'), '200');
  await signIn(page);
  await count(page, 2);
});

for (const [look, options] of Object.entries(looks)) {
  await demo(look, async (context, report, address) => {
    const page = await open(context, address);
    await examine(report, page, 'demo-signed-out', look);
    await signIn(page);
    await count(page, 1);
    await signInByXAuth(page);
    await count(page, 2);
    await click(page, 'Send a signed request');
    await page.waitForSelector('.answer');
    await click(page, 'Send the very same request again');
    await page.waitForSelector('.answer.bad');
    await page.click('#traffic summary');
    await click(page, 'Plus sign not encoded');
    await message(page, 'doctor-message');
    await examine(report, page, 'demo-signed-in', look);
  }, options);
}

await demo('keyboard', async (context, report, address) => {
  const page = await open(context, address);
  const focused = () => page.evaluate(() => document.activeElement.textContent || document.activeElement.name);
  await page.focus('#oauth2-password [name=password]');
  await page.keyboard.type('wrong');
  await page.keyboard.press('Enter');
  await message(page, 'oauth2-message');
  report.equal('focus after a wrong password', await focused(), 'password');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('correct horse');
  await page.keyboard.press('Enter');
  await count(page, 1);
  await page.waitForFunction(() => document.activeElement.id === 'oauth2');
  report.equal('focus after signing in', await focused(), 'OAuth 2');
  await page.focus('#oauth2-refresh');
  await page.keyboard.press('Enter');
  await message(page, 'oauth2-message');
  await page.waitForFunction(() => document.activeElement.id === 'oauth2-refresh');
  report.equal('focus after a button that stays', await focused(), 'Refresh the tokens');
});

await demo('without script', async (context, report, address) => {
  const page = await context.newPage();
  await page.goto(address);
  report.equal('the page says that it needs one', (await page.textContent('noscript')).includes('JavaScript'), true);
}, { javaScriptEnabled: false });

await browser.close();
