// The page of examples/clients/browser: signs in on the server's pages, calls the API,
// refreshes by itself, signs out in all tabs, and says what went wrong.

import { readFileSync } from 'node:fs';
import { APP, GATEHOUSE, browser, listen, scenario } from './harness.mjs';
import { alice, press, signIn } from './person.mjs';

/** The files as their reader would have them, with the address of the API. */
const file = (name, type) => ({
  headers: { 'Content-Type': type },
  body: readFileSync(`${process.env.EXAMPLE}/${name}`, 'utf8').replaceAll('https://api.example.com/prod', GATEHOUSE)
    .replaceAll('https://api.example.com', new URL(GATEHOUSE).origin),
});
const files = { '/notes/': file('index.html', 'text/html'), '/notes/page.js': file('page.js', 'text/javascript') };
const app = await listen(APP, ({ url }) => files[url.split('?')[0]]);

async function open(context) {
  const page = await context.newPage();
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(error.message));
  page.on('console', (line) => { if (line.text().includes('Content Security Policy')) page.complaints.push(line.text()); });
  await page.goto(`${APP}/notes/`);
  return page;
}

const button = (page, name) => page.getByRole('button', { name });
const says = (page, text) => page.waitForFunction((wanted) => document.getElementById('who').value === wanted, text);

/** Through the server's pages and back, by pressing an answer. */
async function through(page, choice) {
  await button(page, 'Sign in').click();
  await page.waitForURL(`${GATEHOUSE}/oauth/authorize?**`);
  await signIn(page, alice);
  await press(page, choice);
  await page.waitForURL(({ href }) => href.startsWith(`${APP}/notes/`));
}

await scenario('example page: signing in and out', async (context, report) => {
  const page = await open(context);
  await says(page, 'Nobody is signed in.');
  report.equal('what is offered', [await button(page, 'Sign in').isVisible(), await button(page, 'Sign out').isVisible()], [true, false]);
  await through(page, 'allow');
  await says(page, 'Hello, alice!');
  report.equal('the address has no code', page.url(), `${APP}/notes/`);
  const other = await open(context);
  await says(other, 'Hello, alice!');
  await page.evaluate(() => gatehouse.refresh());
  await page.reload();
  await says(page, 'Hello, alice!');
  await button(page, 'Sign out').click();
  for (const tab of [page, other]) await says(tab, 'Nobody is signed in.');
  report.equal('complaints', [...page.complaints, ...other.complaints], []);
});

await scenario('example page: denied', async (context, report) => {
  const page = await open(context);
  await through(page, 'deny');
  await says(page, 'You did not allow it.');
  report.equal('signing in is offered again', await button(page, 'Sign in').isVisible(), true);
  report.equal('complaints', page.complaints, []);
});

await browser.close();
app.close();
