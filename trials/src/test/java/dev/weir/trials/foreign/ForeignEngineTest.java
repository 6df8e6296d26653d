// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.weir.trials.foreign.ForeignClient.Question;
import dev.weir.trials.foreign.Judged.Verdict;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The engine against itself, and the clients' judgement against the engine: what a client calls
/// right is what the engine meant, and each fault is called by its name.
final class ForeignEngineTest {
  private static final Map<String, Object> QUICK =
      Map.of("model", "m", "ttft-millis", 1, "itl-millis", 0);
  private static final Question WHOLE = new Question(7, true, false);
  private static final Question STREAM = new Question(8, false, true);

  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeEach
  void node() throws InterruptedException {
    assumeThat(ForeignEngine.missing()).isEmpty();
  }

  @AfterEach
  void close() {
    http.close();
  }

  @Test
  void the_engine_keeps_its_promises() throws Exception {
    Path program = ForeignEngine.unpack(folder);
    Process node =
        new ProcessBuilder("node", program.toString(), "--self-check")
            .redirectErrorStream(true)
            .start();
    String said = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(node.waitFor()).as(said).isZero();
    assertThat(said).contains("ok ").doesNotContain("FAILED");
  }

  @Test
  void what_the_engine_says_is_right() throws Exception {
    try (ForeignEngine engine = start()) {
      for (long number = 0; number < 40; number++) {
        assertThat(judged(engine, Question.of(number)).wrong()).isEmpty();
      }
    }
  }

  @Test
  void each_fault_is_called_by_its_name() throws Exception {
    try (ForeignEngine engine = start()) {
      engine.set(Map.of("errorRate", 1));
      assertThat(judged(engine, WHOLE)).satisfies(failed("status 500"));
      engine.set(Map.of("errorRate", 0, "emptyRate", 1));
      assertThat(judged(engine, STREAM)).satisfies(wrong("empty"));
      engine.set(Map.of("emptyRate", 0, "garbageRate", 1));
      assertThat(judged(engine, STREAM)).satisfies(wrong("not JSON"));
      engine.set(Map.of("garbageRate", 0, "abortRate", 1));
      assertThat(judged(engine, WHOLE)).satisfies(wrong("finish reason 'abort'"));
      engine.set(Map.of("abortRate", 0, "resetRate", 1));
      assertThat(judged(engine, STREAM)).satisfies(failed("connection broken"));
      engine.set(Map.of("resetRate", 0, "countStop", true));
      assertThat(judged(engine, STREAM)).satisfies(wrong("usage 1 tokens off"));
    }
  }

  private ForeignEngine start() throws IOException {
    return ForeignEngine.start(ForeignEngine.unpack(folder), http, QUICK);
  }

  private Judged judged(ForeignEngine engine, Question question) throws InterruptedException {
    URI url = URI.create(engine.urls().getFirst());
    return new ForeignClient(http, url, "none", "m", 0).ask(question);
  }

  private static java.util.function.Consumer<Judged> failed(String how) {
    return judged -> {
      assertThat(judged.verdict()).isEqualTo(Verdict.FAILED);
      assertThat(judged.wrong()).isEqualTo(how);
    };
  }

  private static java.util.function.Consumer<Judged> wrong(String how) {
    return judged -> {
      assertThat(judged.verdict()).isEqualTo(Verdict.WRONG);
      assertThat(judged.wrong()).isEqualTo(how);
    };
  }
}
