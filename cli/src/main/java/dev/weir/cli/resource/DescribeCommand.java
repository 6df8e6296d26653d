// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.text.ResourceText;
import dev.weir.cli.text.RolloutText;
import dev.weir.cli.text.Table;
import dev.weir.model.Resource;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.codec.Manifests;
import dev.weir.model.value.Kind;
import dev.weir.model.view.ReplicaView;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `weir describe`: shows one resource with its dependents.
@Command(name = "describe", description = "Show details of one resource.")
public final class DescribeCommand implements Callable<Integer> {
  private final CommandSession session;

  @Parameters(
      index = "0",
      paramLabel = "KIND",
      completionCandidates = ResourceArgument.KindWords.class,
      description = "kind of the resource")
  private String kind = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "its name")
  private Optional<String> name = Optional.empty();

  public DescribeCommand(CommandSession session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    OutputFormat format = session.format();
    Resource resource = session.client().get(ResourceArgument.one(kind, name, session));
    if (format.document()) {
      session.document(Manifests.toTree(resource));
      return ExitStatus.OK;
    }
    session.text(ResourceText.describe(resource, session.now()));
    if (resource instanceof Service service) {
      dependents(service);
    }
    return ExitStatus.OK;
  }

  private void dependents(Service service) {
    List<ReplicaView> replicas =
        session.client().replicas().stream()
            .filter(replica -> replica.namespace().equals(service.metadata().namespace()))
            .filter(replica -> replica.service().equals(service.metadata().name()))
            .toList();
    session.serving(Kind.SERVICE).stream()
        .filter(view -> view.namespace().equals(service.metadata().namespace()))
        .filter(view -> view.name().equals(service.metadata().name()))
        .findFirst()
        .ifPresent(view -> session.text(ResourceText.serving(view)));
    Table table = ResourceText.replicas(replicas, false, session.now());
    session.text(table.isEmpty() ? "" : "Replicas\n" + table.render(session.style(), "  "));
    RolloutLookup lookup = new RolloutLookup(session);
    lookup.find(service).ifPresent(rollout -> session.text("Rollout\n" + status(lookup, rollout)));
  }

  private String status(RolloutLookup lookup, Rollout rollout) {
    return RolloutText.status(rollout, lookup.summary(rollout), session.now(), session.style())
        .indent(2);
  }
}
