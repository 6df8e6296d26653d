// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.foreign;

import dev.weir.trials.foreign.ForeignClient.Question;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Streams of a Service on two foreign engines, of which one breaks many off in their middle.
///
/// @param breaker the engine that breaks streams off
/// @param steady the one that goes on
public record Resumptions(ForeignEngine breaker, ForeignEngine steady) implements AutoCloseable {
  private static final int STREAMS = 120;
  private static final int AT_ONCE = 8;

  /// The Service, its Model and its version.
  public String manifest(String name) {
    return """
    ---
    apiVersion: weir.dev/v1
    kind: Model
    metadata: {name: %1$s}
    spec: {owner: trials}
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: %1$s-1}
    spec: {model: %1$s, version: "1", engine: {type: vllm}}
    ---
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: %1$s}
    spec:
      version: %1$s@1
      placements: [{target: there, endpoints: {%1$s@1: [%2$s, %3$s]}}]
      traffic:
        timeouts: {connect: 1s, firstToken: 5s, stall: 5s, total: 20s}
        retries: {budget: 100%%, maxAttempts: 6}
    """
        .formatted(name, ForeignRelease.urls(breaker), ForeignRelease.urls(steady));
  }

  /// Chats and completions in turn, a few at a time.
  public List<Judged> ask(ForeignClient client) throws Exception {
    List<Callable<Judged>> all = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      Question question = new Question(i, i % 2 == 0, true);
      all.add(() -> client.ask(question));
    }
    List<Judged> judged = new ArrayList<>();
    try (ExecutorService clients = Executors.newFixedThreadPool(AT_ONCE)) {
      for (Future<Judged> each : clients.invokeAll(all)) {
        judged.add(each.get());
      }
    }
    return judged;
  }

  /// How many streams were broken off.
  public int broken() throws Exception {
    return breaker.count("cut") + breaker.count("reset");
  }

  @Override
  public void close() {
    breaker.close();
    steady.close();
  }
}
