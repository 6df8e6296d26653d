// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials;

import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.Polling;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Day-two operations through the CLI. Single replicas are cordoned, drained and restarted under
/// streams that cannot be resumed, so that any cut shows. `kill -9` of everything interrupts a
/// drain and a restart. The output of the commands must be true afterwards.
final class OperationsTrial implements Trial {
  private static final String HASTY = "drain-cuts-streams";
  private static final int STREAMS = 6;
  private static final Polling POLLING =
      new Polling(Duration.ofSeconds(90), Duration.ofMillis(200));

  private static final String MANIFEST =
      """
      apiVersion: weir.dev/v1
      kind: Model
      metadata: {name: chat}
      spec: {owner: trial@example.com, licence: apache-2.0, intendedUse: trial}
      ---
      apiVersion: weir.dev/v1
      kind: ModelVersion
      metadata: {name: chat-1}
      spec: {model: chat, version: "1", engine: {type: sim, args: ["--profile", "llama-3.1-8b-h100"]}}
      ---
      apiVersion: weir.dev/v1
      kind: Service
      metadata: {name: chat}
      spec: {version: chat@1, placements: [{target: local, replicas: 2}]}
      """;

  private static final String QUESTION =
      """
      {"model": "chat", "max_tokens": 200, "stream": true, "ignore_eos": true,
       "messages": [{"role": "user", "content": "hello"}]}
      """;

  @Override
  public String name() {
    return "operations";
  }

  @Override
  public String about() {
    return "cordon, drain, restart, logs, explain, faults, audit, revoke; kill -9 in the middle";
  }

  @Override
  public List<String> mutations() {
    return List.of(HASTY);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    WeirProcess weir = WeirProcess.up();
    String key;
    String restarting;
    try {
      weir.apply(MANIFEST);
      key = weir.inferenceKey();
      underStreams(run, weir, key);
      reading(run, weir, key);
      revoking(run, weir);
      rehearsing(run, weir, key);
      weir.ok("replica", "drain", "chat-1-0", "--no-wait", "--reason", "trial");
    } finally {
      weir.kill();
    }
    WeirProcess second = WeirProcess.upAgain(weir.folder());
    try {
      rehearsed(run, second, key);
      run.check(
          "a drain goes on after kill -9",
          eventually(second, "chat-1-0", r -> state(r).equals("Stopped")),
          replica(second, "chat-1-0"));
      second.ok("replica", "uncordon", "chat-1-0");
      run.check(
          "and the replica serves again after uncordon",
          eventually(second, "chat-1-0", OperationsTrial::serves),
          "not Ready");
      restarting = replica(second, "chat-1-1").path("pid").toString();
      second.ok("replica", "restart", "chat-1-1", "--no-wait");
    } finally {
      second.kill();
    }
    try (WeirProcess third = WeirProcess.upAgain(weir.folder())) {
      run.check(
          "a restart goes on after kill -9",
          eventually(
              third, "chat-1-1", r -> serves(r) && !r.path("pid").toString().equals(restarting)),
          replica(third, "chat-1-1"));
      truth(run, third);
    }
  }

