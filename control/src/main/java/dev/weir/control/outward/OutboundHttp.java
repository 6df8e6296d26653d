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

/// HTTP client for addresses that users configure. It never calls link-local or metadata addresses,
/// or Weir itself. It does not follow redirects, because their addresses are not checked.
/// Thread-safe.
public final class OutboundHttp implements AutoCloseable {
  public static final Duration CONNECT = Duration.ofSeconds(5);

  /// The timeout of a whole call.
  public static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);

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

  /// The reason why the URL must not be called; empty if it may be called. Of the URL, the reason
  /// contains only the host.
  public Optional<String> refusal(URI to) throws UnknownHostException {
    boolean supported = "http".equals(to.getScheme()) || "https".equals(to.getScheme());
    if (to.getHost() == null || !supported) {
      return Optional.of("not called: the URL is neither http nor https, or has no host");
    }
    return refusal(to.getHost(), port(to));
  }

  /// The same for another protocol.
  ///
  /// @throws UnknownHostException with a message for users
  public Optional<String> refusal(String host, int port) throws UnknownHostException {
    try {
      return rule.refused(host, port).map(where -> "not called: " + host + " points to " + where);
    } catch (UnknownHostException e) {
      throw new UnknownHostException(host + " cannot be looked up");
    }
  }

  /// Sends the request and waits for the response, at most [#CALL_TIMEOUT].
  ///
  /// @param maxBytes the maximum number of bytes of the response to read
  public HttpResponse<String> call(HttpRequest.Builder request, int maxBytes)
      throws InterruptedException, ExecutionException, TimeoutException {
    HttpRequest complete = request.timeout(CALL_TIMEOUT).header("User-Agent", "weir").build();
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(complete, _ -> new BodyPrefix(maxBytes));
    try {
      return answer.get(CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
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
