// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import dev.weir.cli.session.CliException;
import dev.weir.cli.session.CommandSession;
import dev.weir.client.WeirApiException;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.SummaryView;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Finds the rollouts of a Service.
public final class RolloutLookup {
  private final CommandSession session;

  public RolloutLookup(CommandSession session) {
    this.session = session;
  }

  public Service service(String name) {
    return service(session.ref(Kind.SERVICE, name));
  }

  Service service(ResourceRef ref) {
    return (Service) session.client().get(ref);
  }

  /// The current rollout, or the last one.
  ///
  /// @throws CliException when the Service never had a rollout
  public Rollout latest(String service) {
    return find(service(service))
        .orElseThrow(() ->
            CliException.error(
                "service "
                    + service
                    + " has had no rollout: change its spec.version and apply it"));
  }

  /// The current rollout or the last one; empty if the Service never had one.
  Optional<Rollout> find(Service service) {
    Optional<String> last =
        service.status().rollouts() > 0
            ? Optional.of(name(service.metadata().name(), service.status().rollouts()))
            : Optional.empty();
    return service.status().rollout().or(() -> last).flatMap(name -> find(service, name));
  }

  private Optional<Rollout> find(Service service, String name) {
    return session
        .client()
        .find(ResourceRef.of(Kind.ROLLOUT, service.metadata().namespace(), name))
        .map(Rollout.class::cast);
  }

  /// The rollout with a given number.
  public Rollout numbered(String service, int number) {
    return (Rollout) session.client().get(session.ref(Kind.ROLLOUT, name(service, number)));
  }

  private static String name(String service, int number) {
    return service + "-" + number;
  }

  /// The rollout with a given number, or else the latest.
  public Rollout chosen(String service, Optional<Integer> number) {
    return number.map(n -> numbered(service, n)).orElseGet(() -> latest(service));
  }

  /// The rollout in words; empty if the rollout was deleted or the control plane is too old to
  /// summarise it.
  public Optional<SummaryView> summary(Rollout rollout) {
    try {
      return session
          .client()
          .explanation(rollout.metadata().namespace(), rollout.metadata().name())
          .summary();
    } catch (WeirApiException refused) {
      if (refused.status() == 404) {
        return Optional.empty();
      }
      throw refused;
    }
  }

  /// All rollouts of a Service, oldest first.
  public List<Rollout> all(String service) {
    return session.client().list(Kind.ROLLOUT, session.namespace()).items().stream()
        .map(Rollout.class::cast)
        .filter(rollout -> rollout.spec().service().equals(service))
        .sorted(
            Comparator.comparingInt((Rollout rollout) -> rollout.metadata().name().length())
                .thenComparing(rollout -> rollout.metadata().name()))
        .toList();
  }

  /// Whether the rollout for the current spec may not have started yet.
  static boolean due(Service service, Optional<Rollout> latest) {
    Optional<VersionRef> stable = service.status().stable().map(s -> s.version());
    boolean changed = stable.isPresent() && !stable.get().equals(service.spec().version());
    boolean started =
        latest
            .filter(rollout -> rollout.spec().to().equals(service.spec().version()))
            .filter(rollout -> rollout.spec().specRevision() >= service.metadata().specRevision())
            .isPresent();
    return changed && service.status().rollout().isEmpty() && !started;
  }
}
