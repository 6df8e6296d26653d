// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.model.GatewayView;
import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.Telemetry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/// Which gateways there are, what each of them said it serves, and how long it has been silent.
///
/// Silence is measured by the monotonic clock. After a restart of the control plane every gateway
/// that it knew counts as heard just now: waiting longer than needed is safe, the other way round
/// is not.
public final class GatewayBook {
  /// A gateway silent for so long is forgotten; it comes back by its next heartbeat.
  private static final Duration FORGET_AFTER = Duration.ofHours(1);

  private static final int MOST_GATEWAYS = 10_000;
  private static final String COLLECTION = "gateways";

  private final Notes notes;
  private final LookClock clock;
  private final LongSupplier nanos;
  private final Duration connectedWithin;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Heard> heard = new TreeMap<>();

  /// What a gateway said last.
  ///
  /// @param sequence the snapshot that it serves, 0 for none
  record Heard(
      String id, String boot, String version, long sequence, String hash, Instant at, long nanos) {}

  /// Whether every gateway that counts serves a picture at least as new as asked for.
  ///
  /// @param waitingFor gateways that do not serve it yet
  /// @param givenUp gateways that were silent for too long to be waited for any longer
  public record Settlement(List<String> waitingFor, List<String> givenUp) {
    public Settlement {
      waitingFor = List.copyOf(waitingFor);
      givenUp = List.copyOf(givenUp);
    }

    public boolean settled() {
      return waitingFor.isEmpty();
    }
  }

  public GatewayBook(
      Notes notes, LookClock clock, LongSupplier nanos, Duration connectedWithin) {
    this.notes = notes;
    this.clock = clock;
    this.nanos = nanos;
    this.connectedWithin = connectedWithin;
    for (Notes.Note<Heard> note : notes.list(COLLECTION, "", Heard.class)) {
      Heard old = note.value();
      heard.put(
          old.id(),
          new Heard(
              old.id(),
              old.boot(),
              old.version(),
              old.sequence(),
              old.hash(),
              old.at(),
              nanos.getAsLong()));
    }
  }

  /// Takes note of a heartbeat.
  ///
  /// @return whether the gateway is new or serves another picture than before
  public boolean hear(Telemetry telemetry) {
    Heard now =
        new Heard(
            telemetry.gateway(),
            telemetry.boot(),
            telemetry.version(),
            telemetry.snapshotSequence(),
            telemetry.snapshotHash(),
            clock.now(),
            nanos.getAsLong());
    boolean news;
    lock.lock();
    try {
      Heard before = heard.get(now.id());
      if (before == null && heard.size() >= MOST_GATEWAYS) {
        throw new IllegalArgumentException(
            "more than " + MOST_GATEWAYS + " gateways; " + now.id() + " is refused");
      }
      news =
          before == null
              || before.sequence() != now.sequence()
              || !before.hash().equals(now.hash())
              || !before.boot().equals(now.boot());
      heard.put(now.id(), now);
    } finally {
      lock.unlock();
    }
    if (news) {
      notes.put(COLLECTION, now.id(), now);
    }
    return news;
  }

  /// Whether all gateways serve `sequence` or newer.
  ///
  /// @param silentFor a gateway that was silent for so long is not waited for
  public Settlement settlement(long sequence, Published current, Duration silentFor) {
    List<String> waiting = new ArrayList<>();
    List<String> givenUp = new ArrayList<>();
    for (Heard gateway : copy()) {
      if (!serves(gateway, sequence, current)) {
        (silence(gateway).compareTo(silentFor) > 0 ? givenUp : waiting).add(gateway.id());
      }
    }
    return new Settlement(waiting, givenUp);
  }

  /// As `settlement`, of the gateways only that are heard at present.
  public Settlement connectedSettlement(long sequence, Published current) {
    return settlement(sequence, current, connectedWithin);
  }

  /// The highest sequence that any gateway says it serves; above ours only after the store was
  /// restored from a backup.
  public long highestSequence() {
    return copy().stream().mapToLong(Heard::sequence).max().orElse(0);
  }

  public List<GatewayView> views(long published) {
    return copy().stream()
        .map(
            g ->
                new GatewayView(
                    g.id(),
                    g.boot(),
                    g.version(),
                    g.sequence(),
                    g.hash(),
                    published,
                    g.at(),
                    silence(g).compareTo(connectedWithin) <= 0))
        .toList();
  }

  /// Forgets gateways that have been silent for an hour.
  public void sweep() {
    List<String> gone =
        copy().stream()
            .filter(g -> silence(g).compareTo(FORGET_AFTER) > 0)
            .map(Heard::id)
            .toList();
    lock.lock();
    try {
      gone.forEach(heard::remove);
    } finally {
      lock.unlock();
    }
    notes.delete(COLLECTION, gone);
  }

  private static boolean serves(Heard gateway, long sequence, Published current) {
    if (gateway.sequence() == 0) {
      return true; // it has no picture at all, so it routes to nobody
    }
    if (gateway.sequence() == current.snapshot().sequence()) {
      return gateway.hash().equals(current.hash());
    }
    return gateway.sequence() >= sequence && gateway.sequence() < current.snapshot().sequence();
  }

  private Duration silence(Heard gateway) {
    return Duration.ofNanos(nanos.getAsLong() - gateway.nanos());
  }

  private List<Heard> copy() {
    lock.lock();
    try {
      return List.copyOf(heard.values());
    } finally {
      lock.unlock();
    }
  }
}
