// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.tls;

import dev.weir.server.tls.TlsFiles.Read;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reloads the certificate of one listener when its files change.
///
/// Compares the content instead of timestamps, so that it works for renamed files and for the
/// symbolic links of mounted secrets. An unusable pair is logged and the previous pair stays in
/// use. Because two files cannot be replaced atomically, the log reports a problem only after two
/// identical reads.
public final class TlsWatch implements AutoCloseable {
  /// The log and `weir doctor` warn this long before the expiry.
  public static final Duration WARNS_BEFORE = Duration.ofDays(14);

  private static final Logger LOG = LoggerFactory.getLogger(TlsWatch.class);
  private static final long INTERVAL_MILLIS = 1_000;
  private static final Duration WARN_EVERY = Duration.ofDays(1);

  private final String listener;
  private final TlsFiles files;
  private final InstantSource clock;
  private final Consumer<SSLContext> renewed;
  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("certificates").factory());
  private volatile TlsPair pair;
  private String digest;
  private Optional<String> suspect = Optional.empty();
  private boolean suspectReported;
  private Instant nextWarning = Instant.MIN;

  /// @param listener name of the listener in the log
  /// @param first the pair in use
  /// @param renewed receives the context for new connections
  public TlsWatch(
      String listener,
      TlsFiles files,
      Read.Usable first,
      Consumer<SSLContext> renewed,
      InstantSource clock) {
    this.listener = listener;
    this.files = files;
    this.pair = first.pair();
    this.digest = first.digest();
    this.renewed = renewed;
    this.clock = clock;
  }

  /// Checks the files now and then every second.
  public void start() {
    warnOfReadableKey();
    var _ =
        ticker.scheduleWithFixedDelay(this::checkSafely, 0, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
  }

  /// Catches failures, because an exception would end the schedule.
  private void checkSafely() {
    try {
      look();
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("event", "tls.watch.failed")
          .addKeyValue("listener", listener)
          .setCause(e)
          .log("The TLS files cannot be checked");
    }
  }

  /// Checks the files and the expiry once.
  void look() {
    switch (files.read()) {
      case Read.Usable usable when usable.digest().equals(digest) -> suspect = Optional.empty();
      case Read.Usable usable when expired(usable.pair()) && !expired(pair) ->
          suspected(usable.digest(), "it expired at " + usable.pair().expires());
      case Read.Usable usable -> renew(usable);
      case Read.Unusable unusable -> suspected(unusable.digest() + unusable.why(), unusable.why());
    }
    warnOfExpiry();
  }

  private void renew(Read.Usable usable) {
    renewed.accept(usable.pair().context());
    pair = usable.pair();
    digest = usable.digest();
    suspect = Optional.empty();
    nextWarning = Instant.MIN;
    LOG.atInfo()
        .addKeyValue("event", "tls.renewed")
        .addKeyValue("listener", listener)
        .addKeyValue("certificate", pair)
        .log("A new certificate is in use");
    warnOfReadableKey();
  }

  private void suspected(String what, String why) {
    if (!suspect.equals(Optional.of(what))) {
      suspect = Optional.of(what);
      suspectReported = false;
    } else if (!suspectReported) {
      suspectReported = true;
      LOG.atError()
          .addKeyValue("event", "tls.refused")
          .addKeyValue("listener", listener)
          .addKeyValue("reason", why)
          .addKeyValue("certificate", pair)
          .log("The TLS files are unusable; the previous certificate stays in use");
    }
  }

  private boolean expired(TlsPair other) {
    return !clock.instant().isBefore(other.expires());
  }

  private void warnOfExpiry() {
    Instant now = clock.instant();
    if (now.isBefore(nextWarning) || now.plus(WARNS_BEFORE).isBefore(pair.expires())) {
      return;
    }
    nextWarning = now.plus(WARN_EVERY);
    LOG.atWarn()
        .addKeyValue("event", expired(pair) ? "tls.expired" : "tls.expires")
        .addKeyValue("listener", listener)
        .addKeyValue("expires", pair.expires())
        .addKeyValue("file", files.certificate())
        .log("Replace the certificate file; Weir reads it again automatically");
  }

  private void warnOfReadableKey() {
    if (files.keyIsPublic()) {
      LOG.atWarn()
          .addKeyValue("event", "tls.key.readable")
          .addKeyValue("listener", listener)
          .addKeyValue("file", files.key())
          .log("All users of this machine can read the key file; run chmod 600");
    }
  }

  /// Seconds until the current certificate expires; negative after the expiry.
  public long secondsLeft() {
    return Duration.between(clock.instant(), pair.expires()).toSeconds();
  }

  @Override
  public void close() {
    ticker.shutdownNow();
  }
}
