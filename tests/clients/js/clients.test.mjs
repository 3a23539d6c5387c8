// The JavaScript SDK v3, unmodified, against the server at AWS_ENDPOINT_URL.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import test from "node:test";

import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { EC2 } from "@aws-sdk/client-ec2";
import { IAM } from "@aws-sdk/client-iam";
import { Kinesis } from "@aws-sdk/client-kinesis";
import { Lambda } from "@aws-sdk/client-lambda";
import { S3, S3Client, waitUntilBucketExists } from "@aws-sdk/client-s3";
import { SNS } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";
import { STS } from "@aws-sdk/client-sts";
import { DynamoDBDocument } from "@aws-sdk/lib-dynamodb";
import { Upload } from "@aws-sdk/lib-storage";

const options = { region: "eu-west-1", maxAttempts: 1 };

test("who am I", async () => {
  const told = await new STS(options).getCallerIdentity({});
  assert.equal(told.Account, process.env.AWS_ACCESS_KEY_ID);
});

test("a queue and a topic", async () => {
  const sqs = new SQS(options);
  const sns = new SNS(options);
  const { QueueUrl } = await sqs.createQueue({ QueueName: "js-jobs" });
  await sqs.sendMessage({ QueueUrl, MessageBody: "hello", MessageAttributes: { n: { DataType: "Number", StringValue: "1" } } });
  const got = await sqs.receiveMessage({ QueueUrl, MessageAttributeNames: ["All"], WaitTimeSeconds: 1 });
  assert.equal(got.Messages[0].Body, "hello");
  assert.equal(got.Messages[0].MessageAttributes.n.StringValue, "1");
  await sqs.deleteMessage({ QueueUrl, ReceiptHandle: got.Messages[0].ReceiptHandle });
  const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["QueueArn"] });
  const { TopicArn } = await sns.createTopic({ Name: "js-news" });
  await sns.subscribe({ TopicArn, Protocol: "sqs", Endpoint: Attributes.QueueArn, Attributes: { RawMessageDelivery: "true" } });
  await sns.publish({ TopicArn, Message: "news" });
  const news = await sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 2 });
  assert.equal(news.Messages[0].Body, "news");
  await assert.rejects(sqs.sendMessage({ QueueUrl: QueueUrl + "-no", MessageBody: "x" }),
    (e) => e.name === "QueueDoesNotExist");
});

test("a table, through the document client", async () => {
  const plain = new DynamoDB(options);
  const doc = DynamoDBDocument.from(plain);
  await plain.createTable({
    TableName: "js-orders", BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }], KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  });
  await doc.put({ TableName: "js-orders", Item: { id: "1", total: 9.5, lines: [{ sku: "a", n: 2 }], paid: true } });
  const { Item } = await doc.get({ TableName: "js-orders", Key: { id: "1" } });
  assert.deepEqual(Item, { id: "1", total: 9.5, lines: [{ sku: "a", n: 2 }], paid: true });
  await assert.rejects(
    doc.put({ TableName: "js-orders", Item: { id: "1" }, ConditionExpression: "attribute_not_exists(id)" }),
    (e) => e.name === "ConditionalCheckFailedException");
});

