// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.codec.Json;
import dev.weir.model.value.Default;
import dev.weir.model.view.ReleaseOutlook.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The changes that an apply would make.
///
/// @param warnings one sentence each
public record ApplyPlan(
    List<Change> changes, List<Release> rollouts, Replicas replicas, List<String> warnings) {
  public ApplyPlan {
    changes = List.copyOf(changes);
    rollouts = List.copyOf(rollouts);
    warnings = List.copyOf(warnings);
  }

  /// Whether an apply would change nothing.
  public boolean hasNoChanges() {
    return changes.stream().allMatch(change -> change.effect().equals("unchanged"));
  }

  /// @param effect `created`, `changed` or `unchanged`
  public record Change(
      String kind, String namespace, String name, String effect, List<Field> fields) {
    public Change {
      fields = List.copyOf(fields);
    }
  }

  /// @param before compact JSON; empty if the field did not exist
  /// @param after compact JSON; empty if the field is removed
  public record Field(String path, Optional<String> before, Optional<String> after) {}

  /// A rollout that would start.
  ///
  /// @param service `namespace/name`
  /// @param steps weights in percent
  /// @param minSeconds minimum duration
  /// @param forecast one reason for each step that is unlikely to pass within its time
  /// @param strategy the release strategy; this and the following fields are as in
  ///   [dev.weir.model.view.ReleaseOutlook] and empty if the control plane does not report them
  /// @param traffic the traffic that the forecast uses, and the expected time if it is known
  public record Release(
      String service,
      String from,
      String to,
      @Default("[]") List<Double> steps,
      @Default("0") double minSeconds,
      @Default("[]") List<String> forecast,
      @Default("") String strategy,
      @Default("false") boolean ramp,
      @Default("") String room,
      @Default("") String roomReason,
      @Default("0") double revertSeconds,
      @Default("") String revertReason,
      @Default("[]") List<Usage> usage,
      @Default("0") double gpuHours,
      Optional<Double> costUsd,
      @Default("[]") List<String> prices,
      @Default("[]") List<String> waitsFor,
      @Default("") String traffic) {
    public Release {
      forecast = List.copyOf(forecast);
      usage = List.copyOf(usage);
      prices = List.copyOf(prices);
      waitsFor = List.copyOf(waitsFor);
      steps = List.copyOf(steps);
    }
  }

  public record Replicas(long before, long after) {}

  /// Decodes the response explicitly, because field values are arbitrary JSON.
  static ApplyPlan read(JsonNode response) {
    List<Change> changes = new ArrayList<>();
    for (JsonNode change : response.path("changes")) {
      changes.add(change(change));
    }
    List<Release> releases = new ArrayList<>();
    for (JsonNode release : response.path("rollouts")) {
      releases.add(Json.read(release, Release.class));
    }
    JsonNode replicas = response.path("replicas");
    return new ApplyPlan(
        changes,
        releases,
        new Replicas(replicas.path("before").asLong(0), replicas.path("after").asLong(0)),
        response.path("warnings").valueStream().map(text -> text.asString("")).toList());
  }

  private static Change change(JsonNode change) {
    List<Field> fields = new ArrayList<>();
    for (JsonNode field : change.path("fields")) {
      fields.add(
          new Field(field.path("path").asString(""), side(field, "before"), side(field, "after")));
    }
    return new Change(
        change.path("kind").asString(""),
        change.path("namespace").asString(""),
        change.path("name").asString(""),
        change.path("effect").asString(""),
        fields);
  }

  private static Optional<String> side(JsonNode field, String name) {
    return Optional.ofNullable(field.get(name)).map(Json::write);
  }
}
