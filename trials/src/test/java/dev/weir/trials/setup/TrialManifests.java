// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.setup;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Manifests that trials have in common. Each document starts with `---`, so that texts can be
/// joined.
public final class TrialManifests {
  private TrialManifests() {}

  /// The Target `there`, for engines that the trial runs.
  public static String externalTarget() {
    return """
    ---
    apiVersion: weir.dev/v1
    kind: Target
    metadata: {name: there}
    spec: {provider: external}
    """;
  }

  public static String model(String name) {
    return """
    ---
    apiVersion: weir.dev/v1
    kind: Model
    metadata: {name: %s}
    spec: {owner: trials}
    """
        .formatted(name);
  }

  /// The version `MODEL@NUMBER`.
  ///
  /// @param engine its spec, as a YAML flow mapping
  public static String version(String model, int number, String engine) {
    return """
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: %1$s-%2$d}
    spec:
      model: %1$s
      version: "%2$d"
      engine: %3$s
    """
        .formatted(model, number, engine);
  }

  /// The spec of a simulated engine.
  public static String simulator(String... args) {
    return "{type: sim, args: %s}".formatted(strings(List.of(args)));
  }

  /// A Model and its versions 1 to `versions`, for external engines.
  public static String externalModel(String name, int versions) {
    return IntStream.rangeClosed(1, versions)
        .mapToObj(number -> version(name, number, "{type: vllm}"))
        .collect(Collectors.joining("", model(name), ""));
  }

  /// A Service on the Target `there`.
  ///
  /// @param version the wanted version, the only one with endpoints
  /// @param urls of the engines of that version
  public static String externalService(String name, String version, List<String> urls) {
    return """
    ---
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: %1$s}
    spec:
      version: %2$s
      placements: [{target: there, endpoints: {%2$s: %3$s}}]
    """
        .formatted(name, version, strings(urls));
  }

  /// A Service on the Target `there`, with a traffic policy.
  ///
  /// @param traffic the policy, as a YAML flow mapping
  public static String externalService(
      String name, String version, List<String> urls, String traffic) {
    return externalService(name, version, urls) + "  traffic: %s%n".formatted(traffic);
  }

  /// A YAML flow sequence of strings.
  public static String strings(List<String> values) {
    return values.stream()
        .map(value -> '"' + value + '"')
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
