// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Credentials and CA certificates for replicas, read from their references, never on an event
/// loop. A value is used for a second; afterwards the next request rereads it in the background, so
/// a replaced file takes effect one or two requests later. Shared by all loops.
public final class UpstreamCredentials {
  private static final Logger LOG = LoggerFactory.getLogger(UpstreamCredentials.class);
  private static final long CACHE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int MAX_BYTES = 64 << 10;
  private static final int MAX_CACHED = 4096;

  /// Characters that a header can carry.
  private static final Pattern TOKEN = Pattern.compile("[!-~]+");

  private final Map<String, String> environment;
  private final LongSupplier nanoTime;
  private final Map<UpstreamAuth, CachedEntry> cache = new ConcurrentHashMap<>();

  /// The result of reading.
  sealed interface Entry {
    /// @param token empty for none
    /// @param tls for connections; empty for Java's own CA certificates
    record Granted(Optional<String> token, Optional<SslContext> tls) implements Entry {
      /// Omits the token.
      @Override
      public String toString() {
        return "Granted";
      }
    }

    /// @param what the missing item, without its location
    record Missing(String what) implements Entry {}
  }

  private static final Entry OPEN = new Entry.Granted(Optional.empty(), Optional.empty());

  private static final class CachedEntry {
    final Entry entry;
    final String authorities;
    final long atNanos;
    final AtomicBoolean reading = new AtomicBoolean();

    CachedEntry(Entry entry, String authorities, long atNanos) {
      this.entry = entry;
      this.authorities = authorities;
      this.atNanos = atNanos;
    }
  }

  /// @param environment Weir's environment variables
  public UpstreamCredentials(Map<String, String> environment, LongSupplier nanoTime) {
    this.environment = Map.copyOf(environment);
    this.nanoTime = nanoTime;
  }

  /// The credentials for this authentication; completes on the loop, immediately if cached.
  Future<Entry> of(UpstreamAuth auth, EventLoop loop) {
    if (auth.needsNoFiles()) {
      return loop.newSucceededFuture(OPEN);
    }
    CachedEntry cached = cache.get(auth);
    if (cached != null) {
      boolean old = nanoTime.getAsLong() - cached.atNanos >= CACHE_NANOS;
      if (old && cached.reading.compareAndSet(false, true)) {
        Thread.ofVirtual().name("access").start(() -> read(auth, cached));
      }
      return loop.newSucceededFuture(cached.entry);
    }
    Promise<Entry> promise = loop.newPromise();
    Thread.ofVirtual().name("access").start(() -> promise.setSuccess(read(auth, null)));
    return promise;
  }

  private Entry read(UpstreamAuth auth, @Nullable CachedEntry before) {
    String authorities = before == null ? "" : before.authorities;
    Entry entry;
    try {
      Optional<String> token = token(auth.credential());
      String now = auth.caFile().isEmpty() ? "" : file(auth.caFile());
      entry = new Entry.Granted(token, tls(now, before));
      authorities = now;
    } catch (IOException | RuntimeException e) {
      boolean credential = e instanceof MissingException;
      LOG.atWarn()
          .addKeyValue("event", "upstream.access.missing")
          .addKeyValue("reference", credential ? auth.credential() : auth.caFile())
          .log("A Target's credential or CA file cannot be read on this gateway");
      entry = new Entry.Missing(credential ? "its credential" : "its CA file");
    }
    if (cache.size() >= MAX_CACHED) {
      cache.clear();
    }
    cache.put(auth, new CachedEntry(entry, authorities, nanoTime.getAsLong()));
    return entry;
  }

  private Optional<String> token(String reference) throws MissingException {
    if (reference.isEmpty()) {
      return Optional.empty();
    }
    String token;
    try {
      token =
          reference.startsWith("file:")
              ? file(reference.substring("file:".length()))
              : environment.get(reference.substring("env:".length()));
    } catch (IOException | RuntimeException e) {
      throw new MissingException(reference);
    }
    if (token == null || !TOKEN.matcher(token).matches()) {
      throw new MissingException(reference);
    }
    return Optional.of(token);
  }

  private static Optional<SslContext> tls(String authorities, @Nullable CachedEntry before)
      throws IOException {
    if (authorities.isEmpty()) {
      return Optional.empty();
    }
    if (before != null
        && before.authorities.equals(authorities)
        && before.entry instanceof Entry.Granted granted) {
      return granted.tls();
    }
    return Optional.of(
        SslContextBuilder.forClient()
            .trustManager(new ByteArrayInputStream(authorities.getBytes(StandardCharsets.US_ASCII)))
            .endpointIdentificationAlgorithm("HTTPS")
            .build());
  }

  private static String file(String path) throws IOException {
    try (InputStream in = Files.newInputStream(Path.of(path))) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException("larger than " + MAX_BYTES + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8).strip();
    }
  }

  /// A missing credential; contains the reference, never the value.
  private static final class MissingException extends IOException {
    private static final long serialVersionUID = 1L;

    MissingException(String reference) {
      super(reference);
    }
  }
}
