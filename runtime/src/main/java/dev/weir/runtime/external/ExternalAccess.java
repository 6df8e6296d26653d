// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.external;

import dev.weir.model.spec.TargetSettings.ExternalTarget;
import dev.weir.model.spec.TargetSpec.TlsSpec;
import dev.weir.runtime.probe.CallCredentials;
import dev.weir.runtime.probe.GenerationProbe;
import dev.weir.runtime.secret.SecretReader;
import java.io.IOException;
import java.net.http.HttpClient;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/// The credentials of one Target's endpoints: its key and its CAs. Both are read for each call, so
/// that they can be rotated at any time.
final class ExternalAccess implements Supplier<CallCredentials>, AutoCloseable {
  /// Characters that a header allows. The HTTP client would reject others with a message that
  /// contains the value.
  private static final Pattern TOKEN = Pattern.compile("[!-~]+");

  private volatile ExternalTarget target;
  private final Map<String, String> environment;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Made cached;
  private boolean closed;

  /// @param authorities the content of the CA file that the client trusts; empty uses Java's trust
  ///   store
  private record Made(TlsSpec tls, String authorities, HttpClient client) {}

  /// @param environment Weir's environment variables
  ExternalAccess(ExternalTarget target, Map<String, String> environment) {
    this.target = target;
    this.environment = environment;
  }

  void follow(ExternalTarget changed) {
    target = changed;
  }

  /// Whether endpoints are called by address, because the expected server name differs from the
  /// host of their URLs.
  boolean byAddress() {
    return target.tls().serverName().isPresent();
  }

  @Override
  public CallCredentials get() {
    ExternalTarget now = target;
    try {
      return new CallCredentials.Granted(client(now.tls()), token(now), now.tls().serverName());
    } catch (IOException e) {
      return new CallCredentials.Missing(String.valueOf(e.getMessage()));
    }
  }

  private Optional<String> token(ExternalTarget target) throws IOException {
    if (target.credential().isEmpty()) {
      return Optional.empty();
    }
    String reference = target.credential().get();
    String token;
    try {
      token = SecretReader.read(reference, environment);
    } catch (IOException e) {
      throw new IOException("the target's credential " + e.getMessage(), e);
    }
    if (!TOKEN.matcher(token).matches()) {
      throw new IOException(
          "the target's credential "
              + reference
              + " is not a valid token: it must be one word of printable ASCII");
    }
    return Optional.of(token);
  }

  private HttpClient client(TlsSpec tls) throws IOException {
    String authorities = authorities(tls);
    lock.lock();
    try {
      if (closed) {
        throw new IOException("the target is being closed");
      }
      Made known = cached;
      if (known == null || !known.tls().equals(tls) || !known.authorities().equals(authorities)) {
        Made next = new Made(tls, authorities, build(tls, authorities));
        if (known != null) {
          known.client().shutdown();
        }
        cached = next;
        known = next;
      }
      return known.client();
    } finally {
      lock.unlock();
    }
  }

  private String authorities(TlsSpec tls) throws IOException {
    Optional<String> file = tls.caFile();
    if (file.isEmpty()) {
      return "";
    }
    try {
      return SecretReader.read("file:" + file.get(), environment);
    } catch (IOException e) {
      throw new IOException("the target's tls.caFile: " + e.getMessage(), e);
    }
  }

  private static HttpClient build(TlsSpec tls, String authorities) throws IOException {
    HttpClient.Builder builder = GenerationProbe.clientBuilder();
    if (!authorities.isEmpty() || tls.serverName().isPresent()) {
      builder.sslContext(Authorities.trusting(authorities, tls.serverName()));
    }
    tls.serverName()
        .ifPresent(name -> {
          // Java sends this name only if the URL has an address.
          SSLParameters parameters = new SSLParameters();
          parameters.setServerNames(List.of(new SNIHostName(name)));
          builder.sslParameters(parameters);
        });
    return builder.build();
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (cached != null) {
        cached.client().shutdownNow();
      }
    } finally {
      lock.unlock();
    }
  }
}