test("a stream, by HTTP/2", async () => {
  const kinesis = new Kinesis(options);
  assert.equal(kinesis.config.requestHandler.metadata.handlerProtocol, "h2");
  const StreamName = "js-clicks";
  await kinesis.createStream({ StreamName, ShardCount: 1 });
  const { StreamDescriptionSummary: { StreamARN } } = await kinesis.describeStreamSummary({ StreamName });
  const { ShardId, SequenceNumber } = await kinesis.putRecord({ StreamName, PartitionKey: "a", Data: Buffer.from("one") });
  const { ShardIterator } = await kinesis.getShardIterator({ StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" });
  const got = await kinesis.getRecords({ ShardIterator });
  assert.deepEqual(got.Records.map((r) => [Buffer.from(r.Data).toString(), r.SequenceNumber]), [["one", SequenceNumber]]);

  const { Consumer } = await kinesis.registerStreamConsumer({ StreamARN, ConsumerName: "reader" });
  const { EventStream } = await kinesis.subscribeToShard({
    ConsumerARN: Consumer.ConsumerARN, ShardId, StartingPosition: { Type: "TRIM_HORIZON" } });
  const seen = [];
  for await (const { SubscribeToShardEvent } of EventStream) {
    for (const { Data } of SubscribeToShardEvent.Records) seen.push(Buffer.from(Data).toString());
    if (seen.length === 1) await kinesis.putRecord({ StreamName, PartitionKey: "a", Data: Buffer.from("two") });
    if (seen.length >= 2) break;
  }
  assert.deepEqual(seen, ["one", "two"]);
  const many = await Promise.all(Array.from({ length: 150 }, () => kinesis.describeStreamSummary({ StreamName })));
  assert.ok(many.every((told) => told.StreamDescriptionSummary.StreamARN === StreamARN));
  await kinesis.deleteStream({ StreamName, EnforceConsumerDeletion: true });
  await assert.rejects(kinesis.describeStreamSummary({ StreamName }), (e) => e.name === "ResourceNotFoundException");
  kinesis.destroy();
});

for (const forcePathStyle of [true, false]) {
  test(`a bucket, ${forcePathStyle ? "path" : "host"} style`, async () => {
    // A `*.localhost` name does not resolve everywhere; connect to the loopback address and keep the Host.
    const lookup = (_host, o, done) => (o.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4));
    const { NodeHttpHandler } = await import("@smithy/node-http-handler");
    const { Agent } = await import("node:http");
    const s3 = new S3({ ...options, forcePathStyle, requestHandler: new NodeHttpHandler({ httpAgent: new Agent({ lookup }) }) });
    const Bucket = `js-${forcePathStyle ? "path" : "host"}-${process.env.AWS_ACCESS_KEY_ID}`;
    await s3.createBucket({ Bucket, CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } });
    await waitUntilBucketExists({ client: s3, minDelay: 1, maxWaitTime: 5 }, { Bucket });
    await s3.putObject({ Bucket, Key: "a/b c+é.txt", Body: "content", Metadata: { colour: "red" }, ContentType: "text/plain" });
    const got = await s3.getObject({ Bucket, Key: "a/b c+é.txt" });
    assert.equal(await got.Body.transformToString(), "content");
    assert.equal(got.Metadata.colour, "red");
    const big = Buffer.alloc(6 * 1024 * 1024, "x");
    await new Upload({ client: s3, params: { Bucket, Key: "big", Body: Readable.from([big.subarray(0, 3e6), big.subarray(3e6)]) } }).done();
    assert.equal((await s3.headObject({ Bucket, Key: "big" })).ContentLength, big.length);
    const listed = await s3.listObjectsV2({ Bucket });
    assert.deepEqual(listed.Contents.map((o) => o.Key), ["a/b c+é.txt", "big"]);
    await s3.deleteObjects({ Bucket, Delete: { Objects: listed.Contents.map(({ Key }) => ({ Key })) } });
    await s3.deleteBucket({ Bucket });
    assert.ok(s3 instanceof S3Client);
  });
}

test("a role, a function, a network, a metric", async () => {
  const iam = new IAM(options);
  const trust = JSON.stringify({ Version: "2012-10-17", Statement: [
    { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }] });
  const { Role } = await iam.createRole({ RoleName: "js-role", AssumeRolePolicyDocument: trust });
  assert.equal(decodeURIComponent(Role.AssumeRolePolicyDocument), trust);
  await assert.rejects(iam.createRole({ RoleName: "js-role", AssumeRolePolicyDocument: trust }),
    (e) => e.name === "EntityAlreadyExistsException");

  const lambda = new Lambda(options);
  await assert.rejects(lambda.getFunction({ FunctionName: "none" }), (e) => e.name === "ResourceNotFoundException");

  const ec2 = new EC2(options);
  const { Vpc } = await ec2.createVpc({ CidrBlock: "10.0.0.0/16" });
  const { Subnet } = await ec2.createSubnet({ VpcId: Vpc.VpcId, CidrBlock: "10.0.1.0/24" });
  assert.equal(Subnet.AvailableIpAddressCount, 251);

  const cloudwatch = new CloudWatch(options);
  const at = new Date(Math.floor(Date.now() / 60000) * 60000);
  await cloudwatch.putMetricData({ Namespace: "Js", MetricData: [{ MetricName: "n", Value: 2, Timestamp: at }] });
  const told = await cloudwatch.getMetricData({
    StartTime: at, EndTime: new Date(at.getTime() + 60000),
    MetricDataQueries: [{ Id: "q", MetricStat: { Metric: { Namespace: "Js", MetricName: "n" }, Period: 60, Stat: "Sum" } }],
  });
  assert.deepEqual(told.MetricDataResults[0].Values, [2]);
});
