// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import dev.weir.cli.session.CliException;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.text.ResourceText;
import dev.weir.cli.text.Table;
import dev.weir.client.Listing;
import dev.weir.model.Resource;
import dev.weir.model.codec.Json;
import dev.weir.model.codec.Manifests;
import dev.weir.model.value.Kind;
import dev.weir.model.view.GatewayView;
import dev.weir.model.view.ReplicaView;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `weir get`: lists resources, replicas and gateways.
@Command(
    name = "get",
    description = "List resources, replicas or gateways, or show one (-o wide, json, yaml).")
public final class GetCommand implements Callable<Integer> {
  private final CommandSession session;

  @Parameters(
      index = "0",
      paramLabel = "KIND",
      completionCandidates = ResourceArgument.Words.class,
      description = "services, models, ..., replicas or gateways")
  private String kind = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "show only this one")
  private Optional<String> name = Optional.empty();

  @Option(
      names = {"-w", "--watch"},
      description = "watch for changes (json: one document per line)")
  private boolean watch;

  public GetCommand(CommandSession session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    OutputFormat format = session.format(OutputFormat.WIDE);
    ResourceArgument resourceArgument = ResourceArgument.read(kind, name);
    switch (resourceArgument.of()) {
      case ResourceArgument.Selection.Resources(Kind of) ->
          resources(of, resourceArgument.name(), format);
      case ResourceArgument.Selection.Replicas _ -> replicas(resourceArgument.name(), format);
      case ResourceArgument.Selection.Gateways _ -> gateways(resourceArgument.name(), format);
    }
    return ExitStatus.OK;
  }

  private void resources(Kind of, Optional<String> wantedName, OutputFormat format)
      throws InterruptedException {
    if (watch) {
      Listing listing = session.client().list(of, session.namespace());
      new ResourceWatch(session, of, wantedName, format).run(listing);
    } else if (wantedName.isPresent()) {
      Resource one = session.client().get(session.ref(of, wantedName.get()));
      show(List.of(one), Manifests::toTree, true, table(of, List.of(one), format), format);
    } else {
      List<Resource> all = session.client().list(of, session.namespace()).items();
      show(all, Manifests::toTree, false, table(of, all, format), format);
    }
  }

  private Table table(Kind of, List<Resource> resources, OutputFormat format) {
    return ResourceText.table(
        of,
        resources,
        format.document() ? List.of() : session.serving(of),
        format == OutputFormat.WIDE,
        session.now());
  }

  private void replicas(Optional<String> wantedName, OutputFormat format)
      throws InterruptedException {
    Optional<String> space = session.options().namespace();
    PollingWatch<ReplicaView> pollingWatch =
        new PollingWatch<>(
            () ->
                session.client().replicas().stream()
                    .filter(r -> space.isEmpty() || space.get().equals(r.namespace()))
                    .filter(r -> wantedName.isEmpty() || wantedName.get().equals(r.name()))
                    .toList(),
            found -> ResourceText.replicas(found, format == OutputFormat.WIDE, session.now()));
    observed(pollingWatch, "replica", wantedName, format);
  }

  private void gateways(Optional<String> wantedName, OutputFormat format)
      throws InterruptedException {
    PollingWatch<GatewayView> pollingWatch =
        new PollingWatch<>(
            () ->
                session.client().gateways().stream()
                    .filter(
                        gateway -> wantedName.isEmpty() || wantedName.get().equals(gateway.id()))
                    .toList(),
            found -> ResourceText.gateways(found, format == OutputFormat.WIDE, session.now()));
    observed(pollingWatch, "gateway", wantedName, format);
  }

  private <T extends Record> void observed(
      PollingWatch<T> pollingWatch, String what, Optional<String> wantedName, OutputFormat format)
      throws InterruptedException {
    if (watch) {
      pollingWatch.run(session, format);
      return;
    }
    List<T> found = pollingWatch.look().get();
    if (wantedName.isPresent() && found.isEmpty()) {
      throw CliException.error(
          what + " " + wantedName.get() + " does not exist: see `weir get " + what + "s`");
    }
    show(found, Json::tree, wantedName.isPresent(), pollingWatch.table().apply(found), format);
  }

  private <T> void show(
      List<T> items, Function<T, ObjectNode> tree, boolean one, Table table, OutputFormat format) {
    if (!format.document()) {
      session.text(table.isEmpty() ? "" : table.render(session.style()));
      if (table.isEmpty()) {
        session.note("nothing found");
      }
    } else if (one) {
      session.document(tree.apply(items.getFirst()));
    } else {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      items.forEach(item -> array.add(tree.apply(item)));
      session.document(items(array));
    }
  }

  /// Every list is an object with `items`.
  public static ObjectNode items(ArrayNode items) {
    ObjectNode list = JsonNodeFactory.instance.objectNode();
    list.set("items", items);
    return list;
  }
}
