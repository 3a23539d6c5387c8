// Node: `npm install`, `npm test`. The SDK finds the server by the variables that `cumulet exec` sets.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { beforeEach, test } from "node:test";

import { S3 } from "@aws-sdk/client-s3";
import { SQS } from "@aws-sdk/client-sqs";

const control = (path, body) => fetch(`${process.env.AWS_ENDPOINT_URL}/_cumulet/${path}`,
  body && { method: "POST", body: JSON.stringify(body) }).then((answer) => answer.json());

let s3, sqs, account;

// Each test works in an account of its own: the access key says which.
beforeEach(() => {
  account = String(randomInt(1e11, 1e12 / 4));
  const options = { region: "us-east-1", credentials: { accessKeyId: account, secretAccessKey: "test" } };
  s3 = new S3({ ...options, forcePathStyle: true });
  sqs = new SQS(options);
});

test("an object comes back", async () => {
  await s3.createBucket({ Bucket: "greetings" });
  await s3.putObject({ Bucket: "greetings", Key: "ann", Body: "hello" });
  const { Body } = await s3.getObject({ Bucket: "greetings", Key: "ann" });
  assert.equal(await Body.transformToString(), "hello");
  const { calls } = await control("calls?service=s3");
  assert.deepEqual(calls.filter((call) => call.account === account).map((call) => call.operation),
    ["CreateBucket", "PutObject", "GetObject"]);
});

test("a message comes when its time has come", async () => {
  const { QueueUrl } = await sqs.createQueue({ QueueName: "later" });
  await sqs.sendMessage({ QueueUrl, MessageBody: "hello", DelaySeconds: 600 });
  assert.equal((await sqs.receiveMessage({ QueueUrl })).Messages, undefined);
  await control("time", { advance: 600 });
  assert.equal((await sqs.receiveMessage({ QueueUrl })).Messages[0].Body, "hello");
});
