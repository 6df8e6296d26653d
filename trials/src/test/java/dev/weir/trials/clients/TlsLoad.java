// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.clients;

import dev.weir.client.TlsTrust;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/// Streams through a gateway with TLS, on kept connections and on new ones in turn.
final class TlsLoad implements AutoCloseable {
  private static final String QUESTION =
      """
      {"model": "chat", "stream": true, "max_tokens": 60,
       "messages": [{"role": "user", "content": "tell"}]}
      """;

  private final String gateway;
  private final String key;
  private final Path authority;
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger streams = new AtomicInteger();
  private final AtomicInteger handshakes = new AtomicInteger();
  private final List<Thread> clients;
  private volatile boolean stopped;

  /// @param authority of the gateway's certificates
  TlsLoad(String gateway, String key, Path authority, int clients) {
    this.gateway = gateway;
    this.key = key;
    this.authority = authority;
    this.clients =
        IntStream.range(0, clients)
            .mapToObj(n -> Thread.ofVirtual().name("tls-client-" + n).start(this::play))
            .toList();
  }

  private void play() {
    HttpClient kept = connected();
    while (!stopped) {
      one(kept);
      try (HttpClient fresh = connected()) {
        one(fresh);
      }
    }
    kept.close();
  }

  private HttpClient connected() {
    handshakes.incrementAndGet();
    return client(authority);
  }

  private void one(HttpClient client) {
    failure(client, gateway, key).ifPresent(failures::add);
    streams.incrementAndGet();
  }

  /// Waits until so many streams more have ended.
  void awaitMore(int more) {
    int wanted = streams.get() + more;
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (streams.get() < wanted && System.nanoTime() < deadline) {
      LockSupport.parkNanos(10_000_000);
    }
  }

  void stop() throws InterruptedException {
    stopped = true;
    for (Thread client : clients) {
      client.join();
    }
  }

  List<String> failures() {
    return failures.stream().limit(5).toList();
  }

  int streams() {
    return streams.get();
  }

  int handshakes() {
    return handshakes.get();
  }

  /// The clients end with what they are doing.
  @Override
  public void close() {
    stopped = true;
  }

  // --- single calls

  /// One stream on a connection of its own; what went wrong, if anything.
  static Optional<String> stream(String gateway, String key, Path authority) {
    try (HttpClient client = client(authority)) {
      return failure(client, gateway, key);
    }
  }

  static int status(String url, Path authority) throws IOException, InterruptedException {
    try (HttpClient client = client(authority)) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  private static HttpClient client(Path authority) {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .sslContext(TlsTrust.only(authority))
        .build();
  }

  private static Optional<String> failure(HttpClient client, String gateway, String key) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(gateway + "/v1/chat/completions"))
            .header("authorization", "Bearer " + key)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(QUESTION))
            .build();
    try {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      boolean whole = answer.statusCode() == 200 && answer.body().endsWith("data: [DONE]\n\n");
      return whole ? Optional.empty() : Optional.of(answer.statusCode() + " " + answer.body());
    } catch (IOException e) {
      return Optional.of(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of(e.toString());
    }
  }

  /// For reading certificates of any issuer.
  static SSLContext trustingAnybody() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Anybody()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Anybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
