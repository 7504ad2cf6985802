// How each page looks on phone and desktop, light and dark, and what a screen
// reader makes of it.

import { serveApp } from './app.mjs';
import { GATEHOUSE, STRANGER, browser, examine, looks, scenario } from './harness.mjs';
import { alice, codeRequest, forge, press, signIn, stateOfAnother, threeLegged } from './person.mjs';

const app = await serveApp();

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
