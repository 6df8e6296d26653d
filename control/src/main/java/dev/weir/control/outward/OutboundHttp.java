// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.outward;

import dev.weir.runtime.AddressRule;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// HTTP to where users said, never to link-local or metadata addresses nor to Weir itself.
/// Redirects are not followed: they would lead elsewhere than was looked at. Thread-safe.
public final class OutboundHttp implements AutoCloseable {
  public static final Duration CONNECT = Duration.ofSeconds(5);

  /// For a whole call.
  public static final Duration WHOLE = Duration.ofSeconds(10);

  private final AddressRule rule;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(CONNECT)
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  public OutboundHttp(AddressRule rule) {
    this.rule = rule;
  }

  /// Why the URL may not be called, without repeating more of it than its host; empty when it may
  /// be.
  public Optional<String> refusal(URI to) throws UnknownHostException {
    boolean spoken = "http".equals(to.getScheme()) || "https".equals(to.getScheme());
    if (to.getHost() == null || !spoken) {
      return Optional.of("not called: the URL is neither http nor https, or names no host");
    }
    return refusal(to.getHost(), port(to));
  }

  /// The same for another protocol.
  ///
  /// @throws UnknownHostException with a message for people
  public Optional<String> refusal(String host, int port) throws UnknownHostException {
    try {
      return rule.refused(host, port).map(where -> "not called: " + host + " leads to " + where);
    } catch (UnknownHostException e) {
      throw new UnknownHostException(host + " cannot be looked up");
    }
  }

  /// Calls it and waits, [#WHOLE] at most.
  ///
  /// @param most bytes of the answer that are read
  public HttpResponse<String> call(HttpRequest.Builder request, int most)
      throws InterruptedException, ExecutionException, TimeoutException {
    HttpRequest asked = request.timeout(WHOLE).header("User-Agent", "weir").build();
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(asked, _ -> new BodyPrefix(most));
    try {
      return answer.get(WHOLE.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      answer.cancel(true);
    }
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
