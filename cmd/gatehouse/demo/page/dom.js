// Small helpers to build the page. Text is set as text, never as HTML.

/** find returns the element called id. */
export const find = (id) => document.getElementById(id);

/** make returns an element of a class, with texts and elements in it. */
export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** describe fills a description list with pairs of a term and a text. */
export function describe(list, pairs) {
  list.replaceChildren(...pairs.map(([term, text]) => make('div', '', make('dt', '', term), make('dd', '', text))));
}

/** say writes a line for the user: good news, or what went wrong. */
export function say(id, text, good = true) {
  const line = find(id);
  line.textContent = text;
  line.classList.toggle('bad', !good);
}

/** complain says what went wrong. */
export function complain(id, failure) {
  const text = failure.description || failure.message || 'the server refused, and did not say why';
  say(id, text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.'), false);
}

/** attempt runs act for a click on control, which waits meanwhile. The focus stays, or goes to the section's heading. */
export async function attempt(id, control, act) {
  const heading = control.closest('section').querySelector('h2');
  say(id, '');
  control.disabled = true;
  try {
    await act();
  } catch (failure) {
    complain(id, failure);
  } finally {
    control.disabled = false;
    const lost = document.activeElement.offsetParent === null;
    if (lost) (control.offsetParent ? control : heading).focus({ preventScroll: true });
  }
}

/** onSubmit has a form's fields sent by script. */
export function onSubmit(id, message, act) {
  const form = find(id);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    attempt(message, form.querySelector('button'), async () => {
      await act(form.elements.username.value, form.elements.password.value);
      form.reset();
    });
  });
}

/** onClick runs act for each click on the button called id. */
export function onClick(id, message, act) {
  find(id).addEventListener('click', (event) => attempt(message, event.currentTarget, act));
}

/** when words a time in epoch seconds. */
export function when(seconds) {
  return new Date(seconds * 1000).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
}

/** until words an expiry in epoch seconds; 0 is never. */
export function until(seconds) {
  return seconds ? `until ${when(seconds)}` : 'without an end';
}

/** short leaves of a token what tells it from others. */
export function short(token) {
  return token.length > 20 ? `${token.slice(0, 10)}…${token.slice(-4)}` : token;
}
