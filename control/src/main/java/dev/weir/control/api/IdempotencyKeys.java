// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.control.api.call.ApiCall;
import dev.weir.control.api.call.ApiJson;
import dev.weir.control.api.call.ApiResponse;
import dev.weir.control.api.call.ApiRoute;
import dev.weir.control.api.call.ProblemException;
import dev.weir.control.api.call.ProblemType;
import dev.weir.store.Observations;
import dev.weir.store.Observations.Entry;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/// Stores successful responses to POSTs by (principal, `Idempotency-Key`) for a day. A repeated
/// request gets the stored response and is not executed again. Another request with the same key is
/// refused.
///
/// Only successful responses are stored: a refused request changed nothing and may be repeated. A
/// response that is large or contains a secret is stored without its body, and a repetition is
/// refused with this reason. At most about `MAX_KEPT` responses are stored; the oldest are removed
/// first.
final class IdempotencyKeys {
  static final Duration KEPT_FOR = Duration.ofHours(24);
  private static final String COLLECTION = "idempotency-keys";
  private static final int MAX_KEPT = 2_000;
  private static final int MAX_BODY = 64 * 1024;
  private static final int MAX_KEY = 255;
  private static final int SWEEP_EVERY = 64;

  private final Observations kept;
  private final InstantSource clock;
  private final Set<String> running = ConcurrentHashMap.newKeySet();
  private final AtomicInteger sinceSweep = new AtomicInteger();

  IdempotencyKeys(Observations kept, InstantSource clock) {
    this.kept = kept;
    this.clock = clock;
  }

  /// Returns the stored response, or executes the handler and stores its response.
  ApiResponse answer(ApiRoute route, ApiCall call, String path) throws Exception {
    Optional<String> given = Optional.ofNullable(call.headers().get(ApiCall.IDEMPOTENCY_KEY));
    if (given.isEmpty()) {
      return route.handler().handle(call);
    }
    if (given.get().isBlank() || given.get().length() > MAX_KEY) {
      throw ProblemException.of(
          ProblemType.MALFORMED, "Idempotency-Key must have 1 to " + MAX_KEY + " characters");
    }
    String key = sha256(call.caller().principal() + "\n" + given.get());
    if (!running.add(key)) {
      throw ProblemException.of(
          ProblemType.CONFLICT, "a request with this Idempotency-Key is in progress");
    }
    try {
      String fingerprint = fingerprint(route, call, path);
      Optional<ApiResponse> stored = stored(key, fingerprint);
      return stored.isPresent() ? stored.get() : execute(route, call, key, fingerprint);
    } finally {
      running.remove(key);
    }
  }

  private ApiResponse execute(ApiRoute route, ApiCall call, String key, String fingerprint)
      throws Exception {
    ApiResponse answer = route.handler().handle(call);
    if (answer instanceof ApiResponse.Whole whole) {
      kept.put(COLLECTION, key, ApiJson.text(entry(route, whole, fingerprint)));
      if (sinceSweep.incrementAndGet() >= SWEEP_EVERY) {
        sinceSweep.set(0);
        sweep();
      }
    }
    return answer;
  }

  private ObjectNode entry(ApiRoute route, ApiResponse.Whole answer, String fingerprint) {
    ObjectNode entry = ApiJson.object();
    entry.put("at", clock.millis());
    entry.put("fingerprint", fingerprint);
    entry.put("status", answer.status());
    entry.put("contentType", answer.contentType());
    if (!route.secretAnswer() && answer.body().length <= MAX_BODY) {
      entry.put("body", Base64.getEncoder().encodeToString(answer.body()));
    }
    return entry;
  }

  private Optional<ApiResponse> stored(String key, String fingerprint) {
    Optional<ObjectNode> found = kept.get(COLLECTION, key).map(ApiJson::own).filter(this::fresh);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode entry = found.get();
    if (!entry.path("fingerprint").stringValue().equals(fingerprint)) {
      throw ProblemException.of(
          ProblemType.KEY_REUSED,
          "another request used this Idempotency-Key within the last day; choose a new one");
    }
    if (!entry.has("body")) {
      throw ProblemException.of(
          ProblemType.CONFLICT,
          "this request was already executed; its response is large or contained a secret, so it"
              + " is not stored");
    }
    return Optional.of(
        new ApiResponse.Whole(
            entry.path("status").intValue(),
            entry.path("contentType").stringValue(),
            Base64.getDecoder().decode(entry.path("body").stringValue()),
            Map.of("Idempotency-Replayed", "true")));
  }

  private boolean fresh(ObjectNode entry) {
    return clock.millis() - entry.path("at").longValue() < KEPT_FOR.toMillis();
  }

  private void sweep() {
    List<Aged> all =
        kept.list(COLLECTION, "").stream()
            .map(this::aged)
            .sorted(Comparator.comparingLong(Aged::at).reversed())
            .toList();
    long oldest = clock.millis() - KEPT_FOR.toMillis();
    List<String> old =
        Stream.concat(all.stream().filter(a -> a.at() <= oldest), all.stream().skip(MAX_KEPT))
            .map(Aged::key)
            .distinct()
            .toList();
    if (!old.isEmpty()) {
      kept.delete(COLLECTION, old);
    }
  }

  private Aged aged(Entry entry) {
    return new Aged(entry.key(), ApiJson.own(entry.value()).path("at").longValue());
  }

  private record Aged(String key, long at) {}

  private static String fingerprint(ApiRoute route, ApiCall call, String path) {
    return sha256(
        route.method()
            + "\n"
            + path
            + "\n"
            + new TreeMap<>(call.query())
            + "\n"
            + HexFormat.of().formatHex(digest(call.body())));
  }

  private static String sha256(String text) {
    return HexFormat.of().formatHex(digest(text.getBytes(UTF_8)));
  }

  private static byte[] digest(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
