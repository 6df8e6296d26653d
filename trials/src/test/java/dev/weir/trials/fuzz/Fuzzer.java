// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.trials.fuzz.RawHttp.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Plays attempts at a running control plane, some workers side by side, each in a namespace of its
/// own, and holds the answers against the audit log and against what is stored.
public final class Fuzzer {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int WORKERS = 4;
  private static final int LOOK_AT_ONE_IN = 5;

  private final int port;
  private final List<String> keys;
  private final boolean halfApplies;
  private final Judge judge = new Judge();

  /// Status by request id, of calls that may write.
  private final Map<String, Integer> outcomes = new ConcurrentHashMap<>();

  private final Set<String> replayed = ConcurrentHashMap.newKeySet();

  /// @param keys the first is an administrator's
  /// @param halfApplies the deliberate bug: the first resource of a refused set is applied
  public Fuzzer(int port, List<String> keys, boolean halfApplies) {
    this.port = port;
    this.keys = List.copyOf(keys);
    this.halfApplies = halfApplies;
  }

  /// @param cases altogether
  public void play(int cases, long seed) throws InterruptedException {
    List<Thread> workers = new ArrayList<>();
    List<Throwable> ends = java.util.Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < WORKERS; i++) {
      int worker = i;
      workers.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  work(worker, cases / WORKERS, new Random(seed * 31 + worker));
                } catch (IOException | RuntimeException e) {
                  ends.add(e);
                }
              }));
    }
    for (Thread worker : workers) {
      worker.join();
    }
    if (!ends.isEmpty()) {
      throw new IllegalStateException("a worker ended early", ends.getFirst());
    }
  }

  private void work(int worker, int cases, RandomGenerator random) throws IOException {
    var attempts = new Attempts(random, "ns" + worker, "w" + worker, keys);
    try (var http = new RawHttp(port)) {
      for (int i = 0; i < cases; i++) {
        Attempt attempt = attempts.next();
        boolean look = !attempt.set().isEmpty() && random.nextInt(LOOK_AT_ONE_IN) == 0;
        String before = look ? stored(http, attempt.set()) : "";
        Answer answer =
            attempt.whole() ? http.send(attempt.bytes()) : http.sendAndEnd(attempt.bytes());
        judge.judge(attempt, answer);
        note(attempt, answer);
        if (halfApplies && answer.status() == 422 && !attempt.set().isEmpty()) {
          applyFirst(http, attempt);
        }
        if (look && answer.status() >= 400) {
          judge.require(
              stored(http, attempt.set()).equals(before),
              attempt,
              answer,
              "a refusal left a trace");
        }
      }
    }
  }

  private void note(Attempt attempt, Answer answer) {
    outcomes.put(attempt.id(), answer.status());
    if (!answer.header("idempotency-replayed").isEmpty()) {
      replayed.add(attempt.id());
    }
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

  /// The spec revisions of all resources of a set that have a usable name.
  private String stored(RawHttp http, List<ObjectNode> set) throws IOException {
    Map<String, String> revisions = new TreeMap<>();
    for (ObjectNode one : set) {
      String kind = one.path("kind").asString("").toLowerCase(Locale.ROOT);
      String name = one.path("metadata").path("name").asString("");
      String namespace = one.path("metadata").path("namespace").asString("");
      if (!kind.matches("[a-z]{3,20}")
          || !name.matches("[a-z0-9-]{1,60}")
          || !namespace.matches("[a-z0-9-]{0,60}")) {
        continue;
      }
      String path =
          "/api/v1/"
              + (namespace.isEmpty() ? "" : "namespaces/" + namespace + "/")
              + kind
              + "s/"
              + name;
      Answer answer = http.send(get(path));
      String revision =
          answer.status() == 200
              ? JSON.readTree(answer.body()).path("metadata").path("specRevision").asString("?")
              : "none";
      revisions.put(path, revision);
    }
    return revisions.toString();
  }

  private byte[] get(String path) {
    return ("GET "
            + path
            + " HTTP/1.1\r\nHost: weir\r\nAuthorization: Bearer "
            + keys.getFirst()
            + "\r\n\r\n")
        .getBytes(UTF_8);
  }

  /// Holds every outcome against the audit log: a refused request wrote nothing, and no request
  /// wrote twice.
  ///
  /// @return what contradicts it
  public List<String> contradictions() throws IOException {
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
    Set<String> wrong = new HashSet<>();
    outcomes.forEach((id, status) -> {
      int writes = written.getOrDefault(id, 0);
      if (status >= 400 && writes > 0) {
        wrong.add("case " + id + " was refused with " + status + " but wrote");
      }
      if (writes > 1 || (replayed.contains(id) && writes > 0)) {
        wrong.add("case " + id + " wrote " + writes + " times");
      }
    });
    return List.copyOf(wrong);
  }

  private JsonNode page(RawHttp http, long after) throws IOException {
    return JSON.readTree(http.send(get("/api/v1/audit?limit=1000&after=" + after)).body())
        .path("items");
  }

  public int cases() {
    return outcomes.size();
  }

  /// How many requests were carried out.
  public long accepted() {
    return outcomes.values().stream().filter(status -> status > 0 && status < 300).count();
  }

  public List<String> wrong() {
    return judge.wrong();
  }

  public int wrongs() {
    return judge.wrongs();
  }

  public Map<Integer, Integer> statuses() {
    return judge.statuses();
  }

  /// @param share 0.5 for the median, 1 for the worst
  public double millis(double share) {
    return judge.millis(share);
  }
}
