// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.clients;

import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.AuditCheck;
import dev.weir.trials.setup.FleetView;
import dev.weir.trials.setup.Polling;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// `kill -9` of `weir up`, then a new start on the same folder.
public final class RestartTrial implements Trial {
  private static final String QUESTION =
      """
      {"model": "chat", "max_tokens": 8, "messages": [{"role": "user", "content": "hello"}]}
      """;

  private static final Polling POLLING =
      new Polling(Duration.ofSeconds(30), Duration.ofMillis(200));

  @Override
  public String name() {
    return "restart";
  }

  @Override
  public String about() {
    return "after kill -9 of weir up: replicas are adopted, keys work, the audit log is intact";
  }

  @Override
  public void run(TrialRun run) throws Exception {
    WeirProcess first = WeirProcess.up();
    String key;
    String pids;
    try {
      first.apply(ClientsTrial.MANIFEST);
      key = first.inferenceKey();
      run.check("Weir serves", ask(first, key) == 200, "not 200");
      pids = pids(first);
    } finally {
      first.kill();
    }
    try (WeirProcess second = WeirProcess.upAgain(first.folder())) {
      run.check(
          "Weir serves again", POLLING.holds(() -> ask(second, key) == 200), "no 200 within 30 s");
      run.check("the same processes serve", pids(second).equals(pids), pids(second));
      AuditCheck.verify(run, second);
    }
  }

  private static int ask(WeirProcess weir, String key) throws IOException, InterruptedException {
    return weir.post(weir.gateway() + "/v1/chat/completions", QUESTION, WeirProcess.bearer(key))
        .statusCode();
  }

  private static String pids(WeirProcess weir) throws IOException, InterruptedException {
    List<Long> pids = new ArrayList<>();
    FleetView.of(weir).all().forEach(replica -> pids.add(replica.pid()));
    return pids.toString();
  }
}
