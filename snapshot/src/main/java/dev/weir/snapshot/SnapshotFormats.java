// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Which snapshot formats this program reads and writes, and what a picture is in an older one.
///
/// A gateway says when it connects which formats it reads; it is given the newest that both sides
/// know. So either plane may be updated first, one format at a time.
public final class SnapshotFormats {
  /// Rising; the last is the newest.
  public static final List<Integer> READABLE =
      List.of(RoutingSnapshot.FORMAT_VERSION - 1, RoutingSnapshot.FORMAT_VERSION);

  private static final int MOST_NAMED = 16;

  private SnapshotFormats() {}

  /// The newest format that this program and a reader of `theirs` have in common.
  public static Optional<Integer> best(Collection<Integer> theirs) {
    return theirs.stream().filter(READABLE::contains).max(Comparator.naturalOrder());
  }

  /// What `formats=1,2` says; nothing said means 1, as by gateways from before the question.
  ///
  /// @throws IllegalArgumentException when it is no list of numbers, or too long a one
  public static List<Integer> parse(String text) {
    if (text.isEmpty()) {
      return List.of(FormatOne.NUMBER);
    }
    List<Integer> formats = new ArrayList<>();
    for (String part : text.split(",", MOST_NAMED + 1)) {
      if (!part.matches("[0-9]{1,6}")) {
        throw new IllegalArgumentException(
            "formats is at most %d numbers separated by commas, not '%s'"
                .formatted(MOST_NAMED, text));
      }
      formats.add(Integer.valueOf(part));
    }
    return List.copyOf(formats);
  }

  /// The picture as readers of a format are given it. Format 1 knows no credentials: a replica that
  /// needs one is left out there, because calls without it would only fail. Nor does it know limits
  /// of keys and services, and its readers keep none, or isolation of a service's own, or rules and
  /// fallbacks of routes: everybody goes to the backends. Nor does it know faults: none is injected
  /// there.
  ///
  /// @throws IllegalArgumentException when this program does not write the format
  public static RoutingSnapshot in(int format, RoutingSnapshot snapshot) {
    if (!READABLE.contains(format)) {
      throw new IllegalArgumentException("formats " + READABLE + " are written, not " + format);
    }
    boolean withCredentials = format >= RoutingSnapshot.FORMAT_VERSION;
    return new RoutingSnapshot(
        format,
        snapshot.sequence(),
        snapshot.revision(),
        snapshot.publishedAt(),
        snapshot.auditHead(),
        snapshot.leaseMillis(),
        withCredentials
            ? snapshot.keys()
            : snapshot.keys().stream().map(SnapshotFormats::withoutLimits).toList(),
        withCredentials
            ? snapshot.routes()
            : snapshot.routes().stream().map(SnapshotFormats::plain).toList(),
        withCredentials
            ? snapshot.services()
            : snapshot.services().stream().map(SnapshotFormats::withoutCredentials).toList());
  }

  private static KeyEntry withoutLimits(KeyEntry key) {
    return new KeyEntry(
        key.hash(),
        key.principal(),
        key.tenant(),
        key.expiresAtMillis(),
        key.models(),
        key.pinVersion());
  }

  private static RouteEntry plain(RouteEntry route) {
    return new RouteEntry(route.model(), route.tenant(), route.backends());
  }

  private static ServiceEntry withoutCredentials(ServiceEntry service) {
    return new ServiceEntry(
        service.id(),
        service.namespace(),
        service.name(),
        withoutCredentials(service.stable()),
        service.canary().stream().map(SnapshotFormats::withoutCredentials).toList(),
        service.timeouts(),
        service.retryBudgetPercent(),
        service.maxAttempts(),
        service.resume(),
        service.sessionHeader());
  }

  private static CanaryArm withoutCredentials(CanaryArm canary) {
    return new CanaryArm(
        withoutCredentials(canary.arm()),
        canary.rollout(),
        canary.step(),
        canary.salt(),
        canary.weightMillionths(),
        canary.observed());
  }

  private static Arm withoutCredentials(Arm arm) {
    List<ReplicaEntry> plain = arm.replicas().stream().filter(ReplicaEntry::plain).toList();
    return new Arm(arm.version(), plain);
  }
}
