// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.engine;

import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.OpenStream;
import dev.weir.trials.setup.Polling;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/// A stream of a real engine, cut at every position and in every way: the client gets what was sent
/// before, what the engine itself says after that, and notices nothing.
final class EngineCuts {
  private static final int TOKENS = 36;

  /// In a sample each kind of cut is made at one position in so many, and no two kinds begin at the
  /// same.
  private static final int SAMPLE = 8;

  private static final int OFFSET = 3;

  /// On a machine that is busy an engine may be silent by itself, so that its stream is cut more
  /// than once or Weir finds it unready: then the same is played again.
  private static final Duration LONG_SILENCE = Duration.ofMillis(500);

  private static final int MOST_PLAYS = 4;
  private static final Polling READY = new Polling(Duration.ofMinutes(2), Duration.ofMillis(100));

  private final TrialRun run;
  private final WeirProcess weir;
  private final String key;
  private final LlamaProcess.Running reference;
  private long offset;
  private int playedAgain;

  EngineCuts(TrialRun run, WeirProcess weir, String key, LlamaProcess.Running reference) {
    this.run = run;
    this.weir = weir;
    this.key = key;
    this.reference = reference;
    this.offset = run.seed() % SAMPLE;
  }

  /// @param options of the engines whose streams are cut
  void play(LlamaProcess llama, List<String> options) throws Exception {
    try (CutFleet fleet = new CutFleet(llama, options)) {
      weir.apply(manifest(fleet.urls()));
      for (CompletionApi family : CompletionApi.values()) {
        DirectAnswers own =
            DirectAnswers.of(family, TOKENS, body -> events(reference.url() + family.path(), body));
        run.figure("positions of " + title(family), own.positions());
        for (Cut.Kind kind : Cut.Kind.values()) {
          cut(fleet, family, own, kind);
          offset += OFFSET;
        }
      }
    }
    run.figure("cuts played again because an engine was slow by itself", playedAgain);
  }

  private void awaitBoth() throws IOException, InterruptedException {
    var _ = READY.holds(this::bothReady);
  }

  private boolean bothReady() throws IOException, InterruptedException {
    int ready = 0;
    for (JsonNode one : weir.api("/api/v1/replicas").path("items")) {
      boolean ours = one.path("version").asString("").equals("story@cut");
      ready += ours && one.path("state").asString("").equals("Ready") ? 1 : 0;
    }
    return ready == 2;
  }

  private static String title(CompletionApi family) {
    return family.path().substring("/v1/".length());
  }

  private void cut(CutFleet fleet, CompletionApi family, DirectAnswers own, Cut.Kind kind)
      throws Exception {
    int step = run.full() ? 1 : SAMPLE;
    List<Integer> positions =
        IntStream.range(0, own.positions())
            .filter(at -> (at - offset) % step == 0)
            .boxed()
            .toList();
    Summary summary = new Summary();
    long start = System.nanoTime();
    for (int at : positions) {
      DirectAnswers.Expected wanted = own.cutAfter(at);
      Case one = new Case(family, new Cut("cut-%s-%s-%d-".formatted(family, kind, at), at, kind));
      List<String> wrong = one.play(fleet, wanted, own.saidAll(at));
      summary.add(wanted, own.saidAll(at), wrong);
      run.check(
          "%s: %s after %d events".formatted(title(family), kind.title(), at),
          wrong.isEmpty(),
          String.join("; ", wrong));
    }
    String title = title(family) + ", " + kind.title();
    run.figure(title, summary);
    run.say("%s: %s in %d ms".formatted(title, summary, (System.nanoTime() - start) / 1_000_000));
  }

  private static final class Summary {
    private int right;
    private int wrong;
    private int unsent;
    private int whole;

    void add(DirectAnswers.Expected wanted, boolean saidAll, List<String> found) {
      right += found.isEmpty() ? 1 : 0;
      wrong += found.isEmpty() ? 0 : 1;
      unsent += wanted.sent() == 0 ? 1 : 0;
      whole += saidAll ? 1 : 0;
    }

    @Override
    public String toString() {
      return "%d right, %d wrong; %d before the first token, %d after all but the end mark"
          .formatted(right, wrong, unsent, whole);
    }
  }

  /// One stream and its cut.
  private final class Case {
    private final CompletionApi family;
    private final Cut cut;

    Case(CompletionApi family, Cut cut) {
      this.family = family;
      this.cut = cut;
    }

