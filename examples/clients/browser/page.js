// Signs the user in, calls the API, and signs out. The session is refreshed by itself,
// once for all tabs.
'use strict';

const show = (id, text) => { document.getElementById(id).value = text; };

// In this tab and in the others: whoever signs in or out in one does so in all.
const gatehouse = new Gatehouse({ client: 'web', scope: 'read', onchange: render });

async function render() {
  document.getElementById('in').hidden = gatehouse.session !== null;
  document.getElementById('out').hidden = gatehouse.session === null;
  if (gatehouse.session === null) return show('who', 'Nobody is signed in.');
  const answer = await gatehouse.fetch(`${gatehouse.base}/oauth/session`); // or any route of your API
  return show('who', answer.ok ? `Hello, ${(await answer.json()).user_name}!` : `The API answers ${answer.status}.`);
}

const complain = (error) => show('who', error.code === 'access_denied' ? 'You did not allow it.' : error.description);

document.getElementById('in').onclick = () => gatehouse.redirect().catch(complain);
document.getElementById('out').onclick = () => gatehouse.signOut();

// Back from the sign-in page, the code is exchanged for tokens; else nothing happens.
gatehouse.completed().then(render, async (error) => { await render(); complain(error); });
