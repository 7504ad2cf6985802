// How each page looks on phone and desktop, light and dark, and what a screen
// reader makes of it.

import { serveApp } from './app.mjs';
import { GATEHOUSE, STRANGER, browser, examine, looks, scenario, stage, withServer } from './harness.mjs';
import { alice, bob, codeRequest, forge, press, signIn, stateOfAnother, threeLegged } from './person.mjs';

const app = await serveApp();

const visit = async (context, url) => {
  const page = await context.newPage();
  await page.goto(url);
  return page;
};
const pathTo = (query) => `${GATEHOUSE}/oauth/authorize?${query}`;

/** A consent page that is answered after another tab signed out, or somebody else in. */
async function overtaken(context, other) {
  const [page, tab] = [await visit(context, codeRequest().url), await visit(context, codeRequest().url)];
  await signIn(page, alice);
  await signIn(tab, alice);
  await press(tab, 'switch');
  await tab.waitForSelector('[name=username]');
  if (other) await signIn(tab, other);
  await tab.close();
  await press(page, 'allow');
  return page;
}

const reaching = {
  'sign-in': (context) => visit(context, codeRequest().url),
  'wrong-password': async (context) => {
    const page = await visit(context, codeRequest().url);
    await signIn(page, ['bob', 'wrong']);
    return page;
  },
  'nothing-typed': async (context) => {
    const page = await visit(context, codeRequest().url);
    await page.$eval('form', (form) => { form.noValidate = true; });
    await press(page, 'sign-in');
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
  'signed-out': (context) => overtaken(context),
  'other-user': (context) => overtaken(context, bob),
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
  'wrong-method': async (context) => {
    const page = await context.newPage();
    await page.route('**', (route) => route.continue({ method: 'PUT' }));
    await page.goto(codeRequest().url);
    return page;
  },
  'unknown-app': (context) => visit(context, pathTo('client_id=unknown&response_type=code')),
  'wrong-address': (context) => visit(context, codeRequest({ redirect_uri: `${STRANGER}/` }).url),
  'request-over': (context) => visit(context, pathTo('oauth_token=junk')),
};

// What a page says that tells it from the others.
const saying = {
  'nothing-typed': 'Type your username',
  'signed-out': 'Your sign-in has ended',
  'other-user': 'Another account was signed in',
  'wrong-method': 'cannot be asked for in this way',
};

for (const [look, options] of Object.entries(looks)) {
  await scenario(look, async (context, report) => {
    for (const [name, reach] of Object.entries(reaching)) {
      await context.clearCookies();
      const page = await reach(context);
      if (saying[name]) report.equal(`${name}: reached`, (await page.textContent('main')).includes(saying[name]), true);
      await examine(report, page, name, look);
      await page.close();
    }
  }, options);
}

// An operator's own look: a name that HTML has to escape, a colour that wants dark text and one that wants light.
const operator = { DISPLAY_NAME: 'Bücher & Söhne <Leihbibliothek>', ACCENT_COLOR: '#ffcc00', ACCENT_COLOR_DARK: '#6a1b9a' };
const button = { light: 'rgb(255, 204, 0)', dark: 'rgb(106, 27, 154)' };

for (const [look, options] of Object.entries(looks)) {
  await scenario(`operator's ${look}`, (context, report) => withServer(operator, async (address) => {
    const { url } = codeRequest({ redirect_uri: address });
    const page = await visit(context, url.replace(GATEHOUSE, address + stage));
    await page.waitForSelector('[name=username]');
    report.equal('name', [await page.textContent('header'), await page.title()], [operator.DISPLAY_NAME, `Sign in – ${operator.DISPLAY_NAME}`]);
    report.equal('colour', await page.$eval('button.main', (main) => getComputedStyle(main).backgroundColor), button[options.colorScheme]);
    await examine(report, page, 'operator-sign-in', look);
    await signIn(page, alice);
    await examine(report, page, 'operator-consent', look);
  }), options);
}

await browser.close();
app.close();
