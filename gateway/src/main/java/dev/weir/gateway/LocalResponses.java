// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.dialect.ErrorBody;
import dev.weir.gateway.dialect.ModelList;
import dev.weir.gateway.exchange.AuthResult;
import dev.weir.gateway.exchange.Authenticator;
import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.RequestHead;
import dev.weir.gateway.exchange.SnapshotHolder;
import dev.weir.gateway.exchange.load.RecoveryEstimator;
import dev.weir.gateway.exchange.load.RetryAfter;
import dev.weir.gateway.relay.AnswerHeaders;
import dev.weir.gateway.route.Router;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Responses of the gateway itself: health, readiness, metrics, models, errors.
final class LocalResponses {
  private static final String JSON = "application/json";
  private static final Logger LOG = LoggerFactory.getLogger(LocalResponses.class);

  private final SnapshotHolder snapshots;
  private final MetricsSource metrics;
  private final RecoveryEstimator recoveryEstimator;

  LocalResponses(
      SnapshotHolder snapshots, MetricsSource metrics, RecoveryEstimator recoveryEstimator) {
    this.snapshots = snapshots;
    this.metrics = metrics;
    this.recoveryEstimator = recoveryEstimator;
  }

  /// Whether a path is answered here.
  boolean knows(String path) {
    return LocalPath.find(path).isPresent();
  }

  void answer(
      RequestHead head,
      ClientStream client,
      String requestId,
      Authenticator authenticator,
      RequestRejection rejection) {
    switch (LocalPath.find(head.path()).orElse(LocalPath.MODELS)) {
      case HEALTH -> json(client, 200, "{\"status\":\"ok\"}", requestId);
      case READY -> ready(client, requestId);
      case METRICS -> metrics(client, requestId);
      case MODELS, MODEL -> models(head, client, authenticator, rejection);
    }
  }

  private void ready(ClientStream client, String requestId) {
    Optional<String> why = snapshots.notReadyReason();
    if (why.isPresent()) {
      Failure failure =
          new Failure(Failure.Kind.NOT_READY, why.get())
              .retryAfter(recoveryEstimator.nanosLeft(RecoveryEstimator.SNAPSHOT));
      fail(client, failure, false, requestId, Map.of());
      return;
    }
    long sequence = snapshots.current().sequence();
    json(client, 200, "{\"status\":\"ready\",\"snapshot\":" + sequence + "}", requestId);
  }

  /// Rendering may take milliseconds, so it runs off the event loop.
  private void metrics(ClientStream client, String requestId) {
    Thread.ofVirtual()
        .name("metrics")
        .start(() -> {
          Optional<byte[]> page = scrape();
          client.loop().execute(() -> metricsAnswer(client, requestId, page));
        });
  }

  private Optional<byte[]> scrape() {
    try {
      return Optional.of(metrics.scrape());
    } catch (RuntimeException e) {
      LOG.atWarn()
          .addKeyValue("event", "metrics.failed")
          .setCause(e)
          .log("Metrics cannot be rendered");
      return Optional.empty();
    }
  }

  private static void metricsAnswer(ClientStream client, String requestId, Optional<byte[]> page) {
    if (page.isEmpty()) {
      Failure failure = new Failure(Failure.Kind.INTERNAL, "the metrics could not be rendered");
      fail(client, failure, false, requestId, Map.of());
      return;
    }
    send(client, 200, page.get(), "text/plain; version=0.0.4; charset=utf-8", requestId);
  }

  /// Only these paths need a key: the list of models is not public.
  private void models(
      RequestHead head,
      ClientStream client,
      Authenticator authenticator,
      RequestRejection rejection) {
    IndexedSnapshot current = snapshots.current();
    switch (authenticator.authenticate(head, current)) {
      case AuthResult.Denied denied -> rejection.denied(denied);
      case AuthResult.Allowed allowed ->
          models(head.path(), client, rejection, current, allowed.key());
    }
  }

  private static void models(
      String path,
      ClientStream client,
      RequestRejection rejection,
      IndexedSnapshot current,
      KeyEntry key) {
    long created = Math.max(0, current.snapshot().publishedAt().getEpochSecond());
    if (path.equals(LocalPath.MODELS.path())) {
      byte[] list =
          ModelList.of(
              Router.visible(current, key), created, route -> Router.ready(current, route));
      send(client, 200, list, JSON, rejection.requestId());
      return;
    }
    String name = path.substring(LocalPath.MODEL.path().length());
    decoded(name)
        .flatMap(model -> Router.match(current, key, model))
        .ifPresentOrElse(
            route -> {
              byte[] card = ModelList.of(route, created, Router.ready(current, route));
              send(client, 200, card, JSON, rejection.requestId());
            },
            () -> rejection.reject(unknownModel(name)));
  }

  private static Optional<String> decoded(String segment) {
    try {
      return Optional.of(URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// The same message for a model that does not exist and for one that the key may not use.
  static Failure unknownModel(String model) {
    return new Failure(
        Failure.Kind.UNKNOWN_MODEL, "the model '" + shown(model) + "' does not exist");
  }

  /// Text from the client, truncated so that it can be echoed.
  static String shown(String text) {
    return text.length() > 200 ? text.substring(0, 200) + "..." : text;
  }

  private static void json(ClientStream client, int status, String body, String requestId) {
    send(client, status, body.getBytes(StandardCharsets.UTF_8), JSON, requestId);
  }

  private static void send(
      ClientStream client, int status, byte[] body, String type, String requestId) {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.CONTENT_TYPE, type);
    headers.set("x-request-id", requestId);
    client.answer(status, headers, Unpooled.wrappedBuffer(body));
  }

  /// Answers `OPTIONS`.
  static void options(ClientStream client, String allow, String requestId) {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.ALLOW, allow);
    headers.set("x-request-id", requestId);
    client.answer(204, headers, Unpooled.EMPTY_BUFFER);
  }

  /// Sends a keep-alive to the client of a stream.
  ///
  /// @param own additional headers
  static void waiting(
      ClientStream client, boolean anthropic, String requestId, Map<String, String> own) {
    HttpHeaders headers = AnswerHeaders.of(200, EmptyHttpHeaders.INSTANCE, own);
    headers.set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_EVENT_STREAM);
    headers.set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_CACHE);
    headers.set("x-request-id", requestId);
    client.waiting(headers, whole -> ErrorBody.event(anthropic, whole));
  }

  /// Answers with a failure of the gateway itself, in the format of the API family.
  ///
  /// @param own additional headers
  static void fail(
      ClientStream client,
      Failure failure,
      boolean anthropic,
      String requestId,
      Map<String, String> own) {
    int status = failure.kind().status();
    HttpHeaders headers = AnswerHeaders.of(status, EmptyHttpHeaders.INSTANCE, own);
    headers.set(HttpHeaderNames.CONTENT_TYPE, JSON);
    headers.set("x-request-id", requestId);
    RetryAfter.of(failure).ifPresent(seconds -> headers.set(HttpHeaderNames.RETRY_AFTER, seconds));
    if (anthropic) {
      headers.set("request-id", requestId);
    }
    byte[] body = ErrorBody.of(anthropic, failure, requestId);
    client.answer(status, headers, Unpooled.wrappedBuffer(body));
  }
}
