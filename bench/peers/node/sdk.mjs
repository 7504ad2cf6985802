// A Lambda function that reads an item of DynamoDB with the SDK as its guide has
// it. The loop is shorter than that of Lambda's own runtime.
import http from 'node:http';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const client = new DynamoDBClient({});

async function handler() {
  await client.send(new GetItemCommand({ TableName: process.env.SESSIONS_TABLE, Key: { id: { S: '1' } } }));
  return { Effect: 'Allow' };
}

const ask = (method, path, body) => new Promise((resolve, reject) => {
  const request = http.request(api + path, { method }, (answer) => {
    const chunks = [];
    answer.on('data', (chunk) => chunks.push(chunk));
    answer.on('end', () => resolve([answer.headers, Buffer.concat(chunks).toString()]));
  });
  request.on('error', reject);
  request.end(body);
});

for (;;) {
  const [headers, event] = await ask('GET', '/next');
  const answer = await handler(JSON.parse(event));
  await ask('POST', `/${headers['lambda-runtime-aws-request-id']}/response`, JSON.stringify(answer));
}
