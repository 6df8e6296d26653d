// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.clients;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.NotFoundException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.FleetView;
import dev.weir.trials.setup.MetricSamples;
import dev.weir.trials.setup.Polling;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/// The official clients of OpenAI and Anthropic against Weir, compared with the same calls to an
/// engine.
public final class ClientsTrial implements Trial {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Polling ABORTING =
      new Polling(Duration.ofSeconds(20), Duration.ofMillis(50));
  public static final String MANIFEST =
      """
      apiVersion: weir.dev/v1
      kind: Model
      metadata: {name: chat}
      spec: {owner: trials}
      ---
      apiVersion: weir.dev/v1
      kind: ModelVersion
      metadata: {name: chat-1}
      spec:
        model: chat
        version: "1"
        engine: {type: sim, args: ["--profile", "llama-3.1-8b-h100"]}
      ---
      apiVersion: weir.dev/v1
      kind: Service
      metadata: {name: chat}
      spec:
        version: chat@1
        placements: [{target: local, replicas: 1}]
      """;

  @Override
  public String name() {
    return "clients";
  }

  @Override
  public String about() {
    return "openai-java, anthropic-java and npm's openai: streams, tools, errors, aborts, retries";
  }

  @Override
  public void run(TrialRun run) throws Exception {
    Path folder = Files.createTempDirectory("weir-trial");
    Path accessLog = folder.resolve("access.log");
    WeirProcess.Launch launch =
        WeirProcess.Launch.up(folder).environment(Map.of("WEIR_ACCESS_LOG", accessLog.toString()));
    try (WeirProcess weir = WeirProcess.start(launch)) {
      weir.apply(MANIFEST);
      String key = weir.inferenceKey();
      String engine = engineUrl(weir);
      OpenAIClient through = client(weir.gateway(), key);
      OpenAIClient direct = client(engine, "none");
      try {
        models(run, through);
        answers(run, through, direct);
        streams(run, through, direct);
        otherPaths(run, through, direct);
        errors(run, weir, through);
        abort(run, weir, through, engine);
        anthropic(run, weir, key, engine);
        try (var tooled = new ToolEngine()) {
          weir.apply(ToolEngine.manifest(tooled.url()));
          tools(run, weir, through, key, engine, tooled);
          new NodeCheck(run, weir, key, engine, accessLog).check();
        }
      } finally {
        through.close();
        direct.close();
      }
      patience(run, weir);
    }
  }

  private static OpenAIClient client(String base, String key) {
    return client(base, key, 0);
  }

