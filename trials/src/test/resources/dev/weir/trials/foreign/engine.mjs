// SPDX-License-Identifier: Apache-2.0
// A small model server that speaks OpenAI's API and shares no line with Weir or its simulator.
//
//   node engine.mjs [--listeners N] [--model NAME] [--seed N] [--NAME VALUE]...
//   node engine.mjs --self-check
//
// It listens on loopback only, prints `listening on URL [URL...]`, and ends with its standard input.
// An answer is a function of the question alone, so clients can check each byte of it. Switches are
// set by flags, or while it runs by `POST /switches` with a JSON object; `GET /switches` shows them
// and counts what was done.
import http from 'node:http';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';

const LOOPBACK = '127.0.0.1';
const MAX_BODY_BYTES = 1 << 20;
const WORDS = ('weir river gate flows under stone bridge slowly 水 café naïve spring autumn salmon ladder turbine'
  + ' über meadow — "quoted" back\\slash 🐟 rain level rises falls north south mill wheel silt').split(' ');

/** What can be switched, with what a healthy engine has. Rates are between 0 and 1. */
export const DEFAULTS = {
  ttftMillis: 40, itlMillis: 6, jitter: 0.25, ttftFactor: 1, itlFactor: 1,
  errorRate: 0, limitRate: 0, emptyRate: 0, cutRate: 0, resetRate: 0,
  hangRate: 0, hangStreamRate: 0, stallRate: 0, garbageRate: 0, abortRate: 0,
  continuation: 'honour', // or 'refuse'
  countStop: false, // whether usage counts the token that ends an answer
  chunking: 'words', // or 'pieces': chunks of a few bytes' worth of characters, words cut anywhere
  framing: 'chunked', // of whole answers; or 'length'
  lineEnd: 'lf', // or 'crlf'
  comments: false, // between events
  casing: 'lower', // of header names; or 'odd'
};
const WHOLE_FAULTS = ['error', 'limit', 'empty', 'garbage', 'abort', 'hang'];
const STREAM_FAULTS = ['error', 'limit', 'empty', 'garbage', 'abort', 'cut', 'reset', 'hangStream', 'stall'];

// --- chance and text

/** Mulberry32: numbers from 0 to 1. */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** FNV-1a of the question's UTF-8 bytes. */
function hash(text) {
  let h = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) {
    h = Math.imul(h ^ byte, 0x01000193) >>> 0;
  }
  return h;
}

/** The tokens of the whole answer: 12 to 27 words, all but the first with a space before them. */
export function answer(question) {
  let state = hash(question);
  const count = 12 + (state % 16);
  const tokens = [];
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    tokens.push((i ? ' ' : '') + WORDS[(state >>> 8) % WORDS.length]);
  }
  return tokens;
}

// --- what is asked

class Refusal extends Error {
  constructor(status, message, type = 'invalid_request_error') {
    super(message);
    this.status = status;
    this.type = type;
  }
}

function textOf(content) {
  return typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('');
}

/** The question, and how much of its answer has been given before. */
function asked(chat, body) {
  if (!chat) {
    // A question ends with its first line: what follows was answered before.
    const prompt = String(Array.isArray(body.prompt) ? body.prompt[0] : body.prompt ?? '');
    const end = prompt.indexOf('\n') + 1;
    return end ? { question: prompt.slice(0, end), before: prompt.slice(end) } : { question: prompt, before: '' };
  }
  if (!Array.isArray(body.messages) || body.messages.length === 0) {
    throw new Refusal(400, 'messages: at least one is needed');
  }
  const last = body.messages.at(-1);
  if (!body.continue_final_message) {
    return { question: textOf(last.content), before: '' };
  }
  return { question: textOf(body.messages.at(-2)?.content), before: textOf(last.content) };
}

/** What is left to say, token by token, and why it ends. */
export function plan(chat, body, switches) {
  const { question, before } = asked(chat, body);
  if (before && switches.continuation === 'refuse') {
    throw new Refusal(400, 'an answer that was begun cannot be continued here');
  }
  const whole = answer(question).join('');
  if (!whole.startsWith(before)) {
    throw new Refusal(400, 'this is not how the answer begins');
  }
  const left = whole.slice(before.length).match(/ ?[^ ]+/g) ?? [];
  const most = body.max_tokens ?? body.max_completion_tokens ?? (chat ? Infinity : 16);
  const tokens = left.slice(0, most);
  const finish = tokens.length === left.length ? 'stop' : 'length';
  return { tokens, finish, promptTokens: (question + before).split(/\s+/).length };
}

function usage(planned, switches) {
  const stop = switches.countStop && planned.finish === 'stop' ? 1 : 0;
  const completion = planned.tokens.length + stop;
  return {
    prompt_tokens: planned.promptTokens,
    completion_tokens: completion,
    total_tokens: planned.promptTokens + completion,
  };
}

// --- how it is answered

