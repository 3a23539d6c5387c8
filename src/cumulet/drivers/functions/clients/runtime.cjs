// Runs a Node.js function: asks the Runtime API for events over one raw socket, calls the handler, answers.
//
// Every start waits for it and every event passes it: no module loader beside CommonJS's, and no HTTP client unless a function
// streams. The answer to one event and the question for the next go out together.

'use strict';

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const {createRequire} = require('node:module');
const {pathToFileURL} = require('node:url');
const {format} = require('node:util');

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const root = process.env.LAMBDA_TASK_ROOT;
const API = '/2018-06-01/runtime/';
const NEXT = `GET ${API}invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n`;
let request = '';

// The one connection: texts of requests go out, answers come back in the same order.
const socket = net.connect({host, port: Number(port), noDelay: true});
const answers = [];
let pieces = [], size = 0, needed = 0, waiting = null;
socket.on('error', () => process.exit(1));
socket.on('end', () => process.exit(0));
socket.on('data', data => {
  pieces.push(data);
  size += data.length;
  if (size < needed) return;
  let held = pieces.length > 1 ? Buffer.concat(pieces) : data;
  while ((needed = total(held)) && needed <= held.length) {
    answers.push(parsed(held.subarray(0, needed)));
    held = held.subarray(needed);
  }
  pieces = held.length ? [held] : [];
  size = held.length;
  if (waiting && answers.length) {
    const resolve = waiting;
    waiting = null;
    resolve(answers.shift());
  }
});

// How long the answer is that begins here; 0 while its head is not whole.
function total(held) {
  const end = held.indexOf('\r\n\r\n');
  if (end < 0) return 0;
  const length = /\r\ncontent-length: *(\d+)/i.exec(held.latin1Slice(0, end));
  return end + 4 + Number(length?.[1] ?? 0);
}

function parsed(whole) {
  const end = whole.indexOf('\r\n\r\n');
  const headers = {};
  for (const line of whole.latin1Slice(0, end).split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return {headers, body: whole.subarray(end + 4)};
}

function answer() {
  if (answers.length) return answers.shift();
  return new Promise(resolve => { waiting = resolve; });
}

function post(where, body, more = '') {
  return `POST ${API}${where} HTTP/1.1\r\nHost: runtime\r\nContent-Type: application/json\r\n${more}`
    + `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function failure(where, said) {
  const kind = String(said.errorType).replace(/[^ -~]/g, '?');          // an error may call itself anything
  return post(where, JSON.stringify(said), `Lambda-Runtime-Function-Error-Type: ${kind}\r\n`);
}

// One write to standard output is one line's end; lines within an event end in \r.
function write(level, args) {
  const text = JSON_LOGS ? structured(level, args)
    : `${new Date().toISOString()}\t${request || 'undefined'}\t${level}\t${format(...args).replace(/\n/g, '\r')}`;
  fs.writeSync(1, text + '\n');
}
const JSON_LOGS = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const least = LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL);
for (const [name, level] of [['log', 'INFO'], ['info', 'INFO'], ['debug', 'DEBUG'], ['trace', 'TRACE'], ['warn', 'WARN'],
  ['error', 'ERROR'], ['fatal', 'FATAL']]) {
  console[name] = JSON_LOGS && LEVELS.indexOf(level) < least ? () => {} : (...args) => write(level, args);
}

// What is written as an object of JSON: one argument as it is, several as a text.
function structured(level, args) {
  const said = {timestamp: new Date().toISOString(), level, requestId: request || undefined};
  if (args.length === 1) {
    try {
      return JSON.stringify({...said, message: args[0]}, (_, value) => value instanceof Error ? told(value) : value);
    } catch {
      return JSON.stringify({...said, message: format(args[0])});        // as where it holds itself
    }
  }
  const error = args.find(arg => arg instanceof Error);
  return JSON.stringify({...said, message: format(...args), ...(error && told(error))});
}

function told(error) {
  return {errorType: error.constructor?.name ?? 'UnknownError', errorMessage: error.message, stackTrace: (error.stack ?? '').split('\n')};
}

function complain(what, error, said) {
  write('ERROR', JSON_LOGS ? [error instanceof Error ? error : String(error)] : [what, JSON.stringify(said)]);
}

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
  const out = require('node:http').request({
    host, port, method: 'POST', path: `/2018-06-01/runtime/invocation/${request}/response`,
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
    complain('Invoke Error', error, said);
    if (!out.headersSent) out.flushHeaders();
    out.addTrailers({'Lambda-Runtime-Function-Error-Type': said.errorType,
      'Lambda-Runtime-Function-Error-Body': Buffer.from(JSON.stringify(said)).toString('base64')});
    out.end();
  }
  await answered;
}

process.on('uncaughtException', error => fatal('Uncaught Exception', error));
process.on('unhandledRejection', error => fatal('Unhandled Promise Rejection', new Fault('Runtime.UnhandledPromiseRejection', String(error))));

// Tell of an error that ends the runtime, and end when it has been heard.
function fatal(what, error) {
  const said = explained(error);
  complain(what, error, said);
  socket.once('data', () => process.exit(request ? 129 : 1));
  socket.write(failure(request ? `invocation/${request}/error` : 'init/error', said));
}

// One event; the text that answers it, "" when it has been answered.
async function worked({headers, body}, handler) {
  try {
    const event = JSON.parse(body);
    if (handler[STREAMING]) {
      await streamed(handler, event, headers);
      return '';
    }
    const result = await called(handler, event, headers);
    return post(`invocation/${request}/response`, JSON.stringify(result === undefined ? null : result));
  } catch (error) {
    const said = explained(error);
    complain('Invoke Error', error, said);
    return failure(`invocation/${request}/error`, said);
  }
}

async function main() {
  let handler;
  try {
    handler = await load();
  } catch (error) {
    fatal('Uncaught Exception', error);
    return;
  }
  for (let text = '';;) {
    socket.write(text + NEXT);
    if (text) await answer();
    const event = await answer();
    request = event.headers['lambda-runtime-aws-request-id'];
    process.env._X_AMZN_TRACE_ID = event.headers['lambda-runtime-trace-id'] ?? '';
    text = await worked(event, handler);
  }
}

main();
