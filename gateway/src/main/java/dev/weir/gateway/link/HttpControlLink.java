// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.link;

import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.GatewayAnswer;
import dev.weir.snapshot.QuestionCodec;
import dev.weir.snapshot.SnapshotFormats;
import dev.weir.snapshot.SnapshotFrames;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.TelemetryAck;
import dev.weir.snapshot.TelemetryCodec;
import dev.weir.snapshot.TelemetryRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Connects to the control plane over HTTP, with a key of role `gateway` as `Authorization: Bearer
/// <key>`:
///
/// - `GET /internal/v1/snapshots?after=<sequence>&formats=<readable formats>&deltas=1` returns `200
///   text/event-stream` with frames as specified in [SnapshotFrames]. A stream without data for
///   [SnapshotFrames#SILENCE_MILLIS] is closed.
/// - `POST /internal/v1/telemetry` sends one batch as JSON ([TelemetryCodec]) and returns `200`
///   with a [TelemetryAck]. `400`, `413` and `422` mean that this batch will never be accepted;
///   every other status means that it can be retried.
/// - `POST /internal/v1/answers` sends the answer to one question ([QuestionCodec]) and returns
///   `200`.
public final class HttpControlLink implements ControlLink, AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);
  private static final int EXCERPT_BYTES = 300;
  private static final String FORMATS =
      SnapshotFormats.READABLE.stream().map(String::valueOf).collect(Collectors.joining(","));

  private final URI control;
  private final Supplier<String> key;
  private final HttpClient client;
  private final Duration silence;
  private final LongSupplier nanoTime;

  /// @param control base URL of the control plane, such as `https://control:9090`
  /// @param key of role `gateway`, read at each call so that it can be replaced on disk
  /// @param trust trusted certificates; the JDK's own trust store if empty
  public HttpControlLink(URI control, Supplier<String> key, Optional<SSLContext> trust) {
    this(
        control,
        key,
        client(trust),
        Duration.ofMillis(SnapshotFrames.SILENCE_MILLIS),
        System::nanoTime);
  }

  private static HttpClient client(Optional<SSLContext> trust) {
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT);
    trust.ifPresent(client::sslContext);
    return client.build();
  }

  /// @param client with the required TLS trust; closed with this link
  /// @param silence time without any byte after which a stream counts as dead
  public HttpControlLink(
      URI control,
      Supplier<String> key,
      HttpClient client,
      Duration silence,
      LongSupplier nanoTime) {
    this.control = URI.create(control.toString().replaceAll("/+$", ""));
    this.key = key;
    this.client = client;
    this.silence = silence;
    this.nanoTime = nanoTime;
  }

  /// Follows the stream on the calling thread and returns after it has ended and the subscriber was
  /// notified.
  @Override
  public void subscribe(long afterSequence, Subscriber subscriber) {
    var stream = new SnapshotStream(subscriber, silence, nanoTime);
    subscriber.onSubscribe(stream);
    try {
      stream.follow(open(afterSequence, stream));
      stream.complete();
    } catch (IOException | RuntimeException e) {
      stream.fail(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stream.fail(e);
    }
  }

  private InputStream open(long afterSequence, SnapshotStream stream)
      throws IOException, InterruptedException {
    HttpRequest request =
        request(
                "/internal/v1/snapshots?after="
                    + afterSequence
                    + "&formats="
                    + FORMATS
                    + "&deltas=1")
            .header("accept", "text/event-stream")
            .GET()
            .build();
    // Not HttpRequest.timeout: some Java versions include the body and would end a healthy stream.
    CompletableFuture<HttpResponse<InputStream>> answer =
        client.sendAsync(request, BodyHandlers.ofInputStream());
    stream.onCancel(() -> answer.cancel(true));
    HttpResponse<InputStream> response = await(answer);
    if (response.statusCode() != 200) {
      try (InputStream body = response.body()) {
        throw unexpectedStatus("snapshots", response.statusCode(), body.readNBytes(EXCERPT_BYTES));
      }
    }
    return response.body();
  }

  private static <T> T await(CompletableFuture<T> answer) throws IOException, InterruptedException {
    try {
      return answer.get(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new IOException("no answer within " + ANSWER_TIMEOUT.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw unreachable(e.getCause());
    }
  }

  private static IOException unreachable(@Nullable Throwable cause) {
    String hint =
        cause instanceof SSLException
            ? " (its certificate must name the host in --control and come from the authority in"
                + " --ca, or from one that this Java trusts)"
            : "";
    return new IOException("the control plane cannot be reached: " + cause + hint, cause);
  }

  @Override
  public TelemetryAck send(Telemetry telemetry) throws IOException, InterruptedException {
    HttpRequest request =
        request("/internal/v1/telemetry")
            .header("content-type", "application/json")
            .timeout(ANSWER_TIMEOUT)
            .POST(BodyPublishers.ofByteArray(TelemetryCodec.encode(telemetry)))
            .build();
    HttpResponse<byte[]> response =
        client.send(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), 64 * 1024));
    int status = response.statusCode();
    if (status == 400 || status == 413 || status == 422) {
      throw new TelemetryRefusedException(
          "batch %d was refused with HTTP %d: %s"
              .formatted(telemetry.batch(), status, excerpt(response.body())));
    }
    if (status != 200) {
      throw unexpectedStatus("telemetry", status, response.body());
    }
    return TelemetryCodec.decodeAck(response.body());
  }

  @Override
  public void answer(GatewayAnswer answer) throws IOException, InterruptedException {
    HttpRequest request =
        request("/internal/v1/answers")
            .header("content-type", "application/json")
            .timeout(ANSWER_TIMEOUT)
            .POST(BodyPublishers.ofByteArray(QuestionCodec.encode(answer)))
            .build();
    HttpResponse<byte[]> response =
        client.send(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), 64 * 1024));
    if (response.statusCode() != 200) {
      throw unexpectedStatus("answers", response.statusCode(), response.body());
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(control + path))
        .header("authorization", "Bearer " + key.get());
  }

  private static IOException unexpectedStatus(String what, int status, byte[] body) {
    String hint =
        switch (status) {
          case 401 ->
              " (401 Unauthorized: the control plane does not know this gateway's key; give it a"
                  + " valid key of role gateway)";
          case 403 -> " (403 Forbidden: this gateway's key lacks the role gateway)";
          case 404 -> " (404: is this the address of the control plane?)";
          default -> "";
        };
    return new IOException(
        "%s: the control plane answered HTTP %d%s: %s"
            .formatted(what, status, hint, excerpt(body)));
  }

  private static String excerpt(byte[] body) {
    int length = Math.min(body.length, EXCERPT_BYTES);
    return new String(body, 0, length, StandardCharsets.UTF_8)
        .replaceAll("\\p{Cntrl}+", " ")
        .strip();
  }

  /// Aborts all calls in progress.
  @Override
  public void close() {
    client.shutdownNow();
  }
}
