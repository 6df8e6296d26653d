// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.trials.fuzz.RawHttp.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Sends attempts to a running control plane with parallel workers, each in a namespace of its own,
/// beside a valid client. Compares the answers with the audit log and with the store.
public final class Fuzzer {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int WORKERS = 4;
  private static final int LOOK_AT_ONE_IN = 8;

  private final int port;
  private final List<String> keys;
  private final String gatewayKey;
  private final boolean halfApplies;
  private final LiveApi api;
  private final Judge judge = new Judge();
  private final GoodCitizen citizen;
  private final AtomicInteger looks = new AtomicInteger();
  private final AtomicInteger reopened = new AtomicInteger();

  /// The answers by request id.
  private final Map<String, Outcome> outcomes = new ConcurrentHashMap<>();

  /// Cases that reached each route of the API document.
  private final Map<String, Integer> aimed = new ConcurrentHashMap<>();

  /// @param changed whether the answer reports a write
  private record Outcome(int status, boolean replayed, boolean changed) {}

  /// @param keys the first is an administrator's
  /// @param halfApplies the deliberate bug: the first resource of a refused set is applied
  public Fuzzer(int port, List<String> keys, String gatewayKey, boolean halfApplies)
      throws IOException {
    this.port = port;
    this.keys = List.copyOf(keys);
    this.gatewayKey = gatewayKey;
    this.halfApplies = halfApplies;
    try (var http = new RawHttp(port)) {
      byte[] ask = Holdings.get("/api/v1/openapi.json", keys.getFirst());
      this.api = new LiveApi(JSON.readTree(http.send(ask).body()));
    }
    api.operations().forEach(operation -> aimed.put(operation.key(), 0));
    this.citizen = new GoodCitizen(new RawHttp(port), keys.getFirst());
  }

  /// @param cases altogether
  public void play(int cases, long seed) throws InterruptedException {
    List<Throwable> ends = Collections.synchronizedList(new ArrayList<>());
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < WORKERS; i++) {
      int worker = i;
      workers.add(
          started(ends, () -> work(worker, cases / WORKERS, new Random(seed * 31 + worker))));
    }
    Thread good =
        started(
            ends,
            () -> {
              while (workers.stream().anyMatch(Thread::isAlive)) {
                citizen.write();
              }
            });
    for (Thread worker : workers) {
      worker.join();
    }
    good.join();
    if (!ends.isEmpty()) {
      throw new IllegalStateException("a worker ended early", ends.getFirst());
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private static Thread started(List<Throwable> ends, Work work) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            work.run();
          } catch (IOException | RuntimeException e) {
            ends.add(e);
          }
        });
  }

  private void work(int worker, int cases, RandomGenerator random) throws IOException {
    String namespace = "ns" + worker;
    var attempts = new Attempts(random, api, namespace, "w" + worker, keys, gatewayKey);
    try (var http = new RawHttp(port)) {
      var holdings = new Holdings(http, api, namespace, keys.getFirst());
      for (int i = 0; i < cases; i++) {
        Attempt attempt = attempts.next();
        boolean look = random.nextInt(LOOK_AT_ONE_IN) == 0;
        Map<String, Long> before = look ? holdings.now() : Map.of();
        Answer answer =
            attempt.whole() ? http.send(attempt.bytes()) : http.sendAndEnd(attempt.bytes());
        judge.judge(attempt, answer);
        note(attempt, answer);
        if (halfApplies && answer.status() == 422 && !attempt.set().isEmpty()) {
          applyFirst(http, attempt);
        }
        if (look && answer.status() >= 400) {
          looks.incrementAndGet();
          Map<String, Long> after = holdings.now();
          judge.require(after.equals(before), attempt, answer, "a refusal left a trace, " + after);
        }
      }
      reopened.addAndGet(http.reopened());
    }
  }

  private void note(Attempt attempt, Answer answer) {
    boolean changed =
        answer.status() < 300
            && attempt.whole()
            && (answer.body().contains("\"effect\":\"created\"")
                || answer.body().contains("\"effect\":\"changed\""))
            && !answer.body().contains("\"dryRun\":true")
            && !attempt.what().startsWith("POST /api/v1/plan");
    boolean replayed = !answer.header("idempotency-replayed").isEmpty();
    outcomes.put(attempt.id(), new Outcome(answer.status(), replayed, changed && !replayed));
    aimed.computeIfPresent(attempt.route(), (_, count) -> count + 1);
  }

  private void applyFirst(RawHttp http, Attempt attempt) throws IOException {
    byte[] body = JSON.writeValueAsBytes(attempt.set().getFirst());
    http.send(
        ("POST /api/v1/apply HTTP/1.1\r\nHost: weir\r\nx-request-id: "
                + attempt.id()
                + "\r\nAuthorization: Bearer "
                + keys.getFirst()
                + "\r\nContent-Length: "
                + body.length
                + "\r\n\r\n"
                + new String(body, UTF_8))
            .getBytes(UTF_8));
  }

  /// Compares every outcome with the audit log: a refused request wrote nothing, no request wrote
  /// two times, every reported write is there, and no request hidden in another was carried out.
  ///
  /// @return what contradicts it
  public List<String> contradictions() throws IOException {
    Map<String, Integer> written = written();
    Set<String> wrong = new HashSet<>();
    if (written.containsKey(Framing.SMUGGLED)) {
      wrong.add("a request that hid in the body of another was carried out");
    }
    outcomes.forEach((id, outcome) -> {
      int writes = written.getOrDefault(id, 0);
      if (outcome.status() >= 400 && writes > 0) {
        wrong.add("case " + id + " was refused with " + outcome.status() + " but wrote");
      }
      if (writes > 1 || (outcome.replayed() && writes > 0)) {
        wrong.add("case " + id + " wrote " + writes + " times");
      }
      if (outcome.changed() && writes == 0) {
        wrong.add("case " + id + " says it wrote, but the audit log does not");
      }
    });
    return List.copyOf(wrong);
  }

  /// How many allowed entries each request id has.
  private Map<String, Integer> written() throws IOException {
    Map<String, Integer> written = new HashMap<>();
    try (var http = new RawHttp(port)) {
      long after = 0;
      JsonNode items = page(http, after);
      while (!items.isEmpty()) {
        for (JsonNode entry : items) {
          if (entry.path("outcome").asString("").equals("allowed")) {
            written.merge(entry.path("requestId").asString(""), 1, Integer::sum);
          }
          after = entry.path("sequence").asLong();
        }
        items = page(http, after);
      }
    }
    return written;
  }

  private JsonNode page(RawHttp http, long after) throws IOException {
    String path = "/api/v1/audit?limit=1000&after=" + after;
    return JSON.readTree(http.send(Holdings.get(path, keys.getFirst())).body()).path("items");
  }

  public int cases() {
    return outcomes.size();
  }

  /// How many requests were carried out.
  public long accepted() {
    return outcomes.values().stream()
        .filter(outcome -> outcome.status() > 0 && outcome.status() < 300)
        .count();
  }

  /// Refusals before and after which everything stored was compared.
  public int looks() {
    return looks.get();
  }

  /// Cases by route of the API document.
  public Map<String, Integer> aimed() {
    return new TreeMap<>(aimed);
  }

  /// The number of persistent connections that the server closed without an answer.
  public int reopened() {
    return reopened.get();
  }

  /// Writes of the one who only does right.
  public long goodWrites() {
    return citizen.writes();
  }

  /// The writes of the valid client that failed.
  public List<String> goodWritesLost() {
    return citizen.wrong();
  }

  public Judge judge() {
    return judge;
  }
}
