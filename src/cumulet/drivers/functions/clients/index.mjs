// Runs a Node.js function: asks the Runtime API for events over one connection, calls the handler, answers.

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';
import {format} from 'node:util';

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({keepAlive: true, maxSockets: 1});
const root = process.env.LAMBDA_TASK_ROOT;
let request = '';

function ask(method, where, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const options = {host, port, method, agent, path: '/2018-06-01/runtime/' + where, headers};
    if (body !== undefined) headers['Content-Length'] = Buffer.byteLength(body);
    const asked = http.request(options, answer => {
      const pieces = [];
      answer.on('data', piece => pieces.push(piece));
      answer.on('end', () => resolve({headers: answer.headers, body: Buffer.concat(pieces)}));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

// One write to standard output is one line's end; lines within an event end in \r.
function write(level, args) {
  const text = format(...args).replace(/\n/g, '\r');
  fs.writeSync(1, `${new Date().toISOString()}\t${request || 'undefined'}\t${level}\t${text}\n`);
}
for (const [name, level] of [['log', 'INFO'], ['info', 'INFO'], ['debug', 'DEBUG'], ['trace', 'TRACE'], ['warn', 'WARN'],
  ['error', 'ERROR']]) console[name] = (...args) => write(level, args);

function explained(error) {
  if (error instanceof Error) {
    return {errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n')};
  }
  return {errorType: typeof error, errorMessage: String(error), trace: []};
}

class Fault extends Error {
  constructor(name, message) { super(message); this.name = name; }
}

async function load() {
  const handler = process.env._HANDLER;
  const dot = handler.lastIndexOf('.');
  if (dot < 0 || handler.includes('..')) throw new Fault('Runtime.MalformedHandlerName', 'Bad handler');
  const folder = path.resolve(root, path.dirname(handler));
  const [name, ...keys] = path.basename(handler).split('.');
  const base = path.join(folder, name);
  const found = ['', '.js', '.mjs', '.cjs'].map(end => base + end).find(file => fs.existsSync(file) && fs.statSync(file).isFile());
  let module;
  try {
    if (found === undefined) {
      module = createRequire(path.join(root, 'index.js'))(base);
    } else if (found.endsWith('.mjs')) {
      module = await import(pathToFileURL(found).href);
    } else {
      try {
        module = createRequire(found)(found);
      } catch (error) {
        if (error.code !== 'ERR_REQUIRE_ESM' && !/Cannot use import statement|Unexpected token 'export'/.test(error.message)) throw error;
        module = await import(pathToFileURL(found).href);
      }
    }
  } catch (error) {
    if (error instanceof SyntaxError) throw new Fault('Runtime.UserCodeSyntaxError', String(error));
    if (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_MODULE_NOT_FOUND') {
      throw new Fault('Runtime.ImportModuleError', 'Error: ' + error.message.split('\n')[0]);
    }
    throw error;
  }
  let value = module;
  for (const key of keys) value = value?.[key] ?? value?.default?.[key];
  if (value === undefined) throw new Fault('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  if (typeof value !== 'function') throw new Fault('Runtime.HandlerNotFound', `${handler} is not a function`);
  return value;
}

function called(handler, event, headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const client = headers['lambda-runtime-client-context'];
  return new Promise((resolve, reject) => {
    const context = {
      awsRequestId: request,
      callbackWaitsForEmptyEventLoop: true,
      clientContext: client ? JSON.parse(client) : undefined,
      functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
      functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
      invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
      logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
      logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
      memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
      succeed: resolve,
      fail: reject,
      done: (error, result) => error ? reject(error) : resolve(result),
    };
    const result = handler(event, context, context.done);
    if (result && typeof result.then === 'function') result.then(resolve, reject);
    else if (handler.length < 3 && !handler[STREAMING] && result !== undefined) resolve(result);
    else if (handler.length < 2) resolve(null);
  });
}

// awslambda.streamifyResponse: the handler writes to a stream whose pieces go to the caller as they come.
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const PRELUDE_END = Buffer.alloc(8);
globalThis.awslambda = {
  streamifyResponse(handler) { handler[STREAMING] = 'response'; return handler; },
  HttpResponseStream: {
    from(stream, prelude) {
      stream.setContentType('application/vnd.awslambda.http-integration-response');
      stream.write(JSON.stringify(prelude));
      stream.write(PRELUDE_END);
      return stream;
    },
  },
};

async function streamed(handler, event, headers) {
  const out = http.request({
    host, port, agent, method: 'POST', path: `/2018-06-01/runtime/invocation/${request}/response`,
    headers: {'Lambda-Runtime-Function-Response-Mode': 'streaming', 'Transfer-Encoding': 'chunked',
      Trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body'},
  });
  out.setContentType = type => { if (!out.headersSent) out.setHeader('Content-Type', type); };
  const answered = new Promise((resolve, reject) => {
    out.on('response', answer => { answer.resume(); answer.on('end', resolve); });
    out.on('error', reject);
  });
  const context = {awsRequestId: request, functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    getRemainingTimeInMillis: () => Math.max(0, Number(headers['lambda-runtime-deadline-ms']) - Date.now())};
  try {
    await handler(event, out, context);
    if (!out.writableEnded) out.end();
  } catch (error) {
    const said = explained(error);
    write('ERROR', ['Invoke Error', JSON.stringify(said)]);
    if (!out.headersSent) out.flushHeaders();
    out.addTrailers({'Lambda-Runtime-Function-Error-Type': said.errorType,
      'Lambda-Runtime-Function-Error-Body': Buffer.from(JSON.stringify(said)).toString('base64')});
    out.end();
  }
  await answered;
}

process.on('uncaughtException', error => fatal('Uncaught Exception', error));
process.on('unhandledRejection', error => fatal('Unhandled Promise Rejection', new Fault('Runtime.UnhandledPromiseRejection', String(error))));

async function fatal(what, error) {
  const said = explained(error);
  write('ERROR', [what, JSON.stringify(said)]);
  await ask('POST', request ? `invocation/${request}/error` : 'init/error', JSON.stringify(said),
    {'Lambda-Runtime-Function-Error-Type': said.errorType}).catch(() => {});
  process.exit(request ? 129 : 1);
}

let handler;
try {
  handler = await load();
} catch (error) {
  await fatal('Uncaught Exception', error);
}
for (;;) {
  const {headers, body} = await ask('GET', 'invocation/next');
  request = headers['lambda-runtime-aws-request-id'];
  process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] ?? '';
  try {
    const event = JSON.parse(body);
    if (handler[STREAMING]) {
      await streamed(handler, event, headers);
      continue;
    }
    const result = await called(handler, event, headers);
    await ask('POST', `invocation/${request}/response`, JSON.stringify(result === undefined ? null : result));
  } catch (error) {
    const said = explained(error);
    write('ERROR', ['Invoke Error', JSON.stringify(said)]);
    await ask('POST', `invocation/${request}/error`, JSON.stringify(said), {'Lambda-Runtime-Function-Error-Type': said.errorType});
  }
}