function cased(switches, headers) {
  if (switches.casing !== 'odd') return headers;
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.replace(/[a-z]/g, (c, i) => (i % 2 ? c : c.toUpperCase())), value]));
}

function send(response, switches, status, text, headers = {}) {
  const length = switches.framing === 'length' ? { 'content-length': Buffer.byteLength(text) } : {};
  response.writeHead(status, cased(switches, { 'content-type': 'application/json', ...length, ...headers }));
  // Without a length, a body that is written before the end is sent in chunks.
  response.write(text);
  response.end();
}

function refuse(response, switches, status, message, type, headers) {
  send(response, switches, status, JSON.stringify({ error: { message, type, param: null, code: null } }), headers);
}

/** Texts of the events: one for each token, or cut anywhere but inside a character. */
function pieces(tokens, switches) {
  return switches.chunking === 'words' ? tokens : tokens.join('').match(/[^]{1,5}/gu) ?? [];
}

class Call {
  constructor(engine, request, response, chat, body) {
    Object.assign(this, { engine, request, response, chat, body, switches: engine.switches });
    this.gone = false;
    response.on('close', () => { this.gone = true; });
  }

  /** About so many milliseconds, by a lognormal draw. */
  wait(millis) {
    const { random } = this.engine;
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return new Promise((resolve) => { setTimeout(resolve, millis * Math.exp(this.switches.jitter * normal)); });
  }

  firstWait() {
    return this.wait(this.switches.ttftMillis * this.switches.ttftFactor);
  }

  nextWait() {
    return this.wait(this.switches.itlMillis * this.switches.itlFactor);
  }

  head(choice) {
    return {
      id: this.id ??= `foreign-${(this.engine.random() * 2 ** 32) >>> 0}`,
      object: (this.chat ? 'chat.completion' : 'text_completion') + (this.chat && this.body.stream ? '.chunk' : ''),
      created: this.created ??= Math.floor(Date.now() / 1000),
      model: this.body.model,
      choices: choice ? [{ index: 0, logprobs: null, ...choice }] : [],
    };
  }

  async answer() {
    const fault = this.engine.draw(this.body.stream ? STREAM_FAULTS : WHOLE_FAULTS);
    if (fault === 'error') {
      return refuse(this.response, this.switches, 500, 'the accelerator is lost', 'internal_server_error');
    }
    if (fault === 'limit') {
      return refuse(this.response, this.switches, 429, 'too many requests', 'rate_limit', { 'retry-after': '1' });
    }
    const planned = plan(this.chat, this.body, this.switches);
    if (fault === 'empty') Object.assign(planned, { tokens: [], finish: 'stop' });
    return this.body.stream ? this.stream(planned, fault) : this.whole(planned, fault);
  }

  async whole(planned, fault) {
    if (fault === 'hang') return; // until the other side gives up
    await this.firstWait();
    for (let i = 1; i < planned.tokens.length && !this.gone; i++) await this.nextWait();
    const text = planned.tokens.join('');
    const finish = fault === 'abort' ? 'abort' : planned.finish;
    const choice = this.chat ? { message: { role: 'assistant', content: text } } : { text };
    const body = JSON.stringify({ ...this.head({ ...choice, finish_reason: finish }), usage: usage(planned, this.switches) });
    send(this.response, this.switches, 200, fault === 'garbage' ? body.slice(0, body.length / 2) + '\u0000}' : body);
  }

  async stream(planned, fault) {
    if (fault === 'hangStream') return;
    await this.firstWait();
    this.response.writeHead(200, cased(this.switches, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }));
    if (this.chat) this.event(this.chunk({ delta: { role: 'assistant', content: '' }, finish_reason: null }));
    const texts = pieces(planned.tokens, this.switches);
    const breaks = ['garbage', 'abort', 'cut', 'reset', 'stall'].includes(fault) ? Math.floor(texts.length / 2) : -1;
    for (let i = 0; i < texts.length && !this.gone; i++) {
      if (i === breaks) return this.break(fault);
      if (i) await this.nextWait();
      this.event(this.chunk({ ...(this.chat ? { delta: { content: texts[i] } } : { text: texts[i] }), finish_reason: null }));
    }
    this.end(planned);
  }

  end(planned) {
    this.event(this.chunk({ ...(this.chat ? { delta: {} } : { text: '' }), finish_reason: planned.finish }));
    if (this.body.stream_options?.include_usage) {
      this.event(JSON.stringify({ ...this.head(), usage: usage(planned, this.switches) }));
    }
    this.event('[DONE]');
    this.response.end();
  }

  chunk(choice) {
    const nothing = this.body.stream_options?.include_usage ? { usage: null } : {};
    return JSON.stringify({ ...this.head(choice), ...nothing });
  }

  event(data) {
    if (this.gone) return;
    const end = this.switches.lineEnd === 'crlf' ? '\r\n' : '\n';
    const comment = this.switches.comments && this.engine.random() < 0.3 ? `: still here${end}${end}` : '';
    this.response.write(`${comment}data: ${data}${end}${end}`);
  }

  /** The middle of an answer is its end. */
  break(fault) {
    const { socket } = this.response;
    if (fault === 'stall') return; // says no more and keeps the connection
    if (fault === 'cut') return socket.end(); // FIN where another chunk is owed
    if (fault === 'reset') return socket.resetAndDestroy(); // RST
    if (fault === 'garbage') {
      this.event('{"id": "foreign", "choices": [{"delta": {"content": ');
    } else {
      this.event(this.chunk({ ...(this.chat ? { delta: {} } : { text: '' }), finish_reason: 'abort' }));
    }
    this.event('[DONE]');
    this.response.end();
  }
}

