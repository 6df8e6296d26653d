// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import dev.weir.model.check.ForbiddenAddresses;
import dev.weir.runtime.NameResolver;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/// HTTP and SMTP to where users said, never to link-local or metadata addresses nor to Weir itself.
/// Redirects are not followed: they would lead elsewhere than was looked at.
public final class Outward implements Transport {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration WHOLE = Duration.ofSeconds(10);

  private final Supplier<Set<Integer>> ownPorts;
  private final NameResolver names;
  private final InstantSource clock;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(CONNECT)
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /// @param ownPorts Weir's own ports on this machine
  public Outward(Supplier<Set<Integer>> ownPorts, NameResolver names, InstantSource clock) {
    this.ownPorts = ownPorts;
    this.names = names;
    this.clock = clock;
  }

  @Override
  public Reply send(Message message) throws InterruptedException {
    return switch (message) {
      case Message.Post post -> post(post);
      case Message.Mail mail ->
          forbidden(mail.host(), mail.port()).orElseGet(() -> MailPost.send(mail, CONNECT, WHOLE));
    };
  }

  private Reply post(Message.Post post) throws InterruptedException {
    URI to = post.to();
    if (to.getHost() == null
        || !("http".equals(to.getScheme()) || "https".equals(to.getScheme()))) {
      return new Reply.Refused("not called: the URL is neither http nor https, or names no host");
    }
    Optional<Reply> forbidden = forbidden(to.getHost(), port(to));
    return forbidden.isPresent() ? forbidden.get() : call(post);
  }

  private Reply call(Message.Post post) throws InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(post.to())
            .timeout(WHOLE)
            .header("Content-Type", post.contentType())
            .header("User-Agent", "weir")
            .POST(BodyPublishers.ofString(post.body()));
    post.headers().forEach(request::header);
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(request.build(), head -> new FirstBytes());
    try {
      return Answers.judge(answer.get(WHOLE.toMillis(), TimeUnit.MILLISECONDS), clock.instant());
    } catch (TimeoutException e) {
      return later("no answer within " + WHOLE.toSeconds() + " s");
    } catch (ExecutionException e) {
      return later(cause(e));
    } finally {
      answer.cancel(true);
    }
  }

  private static String cause(ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    String said = cause.getMessage() == null ? "" : ": " + cause.getMessage();
    return cause.getClass().getSimpleName() + said;
  }

  static Reply later(String said) {
    return new Reply.Later(said, Optional.empty());
  }

  private Optional<Reply> forbidden(String host, int port) {
    try {
      for (InetAddress address : names.lookUp(bare(host))) {
        Optional<String> why = ForbiddenAddresses.reason(address);
        if (why.isPresent()) {
          return Optional.of(new Reply.Refused("not called: " + host + " leads to " + why.get()));
        }
        if (address.isLoopbackAddress() && ownPorts.get().contains(port)) {
          return Optional.of(new Reply.Refused("not called: " + port + " is Weir's own port"));
        }
      }
      return Optional.empty();
    } catch (UnknownHostException e) {
      return Optional.of(later(host + " cannot be looked up"));
    }
  }

  private static String bare(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