  private static void underStreams(TrialRun run, WeirProcess weir, String key) throws Exception {
    AtomicBoolean ending = new AtomicBoolean();
    AtomicInteger whole = new AtomicInteger();
    List<String> broken = new ArrayList<>();
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      clients.add(Thread.startVirtualThread(() -> ask(weir, key, ending, whole, broken)));
    }
    POLLING.require("streams end", () -> whole.get() >= STREAMS);
    weir.ok("replica", "cordon", "chat-1-0", "--reason", "looks odd");
    run.check(
        "a cordoned replica runs and its reason names the operator's text",
        replica(weir, "chat-1-0").path("reason").asString("").contains("(looks odd)"),
        replica(weir, "chat-1-0"));
    run.check(
        "the last serving replica is not drained",
        weir.run("replica", "drain", "chat-1-1").status() == 1,
        "0");
    weir.ok("replica", "uncordon", "chat-1-0");
    if (run.mutated(HASTY)) {
      ProcessHandle.of(replica(weir, "chat-1-0").path("pid").asLong())
          .ifPresent(ProcessHandle::destroyForcibly);
    }
    weir.ok("replica", "drain", "chat-1-0");
    run.check(
        "a drained replica is Stopped",
        state(replica(weir, "chat-1-0")).equals("Stopped"),
        "not Stopped");
    String table = weir.ok("get", "services");
    run.check(
        "READY counts the drained replica",
        table.contains("1/2") && table.contains("Degraded"),
        table);
    weir.ok("replica", "uncordon", "chat-1-0");
    run.check(
        "an uncordoned replica serves again",
        eventually(weir, "chat-1-0", OperationsTrial::serves),
        "not Ready");
    String before = replica(weir, "chat-1-1").path("pid").toString();
    weir.ok("replica", "restart", "chat-1-1");
    run.check(
        "a restart starts another process",
        !replica(weir, "chat-1-1").path("pid").toString().equals(before),
        before);
    ending.set(true);
    for (Thread client : clients) {
      client.join();
    }
    run.check("no stream was cut", broken.isEmpty(), broken);
    run.figure("streamsWhole", whole.get());
    run.figure("streamsCut", broken.size());
  }

  private static void ask(
      WeirProcess weir,
      String key,
      AtomicBoolean ending,
      AtomicInteger whole,
      List<String> broken) {
    while (!ending.get()) {
      String seen;
      try {
        HttpResponse<String> answer = stream(weir, key);
        boolean good = answer.statusCode() == 200 && answer.body().contains("[DONE]");
        seen = good && !answer.body().contains("\"error\"") ? "" : answer.toString();
      } catch (IOException e) {
        seen = e.toString();
      } catch (InterruptedException e) {
        return;
      }
      if (seen.isEmpty()) {
        whole.incrementAndGet();
      } else {
        synchronized (broken) {
          broken.add(seen);
        }
      }
    }
  }

  private static HttpResponse<String> stream(WeirProcess weir, String key)
      throws IOException, InterruptedException {
    return weir.post(
        weir.gateway() + "/v1/chat/completions",
        QUESTION,
        Map.of("authorization", "Bearer " + key, "x-weir-resume", "off"));
  }

  private static void reading(TrialRun run, WeirProcess weir, String key) throws Exception {
    String id = stream(weir, key).headers().firstValue("x-request-id").orElse("");
    String explained = weir.ok("explain", id);
    run.check(
        "explain names the replica",
        explained.contains("chat-1-") && explained.contains("200"),
        explained);
    run.check(
        "explain reports an unknown request",
        weir.run("explain", "unknown").err().contains("no gateway has a record of request unknown"),
        "no such message");
    run.check(
        "logs include the launch",
        weir.ok("logs", "chat-1-0").contains("=== weir: launch"),
        "no launch line");
    Path file = weir.folder().resolve("audit.jsonl");
    weir.ok("audit", "export", "-o", file.toString());
    weir.ok("audit", "verify", "--file", file.toString());
    String text = Files.readString(file);
    Files.writeString(file, text.replaceFirst("looks odd", "looks fine"));
    run.check(
        "a changed export fails verification",
        weir.run("audit", "verify", "--file", file.toString()).status() == 1,
        "0");
  }

  private static void revoking(TrialRun run, WeirProcess weir) throws Exception {
    String gone = weir.inferenceKey("gone");
    POLLING.require("the new key is accepted", () -> stream(weir, gone).statusCode() == 200);
    String revoked = weir.ok("key", "revoke", "gone");
    run.check("gateways acknowledge a revocation", revoked.contains("acknowledged by"), revoked);
    int status = stream(weir, gone).statusCode();
    run.check("a revoked key is refused at once", status == 401, status);
  }

  private static void rehearsing(TrialRun run, WeirProcess weir, String key) throws Exception {
    weir.ok("fault", "inject", "chat", "--kind", "error", "--status", "503", "--for", "5m");
    HttpResponse<String> struck = stream(weir, key);
    String name = struck.headers().firstValue("x-weir-fault").orElse("");
    run.check("an injected fault fails the request", struck.statusCode() == 503, struck);
    run.check(
        "and fault list names it",
        weir.ok("fault", "list").contains(name) && !name.isEmpty(),
        name);
  }

  private static void rehearsed(TrialRun run, WeirProcess weir, String key) throws Exception {
    POLLING.require(
        "a fault is injected",
        () -> stream(weir, key).headers().firstValue("x-weir-fault").isPresent());
    run.check("a fault survives kill -9", weir.ok("fault", "list").contains("status 503"), "gone");
    weir.ok("fault", "clear", "--all");
    POLLING.require("the gateway serves", () -> stream(weir, key).statusCode() == 200);
    run.check(
        "a cleared fault is removed",
        weir.ok("doctor").indexOf("fault chat") < 0,
        weir.ok("doctor"));
  }

  private static void truth(TrialRun run, WeirProcess weir) throws Exception {
    String verified = weir.ok("audit", "verify");
    run.check("the audit chain is whole", verified.contains("unbroken"), verified);
    String audit = weir.ok("audit", "list", "-o", "json");
    long restarts = count(audit, "\"replica.restarted\"");
    run.check("each restart happened once", restarts == 2, restarts);
    run.check(
        "rollout history works without rollouts",
        weir.run("rollout", "history", "chat").status() == 0,
        "not 0");
    run.check(
        "both replicas serve",
        POLLING.holds(() -> weir.ok("get", "services").contains("2/2")),
        weir.ok("get", "services"));
  }

  private static long count(String text, String word) {
    return text.split(word, -1).length - 1L;
  }

  private static boolean eventually(WeirProcess weir, String name, Predicate<JsonNode> wanted)
      throws IOException, InterruptedException {
    return POLLING.holds(() -> wanted.test(replica(weir, name)));
  }

  private static boolean serves(JsonNode replica) {
    return state(replica).equals("Ready") && replica.path("order").isMissingNode();
  }

  private static String state(JsonNode replica) {
    return replica.path("state").asString("");
  }

  private static JsonNode replica(WeirProcess weir, String name)
      throws IOException, InterruptedException {
    for (JsonNode item : weir.api("/api/v1/replicas").path("items")) {
      if (item.path("name").asString("").equals(name)) {
        return item;
      }
    }
    return JsonMapper.shared().createObjectNode();
  }
}
