// What only the program can do, since a page cannot keep a secret.
import { send } from './log.js';

/** order has the program do what it does at a path, and returns its answer. */
export async function order(path, body) {
  const response = await send(`demo/${path}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error_description);
  return answer;
}
