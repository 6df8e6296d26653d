// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.clients;

import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.json.JsonMapper;

/// What is killed comes back: `kill -9` of everything, then a new start on the same folder.
public final class RestartTrial implements Trial {
  private static final String QUESTION =
      """
      {"model": "chat", "max_tokens": 8, "messages": [{"role": "user", "content": "hello"}]}
      """;

  @Override
  public String name() {
    return "restart";
  }

  @Override
  public String about() {
    return "kill -9 of weir up: replicas are adopted, keys and audit hold";
  }

  @Override
  public void run(TrialRun run) throws Exception {
    WeirProcess first = WeirProcess.up();
    String key;
    String pids;
    try {
      first.apply(ClientsTrial.MANIFEST);
      key = first.inferenceKey();
      run.check("it serves", ask(first, key) == 200, "not 200");
      pids = pids(first);
    } finally {
      first.kill();
    }
    try (WeirProcess second = WeirProcess.upAgain(first.folder())) {
      run.check("it serves again", eventually(second, key), "no 200 within 30 s");
      run.check("the same processes serve", pids(second).equals(pids), pids(second));
      String verified = second.ok("audit", "verify");
      run.check("the audit chain is whole", !verified.isEmpty(), verified);
    }
  }

  private static int ask(WeirProcess weir, String key) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        weir.post(
            weir.gateway() + "/v1/chat/completions",
            QUESTION,
            Map.of("authorization", "Bearer " + key));
    return answer.statusCode();
  }

  private static boolean eventually(WeirProcess weir, String key)
      throws IOException, InterruptedException {
    for (int i = 0; i < 150; i++) {
      if (ask(weir, key) == 200) {
        return true;
      }
      LockSupport.parkNanos(200_000_000);
    }
    return false;
  }

  private static String pids(WeirProcess weir) throws IOException, InterruptedException {
    List<Long> pids = new ArrayList<>();
    JsonMapper.shared()
        .readTree(weir.ok("get", "replicas", "-o", "json"))
        .get("items")
        .forEach(replica -> pids.add(replica.get("pid").asLong()));
    return pids.toString();
  }
}
