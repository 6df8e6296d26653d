// SPDX-License-Identifier: Apache-2.0
// npm's openai against Weir; prints what it saw as one line of JSON.
import OpenAI from "openai";

const client = new OpenAI({
  baseURL: process.env.WEIR_BASE,
  apiKey: process.env.WEIR_TRIAL_KEY,
  maxRetries: 0,
});
const question = {
  model: "chat",
  messages: [{ role: "user", content: "What is a weir?" }],
  seed: 7,
  max_tokens: 24,
};
const seen = { models: (await client.models.list()).data.map((model) => model.id) };

const answer = await client.chat.completions.create(question);
seen.answer = answer.choices[0].message.content;

seen.streamed = "";
const stream = await client.chat.completions.create({
  ...question,
  stream: true,
  stream_options: { include_usage: true },
});
for await (const chunk of stream) {
  seen.streamed += chunk.choices[0]?.delta?.content ?? "";
  seen.usage = chunk.usage?.completion_tokens ?? seen.usage;
}

try {
  await client.chat.completions.create({ ...question, model: "no-such-model" });
} catch (error) {
  seen.unknown = error.status;
}

const left = await client.chat.completions.create({
  ...question,
  max_tokens: 4000,
  ignore_eos: true,
  stream: true,
});
for await (const chunk of left) {
  if (chunk.choices[0]?.delta?.content) {
    left.controller.abort();
    break;
  }
}

const tool = process.env.WEIR_TRIAL_TOOL;
const asked = {
  model: "tools",
  messages: [{ role: "user", content: "How high is the Isar?" }],
  tools: [
    {
      type: "function",
      function: {
        name: tool,
        parameters: { type: "object", properties: { river: { type: "string" } } },
      },
    },
  ],
};
const call = (await client.chat.completions.create(asked)).choices[0].message.tool_calls[0];
seen.tool = call.function.name + call.function.arguments;
seen.streamedTool = "";
for await (const chunk of await client.chat.completions.create({ ...asked, stream: true })) {
  for (const part of chunk.choices[0]?.delta?.tool_calls ?? []) {
    seen.streamedTool += (part.function?.name ?? "") + (part.function?.arguments ?? "");
  }
}

// A key that may ask 30 times a minute: asks until it had to wait once.
let tries = [];
const patient = new OpenAI({
  baseURL: process.env.WEIR_BASE,
  apiKey: process.env.WEIR_TRIAL_LIMITED_KEY,
  maxRetries: 3,
  fetch: async (url, init) => {
    const response = await fetch(url, init);
    tries.push({
      status: response.status,
      id: response.headers.get("x-request-id"),
      retryAfter: Number(response.headers.get("retry-after") ?? 0),
    });
    return response;
  },
});
for (let i = 0; i < 60 && !seen.tries; i++) {
  tries = [];
  await patient.chat.completions.create({ ...question, max_tokens: 1 });
  seen.tries = tries.length > 1 ? tries : undefined;
}
console.log(JSON.stringify(seen));
