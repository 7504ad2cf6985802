// What the contenders in Node have in common: see package contender.
import { readFileSync } from 'node:fs';

const processorTime = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
};

async function prove({ right, wrong, renew }) {
  if (!await right(0)) throw new Error('what is right is refused');
  if (renew && await right(0)) throw new Error('a nonce is accepted twice');
  if (wrong.length === 0) throw new Error('there is nothing wrong to refuse');
  for (const [number, each] of wrong.entries()) {
    if (await each()) throw new Error(`wrong request ${number} is accepted`);
  }
}

// What has no promise is not made to wait for one.
async function batches({ right, renew, waits }, batch, least) {
  let time = 0, count = 0;
  while (time < least * 1e9 || count === 0) {
    renew?.();
    const began = processorTime();
    for (let n = 0; n < batch; n++) {
      const accepted = waits ? await right(n) : right(n);
      if (!accepted) throw new Error(`request ${n} is refused`);
    }
    time += processorTime() - began;
    count += batch;
  }
  return { ns: time / count, allocs: null, count };
}

export async function main(makers) {
  const turn = JSON.parse(readFileSync(0, 'utf8'));
  const maker = makers[turn.work];
  if (!maker) throw new Error(`this program does not do ${turn.work}`);
  const subject = maker(turn);
  await prove(subject);
  const batch = turn.right?.length || 256;
  await batches(subject, batch, turn.warm);
  console.log(JSON.stringify(await batches(subject, batch, turn.take)));
}
