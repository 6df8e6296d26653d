// SPDX-License-Identifier: Apache-2.0
// What the engine promises, checked over HTTP without Weir: `node engine.mjs --self-check`.
import assert from 'node:assert/strict';
import { Engine, answer, plan, DEFAULTS } from './engine.mjs';

const QUESTION = 'How high is the river?\n';
const WHOLE = answer(QUESTION).join('');
const QUICK = { ttftMillis: 1, itlMillis: 0 };

const checks = {
  async 'one question has one answer'(ask) {
    assert.equal(await text(ask({})), WHOLE);
    assert.equal(await text(ask({ chat: false })), WHOLE);
    assert.notEqual(answer('another').join(''), WHOLE);
  },
  async 'a stream says what an answer says, in any chunks and line ends'(ask, engine) {
    for (const switches of [{}, { chunking: 'pieces' }, { lineEnd: 'crlf', comments: true, casing: 'odd' }]) {
      engine.set({ ...DEFAULTS, ...QUICK, ...switches });
      const stream = await events(ask({ stream: true }));
      assert.equal(stream.text, WHOLE);
      assert.equal(stream.finish, 'stop');
      assert.ok(stream.done);
    }
  },
  async 'usage counts the stop token only where it is told to'(ask, engine) {
    const usage = { stream: true, stream_options: { include_usage: true } };
    assert.equal((await events(ask(usage))).usage.completion_tokens, answer(QUESTION).length);
    engine.set({ countStop: true });
    assert.equal((await events(ask(usage))).usage.completion_tokens, answer(QUESTION).length + 1);
    assert.equal((await (await ask({ max_tokens: 3 })).json()).usage.completion_tokens, 3);
  },
  async 'it goes on where an answer was broken, at any character'() {
    for (let at = 0; at <= WHOLE.length; at++) {
      const body = { prompt: QUESTION + WHOLE.slice(0, at), max_tokens: 99 };
      assert.equal(WHOLE.slice(0, at) + plan(false, body, DEFAULTS).tokens.join(''), WHOLE);
    }
  },
  async 'or refuses to'(ask, engine) {
    engine.set({ continuation: 'refuse' });
    const messages = [{ role: 'user', content: QUESTION }, { role: 'assistant', content: WHOLE.slice(0, 9) }];
    assert.equal((await ask({ messages, continue_final_message: true })).status, 400);
    assert.equal((await ask({ chat: false, prompt: QUESTION + WHOLE.slice(0, 9) })).status, 400);
    assert.equal((await ask({})).status, 200);
  },
  async 'each switch does what it says'(ask, engine) {
    const only = (switches) => engine.set({ ...DEFAULTS, ...QUICK, ...switches });
    only({ errorRate: 1 });
    assert.equal((await ask({})).status, 500);
    only({ limitRate: 1 });
    assert.equal((await ask({ stream: true })).headers.get('retry-after'), '1');
    only({ emptyRate: 1 });
    assert.equal(await text(ask({})), '');
    assert.equal((await events(ask({ stream: true }))).finish, 'stop');
    only({ garbageRate: 1 });
    await assert.rejects(text(ask({})));
    await assert.rejects(events(ask({ stream: true })));
    only({ abortRate: 1 });
    assert.equal((await events(ask({ stream: true }))).finish, 'abort');
    for (const broken of ['cutRate', 'resetRate']) {
      only({ [broken]: 1 });
      await assert.rejects(events(ask({ stream: true })));
      assert.equal(await text(ask({})), WHOLE);
    }
    for (const [hangs, stream] of [['hangRate', false], ['hangStreamRate', true], ['stallRate', true]]) {
      only({ [hangs]: 1 });
      await assert.rejects(ask({ stream, signal: AbortSignal.timeout(300) }).then((r) => r.text()), { name: 'TimeoutError' });
    }
  },
  async 'a switch that is not there is named'(ask, engine) {
    assert.throws(() => engine.set({ errorrate: 1 }), /errorrate/);
    assert.throws(() => engine.set({ errorRate: 2 }), /between 0 and 1/);
    assert.equal(engine.switches.errorRate, 0);
  },
};

async function text(asked) {
  const { choices: [choice] } = await (await asked).json();
  return choice.message?.content ?? choice.text;
}

async function events(asked) {
  const seen = { text: '', done: false };
  for (const line of (await (await asked).text()).split(/\r?\n/)) {
    if (line === 'data: [DONE]') seen.done = true;
    else if (line.startsWith('data: ')) {
      const { choices, usage } = JSON.parse(line.slice(6));
      seen.usage = usage ?? seen.usage;
      seen.text += choices[0]?.delta?.content ?? choices[0]?.text ?? '';
      seen.finish = choices[0]?.finish_reason ?? seen.finish;
    }
  }
  return seen;
}

/** Ends the process: 0 when all holds. */
export async function selfCheck() {
  for (const [name, check] of Object.entries(checks)) {
    const engine = new Engine({ switches: QUICK });
    const [url] = await engine.listen();
    const ask = ({ chat = true, signal, ...fields }) =>
      fetch(`${url}/v1/${chat ? 'chat/' : ''}completions`, {
        method: 'POST',
        signal,
        body: JSON.stringify({
          model: 'foreign', max_tokens: 99,
          ...(chat ? { messages: [{ role: 'user', content: QUESTION }] } : { prompt: QUESTION }), ...fields,
        }),
      });
    try {
      await check(ask, engine);
      console.log(`ok ${name}`);
    } catch (e) {
      console.log(`FAILED ${name}: ${e.stack}`);
      process.exitCode = 1;
    } finally {
      engine.close();
    }
  }
}