  private static OpenAIClient client(String base, String key, int retries) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(base + "/v1")
        .apiKey(key)
        .maxRetries(retries)
        .build();
  }

  private static void anthropic(TrialRun run, WeirProcess weir, String key, String engine)
      throws IOException, InterruptedException {
    try (var check = new AnthropicCheck(run, weir, key, engine)) {
      check.check();
      long before = aborts(weir, engine);
      check.abort();
      run.check(
          "the engine aborts when Anthropic's client disconnects",
          awaitAborts(weir, engine, before) > before,
          before);
    }
  }

  // Tools

  private static void tools(
      TrialRun run,
      WeirProcess weir,
      OpenAIClient through,
      String key,
      String engine,
      ToolEngine tooled)
      throws IOException, InterruptedException {
    try (var anthropic = new AnthropicCheck(run, weir, key, engine)) {
      ChatCompletionCreateParams asked = askForTool();
      String called =
          through
              .chat()
              .completions()
              .create(asked)
              .choices()
              .getFirst()
              .message()
              .toolCalls()
              .stream()
              .flatMap(List::stream)
              .flatMap(call -> call.function().stream())
              .map(call -> call.function().name() + call.function().arguments())
              .findFirst()
              .orElse("");
      String wanted = ToolEngine.TOOL + "{\"river\":\"Isar\"}";
      run.check("a tool call reaches OpenAI's client", called.equals(wanted), called);
      run.check("a streamed tool call too", streamedCall(through, asked).equals(wanted), wanted);
      run.check(
          "a tool of OpenAI's client reaches the engine",
          tooled.lastBody().contains("\"parameters\"") && tooled.lastBody().contains("river"),
          tooled.lastBody());
      anthropic.tools(tooled);
    }
  }

  private static ChatCompletionCreateParams askForTool() {
    return ChatCompletionCreateParams.builder()
        .model(ToolEngine.MODEL)
        .addUserMessage("How high is the Isar?")
        .addFunctionTool(
            FunctionDefinition.builder()
                .name(ToolEngine.TOOL)
                .parameters(
                    FunctionParameters.builder()
                        .putAdditionalProperty(
                            "properties", JsonValue.from(Map.of("river", Map.of("type", "string"))))
                        .build())
                .build())
        .build();
  }

  private static String streamedCall(OpenAIClient through, ChatCompletionCreateParams asked) {
    StringBuilder called = new StringBuilder();
    try (StreamResponse<ChatCompletionChunk> stream =
        through.chat().completions().createStreaming(asked)) {
      stream.stream()
          .flatMap(chunk -> chunk.choices().stream())
          .flatMap(choice -> choice.delta().toolCalls().stream().flatMap(List::stream))
          .flatMap(call -> call.function().stream())
          .forEach(
              call -> called.append(call.name().orElse("")).append(call.arguments().orElse("")));
    }
    return called.toString();
  }

  // Retries

  /// The key has a rate limit of 30 requests a minute. Clients that obey `Retry-After` are served.
  private static void patience(TrialRun run, WeirProcess weir)
      throws IOException, InterruptedException {
    String key =
        JSON.readTree(
                weir.ok(
                    "key",
                    "create",
                    "limited",
                    "--role",
                    "inference",
                    "--requests-per-minute",
                    "30",
                    "-o",
                    "json"))
            .get("key")
            .asString();
    long waited = exhaust(run, weir, key);
    try (var patient = new Patient(client(weir.gateway(), key, 3))) {
      ChatCompletion answer = patient.client().chat().completions().create(question("x", 4));
      run.check("openai-java retries and is served", !text(answer).isBlank(), text(answer));
      run.check("not before Retry-After", System.nanoTime() - waited >= 0, "earlier");
    }
    exhaust(run, weir, key);
    String text = AnthropicCheck.patient(weir.gateway(), key);
    run.check("anthropic-java retries and is served", !text.isBlank(), text);
  }

  private record Patient(OpenAIClient client) implements AutoCloseable {
    @Override
    public void close() {
      client.close();
    }
  }

  /// Sends requests until one is refused.
  ///
  /// @return the time of `Retry-After`, less a second for rounding
  private static long exhaust(TrialRun run, WeirProcess weir, String key)
      throws IOException, InterruptedException {
    for (int i = 0; i < 60; i++) {
      HttpResponse<String> answer =
          weir.post(
              weir.gateway() + "/v1/chat/completions",
              "{\"model\":\"chat\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
              WeirProcess.bearer(key));
      if (answer.statusCode() == 429) {
        long seconds = Long.parseLong(answer.headers().firstValue("retry-after").orElse("0"));
        run.check("a refusal has Retry-After", seconds > 0 && seconds < 60, seconds);
        return System.nanoTime() + Duration.ofSeconds(seconds - 1).toNanos();
      }
    }
    run.fail("a key over its rate limit gets an error");
    return System.nanoTime();
  }

  private static String engineUrl(WeirProcess weir) throws IOException, InterruptedException {
    return FleetView.of(weir).all().getFirst().endpoint();
  }

  private static ChatCompletionCreateParams question(String text, long maxTokens) {
    return ChatCompletionCreateParams.builder()
        .model("chat")
        .addUserMessage(text)
        .putAdditionalBodyProperty("seed", JsonValue.from(7))
        .maxCompletionTokens(maxTokens)
        .build();
  }

  private static void models(TrialRun run, OpenAIClient through) {
    List<String> ids = through.models().list().data().stream().map(model -> model.id()).toList();
    run.check("the client lists the model", ids.equals(List.of("chat")), ids);
  }

  private static String text(ChatCompletion answer) {
    return answer.choices().getFirst().message().content().orElse("");
  }

  private static void answers(TrialRun run, OpenAIClient through, OpenAIClient direct) {
    ChatCompletion ours = through.chat().completions().create(question("What is a weir?", 24));
    ChatCompletion theirs = direct.chat().completions().create(question("What is a weir?", 24));
    run.check("an answer equals the engine's own", text(ours).equals(text(theirs)), text(ours));
    run.check("an answer is not empty", !text(ours).isBlank(), text(ours));
    run.check(
        "usage equals the engine's own",
        ours.usage().orElseThrow().totalTokens() == theirs.usage().orElseThrow().totalTokens(),
        ours.usage());
    run.check(
        "the finish reason equals the engine's own",
        ours.choices().getFirst().finishReason().equals(theirs.choices().getFirst().finishReason()),
        ours.choices().getFirst().finishReason());
  }

  private record Streamed(String text, Set<String> ids, long usage, int chunks) {}

  private static Streamed stream(OpenAIClient client, String question) {
    ChatCompletionCreateParams params =
        question(question, 32).toBuilder()
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();
    StringBuilder text = new StringBuilder();
    Set<String> ids = new HashSet<>();
    long usage = -1;
    int chunks = 0;
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(params)) {
      for (ChatCompletionChunk chunk : (Iterable<ChatCompletionChunk>) stream.stream()::iterator) {
        chunks++;
        ids.add(chunk.id());
        chunk.choices().forEach(choice -> text.append(choice.delta().content().orElse("")));
        usage = chunk.usage().map(u -> u.completionTokens()).orElse(usage);
      }
    }
    return new Streamed(text.toString(), ids, usage, chunks);
  }

  private static void streams(TrialRun run, OpenAIClient through, OpenAIClient direct) {
    Streamed ours = stream(through, "Tell me of rivers.");
    Streamed theirs = stream(direct, "Tell me of rivers.");
    run.check("a stream's text equals the engine's own", ours.text().equals(theirs.text()), ours);
    run.check("a stream has one id", ours.ids().size() == 1, ours.ids());
    run.check("a stream reports its usage", ours.usage() == theirs.usage(), ours.usage());
    run.check("a stream has the same chunks", ours.chunks() == theirs.chunks(), ours.chunks());
  }

  private static void otherPaths(TrialRun run, OpenAIClient through, OpenAIClient direct) {
    CompletionCreateParams prompt =
        CompletionCreateParams.builder().model("chat").prompt("Once").maxTokens(12).seed(3).build();
    String ours = through.completions().create(prompt).choices().getFirst().text();
    String theirs = direct.completions().create(prompt).choices().getFirst().text();
    run.check("a completion equals the engine's own", ours.equals(theirs), ours);
    EmbeddingCreateParams words =
        EmbeddingCreateParams.builder().model("chat").input("a weir").build();
    int dimensions = through.embeddings().create(words).data().getFirst().embedding().size();
    int expected = direct.embeddings().create(words).data().getFirst().embedding().size();
    run.check("an embedding has the engine's dimensions", dimensions == expected, dimensions);
  }

  private static void errors(TrialRun run, WeirProcess weir, OpenAIClient through) {
    try {
      through
          .chat()
          .completions()
          .create(question("x", 1).toBuilder().model("no-such-model").build());
      run.fail("an unknown model gets an error");
    } catch (NotFoundException e) {
      run.check("an unknown model is 404 in OpenAI's format", e.code().isPresent(), e.getMessage());
    }
    OpenAIClient stranger = client(weir.gateway(), "weir_wrong");
    try {
      stranger.chat().completions().create(question("x", 1));
      run.fail("a wrong key gets an error");
    } catch (UnauthorizedException e) {
      run.check("a wrong key is 401", e.statusCode() == 401, e.statusCode());
    } finally {
      stranger.close();
    }
  }

  private static void abort(TrialRun run, WeirProcess weir, OpenAIClient through, String engine)
      throws IOException, InterruptedException {
    long before = aborts(weir, engine);
    try (StreamResponse<ChatCompletionChunk> stream =
        through
            .chat()
            .completions()
            .createStreaming(
                question("A very long story, please.", 4000).toBuilder()
                    .putAdditionalBodyProperty("ignore_eos", JsonValue.from(true))
                    .build())) {
      run.check("a stream starts", stream.stream().limit(3).count() == 3, "fewer chunks");
    }
    run.check(
        "the engine aborts when the client disconnects",
        awaitAborts(weir, engine, before) > before,
        before);
  }

  /// The number of answers that an engine aborted.
  static long aborts(WeirProcess weir, String engine) throws IOException, InterruptedException {
    return MetricSamples.at(weir, engine)
        .sum("vllm:request_success_total", "finished_reason=\"abort\"");
  }

  static long awaitAborts(WeirProcess weir, String engine, long before)
      throws IOException, InterruptedException {
    return ABORTING.read(() -> aborts(weir, engine), now -> now > before);
  }
}
