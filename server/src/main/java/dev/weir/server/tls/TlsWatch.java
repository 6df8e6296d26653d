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

/// Keeps one listener's certificate the newest that its files hold.
///
/// The content is compared, not a time stamp, so that it works for renamed files and for the
/// symbolic links of mounted secrets alike. A pair that cannot be used changes nothing: the one
/// before serves on, and the log says why. Because the two files of a pair can't be replaced at the
/// same instant, that is said only of what looked the same twice.
public final class TlsWatch implements AutoCloseable {
  /// From so long before the end on, the log and `weir doctor` warn.
  public static final Duration WARNS_BEFORE = Duration.ofDays(14);

  private static final Logger LOG = LoggerFactory.getLogger(TlsWatch.class);
  private static final long LOOK_EVERY_MILLIS = 1_000;
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
  private boolean suspectTold;
  private Instant nextWarning = Instant.MIN;

  /// @param listener its name in the log
  /// @param first what the listener shows now
  /// @param renewed gives the listener the context for new connections
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

  /// Looks now and then every second.
  public void start() {
    warnOfOpenKey();
    var _ =
        ticker.scheduleWithFixedDelay(
            this::lookSafely, 0, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  /// A look that failed must not be the last one.
  private void lookSafely() {
    try {
      look();
    } catch (RuntimeException e) {
      LOG.error("event=tls.watch.failed listener={}", listener, e);
    }
  }

  /// One look at the files and at the clock.
  void look() {
    switch (files.read()) {
      case Read.Usable usable when usable.digest().equals(digest) -> suspect = Optional.empty();
      case Read.Usable usable when expired(usable.pair()) && !expired(pair) ->
          suspected(usable.digest(), "it has expired on " + usable.pair().expires());
      case Read.Usable usable -> renew(usable);
      case Read.Unusable unusable -> suspected(unusable.digest() + unusable.why(), unusable.why());
    }
    warnOfTheEnd();
  }

  private void renew(Read.Usable usable) {
    renewed.accept(usable.pair().context());
    pair = usable.pair();
    digest = usable.digest();
    suspect = Optional.empty();
    nextWarning = Instant.MIN;
    LOG.info("event=tls.renewed listener={} certificate=\"{}\"", listener, pair);
    warnOfOpenKey();
  }

  private void suspected(String what, String why) {
    if (!suspect.equals(Optional.of(what))) {
      suspect = Optional.of(what);
      suspectTold = false;
    } else if (!suspectTold) {
      suspectTold = true;
      LOG.error("event=tls.refused listener={} why=\"{}\" stays=\"{}\"", listener, why, pair);
    }
  }

  private boolean expired(TlsPair other) {
    return !clock.instant().isBefore(other.expires());
  }

  private void warnOfTheEnd() {
    Instant now = clock.instant();
    if (now.isBefore(nextWarning) || now.plus(WARNS_BEFORE).isBefore(pair.expires())) {
      return;
    }
    nextWarning = now.plus(WARN_EVERY);
    LOG.warn(
        "event={} listener={} at={} file={}: replace it, Weir reads it again by itself",
        expired(pair) ? "tls.expired" : "tls.expires",
        listener,
        pair.expires(),
        files.certificate());
  }

  private void warnOfOpenKey() {
    if (files.keyIsPublic()) {
      LOG.warn(
          "event=tls.key.readable listener={} file={}: every user of this machine can read it;"
              + " chmod 600 it",
          listener,
          files.key());
    }
  }

  /// Until the certificate that is shown now expires; below 0 when it has.
  public long secondsLeft() {
    return Duration.between(clock.instant(), pair.expires()).toSeconds();
  }

  @Override
  public void close() {
    ticker.shutdownNow();
  }
}