    /// @return what is wrong with what the client got
    List<String> play(CutFleet fleet, DirectAnswers.Expected wanted, boolean saidAll)
        throws Exception {
      List<String> wrong = List.of();
      for (int i = 0; i < MOST_PLAYS; i++) {
        awaitBoth();
        fleet.streamCutter().arm(cut);
        wrong = ask(wanted);
        boolean undisturbed =
            bothReady() && fleet.streamCutter().longestSilenceNanos() < LONG_SILENCE.toNanos();
        if (cut.kind() == Cut.Kind.KILL) {
          fleet.awaitDeath();
        }
        fleet.repair();
        int asked = fleet.streamCutter().asked();
        if (wrong.isEmpty() && (asked == 2 || saidAll)) {
          return wrong;
        }
        if (undisturbed && asked <= 2) {
          return asked == 2 ? wrong : plus(wrong, "no replica resumed it");
        }
        playedAgain++;
      }
      return plus(wrong, "disturbed again and again");
    }

    private static List<String> plus(List<String> some, String more) {
      List<String> all = new ArrayList<>(some);
      all.add(more);
      return all;
    }

    private List<String> ask(DirectAnswers.Expected wanted) throws Exception {
      String question = family.question("cuts", true, TOKENS, cut.mark());
      try (OpenStream stream =
          new OpenStream(weir.gateway() + family.path(), question, WeirProcess.bearer(key))) {
        stream.readAll();
        List<String> wrong = wrong(stream, wanted);
        return wrong.isEmpty()
            ? wrong
            : plus(wrong, weir.run("explain", stream.requestId()).out().strip());
      } catch (IOException e) {
        return List.of("the answer broke: " + e);
      }
    }

    private List<String> wrong(OpenStream stream, DirectAnswers.Expected wanted) {
      List<JsonNode> events = stream.events();
      List<String> wrong = new ArrayList<>();
      same(wrong, "status", stream.status(), 200);
      same(wrong, "error", stream.error(), "");
      same(wrong, "text", stream.text(), wanted.text());
      same(wrong, "ids", distinct(events, "id").size(), 1);
      same(wrong, "times", distinct(events, "created").size(), 1);
      same(wrong, "models", distinct(events, "model").size(), 1);
      same(wrong, "roles", found(events, e -> choice(e).path("delta").path("role")), roles());
      same(
          wrong,
          "finishes",
          found(events, e -> choice(e).path("finish_reason")),
          List.of('"' + wanted.finish() + '"'));
      same(wrong, "usage", counts(events), List.of(counts(wanted)));
      same(wrong, "end mark", stream.done(), true);
      return wrong;
    }

    private List<String> roles() {
      return family == CompletionApi.CHAT ? List.of("\"assistant\"") : List.of();
    }
  }

  private static void same(List<String> wrong, String what, Object seen, Object wanted) {
    if (!seen.equals(wanted)) {
      wrong.add("%s: %s instead of %s".formatted(what, seen, wanted));
    }
  }

  private static Set<String> distinct(List<JsonNode> events, String field) {
    return events.stream().map(event -> event.path(field).toString()).collect(Collectors.toSet());
  }

  /// The values that are present and not null, in the order of the events.
  private static List<String> found(List<JsonNode> events, Function<JsonNode, JsonNode> part) {
    return events.stream()
        .map(part)
        .filter(node -> !node.isMissingNode() && !node.isNull())
        .map(JsonNode::toString)
        .toList();
  }

  private static JsonNode choice(JsonNode event) {
    return event.path("choices").path(0);
  }

  private static List<List<Integer>> counts(List<JsonNode> events) {
    return events.stream()
        .map(event -> event.path("usage"))
        .filter(JsonNode::isObject)
        .map(usage ->
            List.of(
                usage.path("prompt_tokens").asInt(),
                usage.path("completion_tokens").asInt(),
                usage.path("total_tokens").asInt()))
        .toList();
  }

  private static List<Integer> counts(DirectAnswers.Expected wanted) {
    int prompt = wanted.promptTokens();
    int output = wanted.outputTokens();
    return List.of(prompt, output, prompt + output);
  }

  private static List<JsonNode> events(String url, String body)
      throws IOException, InterruptedException {
    try (OpenStream stream = new OpenStream(url, body, Map.of())) {
      return stream.readAll().events();
    }
  }

  /// Every request fails once here: the budget allows it, and no breaker takes offence.
  private static String manifest(List<String> urls) {
    return """
    apiVersion: weir.dev/v1
    kind: Target
    metadata: {name: cut}
    spec: {provider: external}
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: story-cut}
    spec: {model: story, version: "cut", engine: {type: llamacpp}}
    ---
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: cuts}
    spec:
      version: story@cut
      placements: [{target: cut, endpoints: {story@cut: ["%s"]}}]
      traffic:
        timeouts: {connect: 1s, firstToken: 3s, stall: 1s, total: 30s}
        retries: {budget: 100%%, maxAttempts: 3}
        breaker: {consecutiveFailures: 1000, panicThreshold: 100%%}
    """
        .formatted(String.join("\", \"", urls));
  }
}
