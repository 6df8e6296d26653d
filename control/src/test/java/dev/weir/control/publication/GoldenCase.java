// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.deployment.DesiredReplicas.Slot;
import dev.weir.control.deployment.SlotAssignment;
import dev.weir.control.observation.ObservedFleet;
import dev.weir.control.observation.ResolvedNames;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.ResourceSnapshots;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.Service;
import dev.weir.model.check.ResourceChecks;
import dev.weir.model.codec.Json;
import dev.weir.model.codec.Manifests;
import dev.weir.model.codec.ParsedManifests;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.tree.Node;
import dev.weir.model.tree.YamlReader;
import dev.weir.model.value.Default;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.VersionRef;
import dev.weir.runtime.ObservedReplica;
import dev.weir.snapshot.StoreHead;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The inputs of one golden file.
///
/// @param resources the content of `manifests.yaml`, with status
/// @param observed the content of `observed.yaml`
record GoldenCase(ResourceSnapshot resources, Observed observed) {
  static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static final long LEASE_MILLIS = 30_000;
  private static final int WARM_UP_REQUESTS = 1;
  private static final StoreHead STORE =
      new StoreHead("0123456789abcdef".repeat(2), 12, "0123456789abcdef".repeat(4));
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /// What providers and the resolver report.
  ///
  /// @param names the addresses of each host name
  record Observed(
      @Default("[]") List<Running> replicas, @Default("{}") Map<String, List<String>> names) {
    static final Observed NOTHING = new Observed(List.of(), Map.of());

    ResolvedNames resolved() {
      Map<String, ResolvedNames.Found> found = new TreeMap<>();
      names.forEach((name, addresses) ->
          found.put(name, new ResolvedNames.Found(addresses, Optional.empty())));
      return new ResolvedNames(found);
    }
  }

  /// One replica.
  ///
  /// @param ordinal ignored on `external` targets, where the endpoint determines it
  /// @param outdated whether the process runs an older spec of its version
  record Running(
      String service,
      VersionRef version,
      @Default("0") int ordinal,
      @Default("local") String target,
      @Default("Ready") ReplicaState state,
      URI endpoint,
      @Default("launch-1") String launch,
      @Default("false") boolean outdated) {}

  static GoldenCase read(Path folder) throws IOException {
    ParsedManifests parsed = Manifests.read(Files.readString(folder.resolve("manifests.yaml")));
    assertThat(parsed.problems()).isEmpty();
    assertThat(parsed.resources().stream().flatMap(r -> ResourceChecks.of(r).stream())).isEmpty();
    Path observed = folder.resolve("observed.yaml");
    Observed seen =
        Files.exists(observed) ? observed(Files.readString(observed)) : Observed.NOTHING;
    return new GoldenCase(ResourceSnapshots.of(STORE, seen.resolved(), parsed.resources()), seen);
  }

  SnapshotInputs inputs() {
    List<TargetReplica> replicas = observed.replicas().stream().map(this::replica).toList();
    return new SnapshotInputs(
        resources,
        ObservedFleet.of(replicas),
        NOW,
        LEASE_MILLIS,
        Optional.empty(),
        false,
        WARM_UP_REQUESTS);
  }

  private TargetReplica replica(Running running) {
    Service service =
        resources.service(Metadata.DEFAULT_NAMESPACE, running.service()).orElseThrow();
    Optional<Map.Entry<ReplicaName, Slot>> slot = slot(service, running);
    ReplicaName name =
        slot.filter(placed -> placed.getValue().endpoint().isPresent())
            .map(Map.Entry::getKey)
            .orElseGet(() ->
                new ReplicaName(
                    Metadata.DEFAULT_NAMESPACE,
                    running.service(),
                    running.version(),
                    running.ordinal()));
    String specHash =
        slot.filter(_ -> !running.outdated())
            .map(placed -> placed.getValue().specHash())
            .orElse("outdated");
    return new TargetReplica(
        running.target(),
        new ObservedReplica(
            name,
            specHash,
            running.state(),
            Optional.of(running.endpoint()),
            Optional.empty(),
            0,
            running.launch(),
            NOW,
            ""));
  }

  /// A slot that a replica of this version may have.
  private Optional<Map.Entry<ReplicaName, Slot>> slot(Service service, Running running) {
    List<Slot> slots =
        DesiredReplicas.of(service, resources.liveRollout(service), resources, WARM_UP_REQUESTS)
            .slots();
    return SlotAssignment.of(
            Metadata.DEFAULT_NAMESPACE, running.service(), slots, List.of(), List.of())
        .placed()
        .entrySet()
        .stream()
        .filter(placed -> fits(placed.getValue(), running))
        .findFirst();
  }

  private static boolean fits(Slot slot, Running running) {
    return slot.version().equals(running.version())
        && slot.target().equals(running.target())
        && slot.endpoint().map(running.endpoint()::equals).orElse(true);
  }

  private static Observed observed(String yaml) {
    Node root = YamlReader.read(yaml).getFirst().root();
    return switch (Json.readStrictly(Json.write(json(root)), Observed.class)) {
      case Json.Read.Value<Observed> value -> value.value();
      case Json.Read.Refused<Observed> refused ->
          throw new IllegalArgumentException("observed.yaml: " + refused.problems());
    };
  }

  private static JsonNode json(Node node) {
    return switch (node) {
      case Node.Nothing _ -> JSON.nullNode();
      case Node.Text text -> JSON.stringNode(text.value());
      case Node.Numeral number -> JSON.numberNode(new BigDecimal(number.literal()));
      case Node.Bool bool -> JSON.booleanNode(bool.value());
      case Node.Sequence list -> {
        ArrayNode array = JSON.arrayNode();
        list.items().forEach(item -> array.add(json(item)));
        yield array;
      }
      case Node.Mapping fields -> {
        ObjectNode object = JSON.objectNode();
        fields.fields().forEach((name, value) -> object.set(name, json(value)));
        yield object;
      }
    };
  }
}
