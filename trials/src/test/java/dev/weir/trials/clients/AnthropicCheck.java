// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.clients;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.NotFoundException;
import com.anthropic.errors.UnauthorizedException;
import com.anthropic.models.messages.ContentBlock;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolUseBlock;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.WeirProcess;
import java.util.Map;

/// Anthropic's own Java client through Weir, beside the same calls made to an engine directly.
final class AnthropicCheck implements AutoCloseable {
  private final TrialRun run;
  private final WeirProcess weir;
  private final AnthropicClient through;
  private final AnthropicClient direct;

  AnthropicCheck(TrialRun run, WeirProcess weir, String key, String engine) {
    this.run = run;
    this.weir = weir;
    through = client(weir.gateway(), key, 0);
    direct = client(engine, "none", 0);
  }

  static AnthropicClient client(String base, String key, int retries) {
    return AnthropicOkHttpClient.builder().baseUrl(base).apiKey(key).maxRetries(retries).build();
  }

  void check() {
    answers();
    streams();
    counts();
    errors();
  }

  static MessageCreateParams question(String model, String text, long maxTokens) {
    return MessageCreateParams.builder()
        .model(model)
        .system("You know about rivers.")
        .addUserMessage(text)
        .putAdditionalBodyProperty("seed", JsonValue.from(7))
        .maxTokens(maxTokens)
        .build();
  }

  private static String text(Message message) {
    StringBuilder text = new StringBuilder();
    message.content().forEach(block -> block.text().ifPresent(part -> text.append(part.text())));
    return text.toString();
  }

  private void answers() {
    Message ours = through.messages().create(question("chat", "What is a weir?", 24));
    Message theirs = direct.messages().create(question("chat", "What is a weir?", 24));
    run.check("a message equals the engine's own", text(ours).equals(text(theirs)), text(ours));
    run.check("a message is not empty", !text(ours).isBlank(), text(ours));
    run.check(
        "a message's usage equals the engine's own",
        ours.usage().inputTokens() == theirs.usage().inputTokens()
            && ours.usage().outputTokens() == theirs.usage().outputTokens(),
        ours.usage());
    run.check(
        "a message's end equals the engine's own",
        ours.stopReason().equals(theirs.stopReason()),
        ours.stopReason());
  }

  private record Streamed(String text, long usage, int events) {}

  private static Streamed stream(AnthropicClient client) {
    StringBuilder text = new StringBuilder();
    long usage = -1;
    int events = 0;
    try (StreamResponse<RawMessageStreamEvent> stream =
        client.messages().createStreaming(question("chat", "Tell me of rivers.", 32))) {
      for (RawMessageStreamEvent event :
          (Iterable<RawMessageStreamEvent>) stream.stream()::iterator) {
        events++;
        event
            .contentBlockDelta()
            .flatMap(delta -> delta.delta().text())
            .ifPresent(delta -> text.append(delta.text()));
        usage = event.messageDelta().map(delta -> delta.usage().outputTokens()).orElse(usage);
      }
    }
    return new Streamed(text.toString(), usage, events);
  }

  private void streams() {
    Streamed ours = stream(through);
    Streamed theirs = stream(direct);
    run.check("a streamed message equals the engine's own", ours.equals(theirs), ours);
    run.check("a streamed message counts its tokens", ours.usage() > 0, ours);
  }

  private void counts() {
    MessageCountTokensParams asked =
        MessageCountTokensParams.builder().model("chat").addUserMessage("What is a weir?").build();
    long ours = through.messages().countTokens(asked).inputTokens();
    run.check("tokens are counted", ours > 0, ours);
  }

  private void errors() {
    try {
      through.messages().create(question("no-such-model", "x", 1));
      run.fail("Anthropic's client gets an error for an unknown model");
    } catch (NotFoundException e) {
      run.check(
          "an unknown model is 404 in Anthropic's format",
          e.body().toString().contains("not_found_error"),
          e.body());
    }
    try (var stranger = new Closing(client(weir.gateway(), "weir_wrong", 0))) {
      stranger.client().messages().create(question("chat", "x", 1));
      run.fail("Anthropic's client gets an error for a wrong key");
    } catch (UnauthorizedException e) {
      run.check(
          "a wrong key is 401 in Anthropic's format",
          e.body().toString().contains("authentication_error"),
          e.body());
    }
  }

  private record Closing(AnthropicClient client) implements AutoCloseable {
    @Override
    public void close() {
      client.close();
    }
  }

  /// A stream that is left in its middle.
  void abort() {
    MessageCreateParams asked =
        question("chat", "A very long story, please.", 4000).toBuilder()
            .putAdditionalBodyProperty("ignore_eos", JsonValue.from(true))
            .build();
    try (StreamResponse<RawMessageStreamEvent> stream = through.messages().createStreaming(asked)) {
      run.check("a streamed message starts", stream.stream().limit(5).count() == 5, "fewer");
    }
  }

  /// A tool goes to the engine as it is, and its call comes back as it is.
  void tools(ToolEngine engine) {
    Tool tool =
        Tool.builder()
            .name(ToolEngine.TOOL)
            .description("The level of a river")
            .inputSchema(
                Tool.InputSchema.builder()
                    .putAdditionalProperty(
                        "properties", JsonValue.from(Map.of("river", Map.of("type", "string"))))
                    .build())
            .build();
    Message answer =
        through
            .messages()
            .create(
                question(ToolEngine.MODEL, "How high is the Isar?", 50).toBuilder()
                    .addTool(tool)
                    .build());
    String called =
        answer.content().stream()
            .flatMap((ContentBlock block) -> block.toolUse().stream())
            .map((ToolUseBlock use) -> use.name() + " " + use._input())
            .findFirst()
            .orElse("");
    run.check(
        "a tool call reaches Anthropic's client",
        called.startsWith(ToolEngine.TOOL) && called.contains("Isar"),
        called);
    run.check(
        "a tool of Anthropic's client reaches the engine",
        engine.lastBody().contains("\"input_schema\"") && engine.lastBody().contains("river"),
        engine.lastBody());
  }

  /// @return the text of the answer that a client gets after `Retry-After`
  static String patient(String base, String key) {
    try (var client = new Closing(client(base, key, 3))) {
      return text(client.client().messages().create(question("chat", "What is a weir?", 8)));
    }
  }

  @Override
  public void close() {
    through.close();
    direct.close();
  }
}
