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
console.log(JSON.stringify(seen));