// --- the server

export class Engine {
  constructor({ model = 'foreign', seed = 1, listeners = 1, switches = {} } = {}) {
    this.model = model;
    this.random = randomOf(seed);
    this.switches = { ...DEFAULTS, ...switches };
    this.counts = { answered: 0 };
    this.servers = Array.from({ length: listeners }, () =>
      http.createServer({ keepAliveTimeout: 75_000, requestTimeout: 0 }, (request, response) => {
        this.route(request, response).catch((e) => this.failed(response, e));
      }));
  }

  async listen() {
    for (const server of this.servers) {
      server.listen(0, LOOPBACK);
      await once(server, 'listening');
    }
    return this.servers.map((server) => `http://${LOOPBACK}:${server.address().port}`);
  }

  close() {
    this.servers.forEach((server) => { server.close(); server.closeAllConnections(); });
  }

  failed(response, e) {
    if (response.headersSent) return response.socket?.destroy();
    return refuse(response, this.switches, e.status ?? 500, e.message, e.type ?? 'internal_server_error');
  }

  /** One fault or none: each of these has its rate. */
  draw(faults) {
    let left = this.random();
    const fault = faults.find((name) => (left -= this.switches[`${name}Rate`]) < 0) ?? 'answered';
    this.counts[fault] = (this.counts[fault] ?? 0) + 1;
    return fault;
  }

  set(changes) {
    for (const [name, value] of Object.entries(changes)) {
      if (!(name in DEFAULTS)) throw new Refusal(400, `no switch '${name}'; there are ${Object.keys(DEFAULTS).join(', ')}`);
      if (typeof value !== typeof DEFAULTS[name]) throw new Refusal(400, `${name}: ${value} is no ${typeof DEFAULTS[name]}`);
      if (name.endsWith('Rate') && !(value >= 0 && value <= 1)) throw new Refusal(400, `${name}: ${value} is not between 0 and 1`);
    }
    Object.assign(this.switches, changes);
  }

  async route(request, response) {
    const path = new URL(request.url, 'http://engine').pathname;
    const json = (value) => send(response, this.switches, 200, JSON.stringify(value));
    const what = `${request.method} ${path}`;
    if (what === 'GET /health') return json({ status: 'ok' });
    if (what === 'GET /version') return json({ version: '0.0.1-foreign' });
    if (what === 'GET /v1/models') return json({ object: 'list', data: [{ id: this.model, object: 'model', owned_by: 'foreign' }] });
    if (what === 'GET /switches') return json({ switches: this.switches, counts: this.counts });
    if (what === 'POST /switches') {
      this.set(await bodyOf(request));
      return json({ switches: this.switches, counts: this.counts });
    }
    const chat = path === '/v1/chat/completions';
    if (request.method !== 'POST' || !(chat || path === '/v1/completions')) throw new Refusal(404, `no ${what}`);
    const body = await bodyOf(request);
    if (body.model !== this.model) throw new Refusal(404, `no model '${body.model}'`, 'not_found_error');
    return new Call(this, request, response, chat, body).answer();
  }
}

async function bodyOf(request) {
  const parts = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) throw new Refusal(413, `a body has ${MAX_BODY_BYTES} bytes at most`);
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch (e) {
    throw new Refusal(400, `the body is no JSON: ${e.message}`);
  }
}

// --- the command line

function value(text) {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function options(args) {
  const found = { switches: {} };
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i].replace(/^--/, '').replace(/-([a-z])/g, (_, c) => c.toUpperCase());
    if (args[i + 1] === undefined) throw new Error(`${args[i]} needs a value`);
    const target = ['model', 'seed', 'listeners'].includes(name) ? found : found.switches;
    target[name] = name === 'model' ? args[i + 1] : value(args[i + 1]);
  }
  return found;
}

async function main(args) {
  if (args[0] === '--self-check') return (await import('./self-check.mjs')).selfCheck();
  const { switches, ...rest } = options(args);
  const engine = new Engine(rest);
  engine.set(switches);
  console.log(`listening on ${(await engine.listen()).join(' ')}`);
  // Whoever started it holds the other end: so it never outlives a trial that was killed.
  process.stdin.resume().on('end', () => process.exit(0)).on('error', () => process.exit(0));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  main(process.argv.slice(2)).catch((e) => {
    console.error(`engine: ${e.message}`);
    process.exit(1);
  });
}
