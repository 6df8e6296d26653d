// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.foreign;

import dev.weir.trials.foreign.ForeignClient.Question;
import dev.weir.trials.setup.TrialManifests;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Streams of a Service on two foreign engines. One of them cuts many streams.
///
/// @param breaker the engine that cuts streams
/// @param steady the engine that resumes them
public record Resumptions(ForeignEngine breaker, ForeignEngine steady) implements AutoCloseable {
  private static final int STREAMS = 120;
  private static final int AT_ONCE = 8;

  /// The Service, its Model and its version.
  public String manifest(String name) {
    List<String> urls = new ArrayList<>(breaker.urls());
    urls.addAll(steady.urls());
    return TrialManifests.externalModel(name, 1)
        + TrialManifests.externalService(
            name,
            name + "@1",
            urls,
            "{timeouts: {connect: 1s, firstToken: 5s, stall: 5s, total: 20s},"
                + " retries: {budget: 100%, maxAttempts: 6}}");
  }

  /// Sends chats and completions in turn, a few at a time.
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

  /// The number of streams that were cut.
  public int broken() throws Exception {
    return breaker.count("cut") + breaker.count("reset");
  }

  @Override
  public void close() {
    breaker.close();
    steady.close();
  }
}
