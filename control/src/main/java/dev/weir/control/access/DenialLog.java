// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.access;

import dev.weir.store.AuditDraft;
import dev.weir.store.Store;
import dev.weir.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes denials to the audit log at a bounded rate, so that a flood of them cannot fill the disk.
///
/// The first denial of a (source address, principal) is written at once. Further denials within a
/// minute are only counted; after the minute, one entry records their number and the last of them.
/// Sources beyond a limit share one bucket, so at most `2 * (MAX_ANONYMOUS + MAX_KNOWN + 2)`
/// entries are written per minute. Anonymous and known callers have separate limits: a flood of
/// invalid keys cannot hide the attempts of a known principal.
public final class DenialLog implements AutoCloseable {
  static final Duration WINDOW = Duration.ofMinutes(1);
  static final int MAX_ANONYMOUS = 32;
  static final int MAX_KNOWN = 256;
  static final String ANONYMOUS = "anonymous";
  private static final String MANY = "many";
  private static final Logger LOG = LoggerFactory.getLogger(DenialLog.class);

  private final Store store;
  private final InstantSource clock;
  private final Map<Source, Window> anonymous = new HashMap<>();
  private final Map<Source, Window> known = new HashMap<>();

  public DenialLog(Store store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  /// Records one denial.
  ///
  /// @param principal empty if the caller is not authenticated
  /// @param attempt what was tried, for example `PUT /api/v1/targets/local`
  /// @param why the reason of the denial
  public void denied(
      String principal, String sourceAddress, String requestId, String attempt, String why) {
    boolean first;
    Source source;
    synchronized (this) {
      Map<Source, Window> windows = principal.isEmpty() ? anonymous : known;
      int limit = principal.isEmpty() ? MAX_ANONYMOUS : MAX_KNOWN;
      String name = principal.isEmpty() ? ANONYMOUS : principal;
      source = new Source(sourceAddress, name);
      if (!windows.containsKey(source) && windows.size() >= limit) {
        source = new Source(MANY, name.equals(ANONYMOUS) ? name : MANY);
      }
      Window window = windows.get(source);
      first = window == null;
      if (window == null) {
        windows.put(source, new Window(clock.instant()));
      } else {
        window.more(requestId, attempt, why);
      }
    }
    if (first) {
      write(source, requestId, attempt + ": " + why);
    }
  }

  /// Writes the counts of the windows that have ended. Call it periodically.
  public void flush() {
    flush(clock.instant().minus(WINDOW));
  }

  /// Writes all counts.
  @Override
  public void close() {
    flush(Instant.MAX);
  }

  private void flush(Instant openedUpTo) {
    List<Map.Entry<Source, Window>> over = new ArrayList<>();
    synchronized (this) {
      for (Map<Source, Window> windows : List.of(anonymous, known)) {
        windows.entrySet().stream()
            .filter(e -> !e.getValue().opened.isAfter(openedUpTo))
            .forEach(over::add);
        windows.values().removeIf(w -> !w.opened.isAfter(openedUpTo));
      }
    }
    for (Map.Entry<Source, Window> entry : over) {
      Window window = entry.getValue();
      if (window.count > 0) {
        String reason =
            window.count + " more within " + WINDOW.toSeconds() + " s, the last " + window.last;
        write(entry.getKey(), window.lastRequestId, reason);
      }
    }
  }

  private void write(Source source, String requestId, String reason) {
    try {
      store.record(
          new AuditDraft(
              source.principal(),
              source.address(),
              requestId,
              "access.denied",
              "",
              "denied",
              reason));
    } catch (StoreException e) {
      LOG.atError()
          .addKeyValue("event", "audit.failed")
          .addKeyValue("address", source.address())
          .addKeyValue("error", e.getMessage())
          .log("A denied call cannot be recorded in the audit log");
    }
  }

  private record Source(String address, String principal) {}

  private static final class Window {
    private final Instant opened;
    private long count;
    private String lastRequestId = "";
    private String last = "";

    private Window(Instant opened) {
      this.opened = opened;
    }

    private void more(String requestId, String attempt, String why) {
      count++;
      lastRequestId = requestId;
      last = attempt + ": " + why;
    }
  }
}
