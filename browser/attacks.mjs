// Attacks on the browser script: a dishonest server as its base, and markup
// that would have the script come from one. The stranger is that server.

import { attempt, form, html, open, origin, serveApp, submit, tag } from './app.mjs';
import { APP, GATEHOUSE, STRANGER, browser, listen, scenario } from './harness.mjs';
import { alice, press, signIn } from './person.mjs';

const lure = `src="${STRANGER}/oauth/client.js" data-client="web"`;
const clobbering = {
  '/img': `<img name="currentScript" ${lure} alt="">`,
  '/img-with-id': `<img id="currentScript" name="picture" ${lure} alt="">`,
  '/embed': `<embed name="currentScript" ${lure}>`,
  '/form': `<form name="currentScript" data-client="web"><input name="src" value="${STRANGER}/oauth/client.js"></form>`,
};
const app = await serveApp(Object.fromEntries(Object.entries(clobbering).map(([path, markup]) =>
  [path, html(origin, form('') + markup + tag('data-client="web"'))])));

const evil = { heard: [], issuer: undefined }; // what the stranger heard, and who it says it is

// Who would sign in at the stranger is sent on to the honest server, and the
// stranger hopes for the code of that.
const stranger = await listen(STRANGER, ({ url, text }) => {
  evil.heard.push(url + text);
  const [path, query] = url.split('?');
  if (path === '/oauth/authorize') return { status: 303, headers: { Location: `${GATEHOUSE}/oauth/authorize?${query}` } };
  return { headers: { 'Access-Control-Allow-Origin': '*' }, body: JSON.stringify({ issuer: evil.issuer }) };
});

await scenario('a server that poses as the honest one', async (context, report) => {
  Object.assign(evil, { heard: [], issuer: GATEHOUSE });
  const page = await open(context, { base: STRANGER });
  report.equal('redirect', (await attempt(page, 'redirect')).code, 'invalid_issuer');
  report.equal('the page stays', page.url(), `${APP}/plain`);
  report.equal('it was asked for its metadata alone', evil.heard, ['/.well-known/oauth-authorization-server']);
});

await scenario('a server that sends users to the honest one', async (context, report) => {
  Object.assign(evil, { heard: [], issuer: STRANGER });
  const page = await open(context, { base: STRANGER });
  await attempt(page, 'redirect');
  await page.waitForURL(`${GATEHOUSE}/oauth/authorize?**`);
  await signIn(page, alice);
  await press(page, 'allow');
  await page.waitForURL(`${APP}/plain?*code=*`);
  await page.evaluate((base) => { window.gatehouse = new Gatehouse({ client: 'web', base }); }, STRANGER);
  report.equal('completed', (await attempt(page, 'completed')).code, 'invalid_issuer');
  const paths = evil.heard.map((text) => text.split('?')[0]);
  report.equal('it gets no code or verifier', paths, ['/.well-known/oauth-authorization-server', '/oauth/authorize']);
});

for (const path of Object.keys(clobbering)) {
  await scenario(`currentScript clobbered at ${path}`, async (context, report) => {
    evil.heard = [];
    const page = await context.newPage();
    await page.goto(APP + path);
    report.equal('the form finds no server', (await submit(page, 'correct horse')).json.error, 'invalid_request');
    const { scope } = await page.evaluate((base) => new Gatehouse({ client: 'web', base }).signIn('alice', 'correct horse'), GATEHOUSE);
    report.equal('a base that is given works', scope, 'read write');
    report.equal('the stranger hears nothing', evil.heard, []);
  });
}

await browser.close();
app.close();
stranger.close();
