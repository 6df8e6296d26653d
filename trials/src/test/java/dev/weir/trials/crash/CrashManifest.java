// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.crash;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A version and the Service that wants it, with a release policy for the impatient: latencies of
/// processes that share two cores with everything else prove nothing, so errors decide.
///
/// @param arguments of the simulated engine
/// @param strategy the release strategy: fields of `release`, in a YAML flow mapping
/// @param endpoint of an external engine, instead of replicas that Weir runs
record CrashManifest(
    String service,
    int version,
    List<String> arguments,
    String strategy,
    int replicas,
    Optional<URI> endpoint) {
  private static final String CANARY =
      "strategy: canary, steps: [{weight: 25}, {weight: 50}], bake: {duration: 0s}";

  static CrashManifest of(String service, int version) {
    return new CrashManifest(
        service, version, List.of("--latency-spread", "0.02"), CANARY, 1, Optional.empty());
  }

  CrashManifest with(String... more) {
    return new CrashManifest(
        service,
        version,
        Stream.concat(arguments.stream(), Stream.of(more)).toList(),
        strategy,
        replicas,
        endpoint);
  }

  CrashManifest replicas(int other) {
    return new CrashManifest(service, version, arguments, strategy, other, endpoint);
  }

  CrashManifest released(String how) {
    return new CrashManifest(service, version, arguments, how, replicas, endpoint);
  }

  CrashManifest at(URI somewhere) {
    return new CrashManifest(
        service, version, arguments, strategy, replicas, Optional.of(somewhere));
  }

  /// Everything that the Service needs, and the Service.
  String whole() {
    String args =
        arguments.stream().map(word -> '"' + word + '"').collect(Collectors.joining(", "));
    return """
    apiVersion: weir.dev/v1
    kind: Target
    metadata: {name: elsewhere}
    spec: {provider: external}
    ---
    apiVersion: weir.dev/v1
    kind: Model
    metadata: {name: chat}
    spec: {owner: trial, licence: apache-2.0, intendedUse: trial}
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: chat-%1$d}
    spec:
      model: chat
      version: "%1$d"
      engine: {type: sim, args: [%2$s]}
      startupTimeout: 2m
    ---
    %3$s\
    """
        .formatted(version, args, serviceAlone());
  }

  /// The Service, of a version that is known.
  String serviceAlone() {
    return """
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: %s}
    spec:
      version: chat@%d
      placements: [%s]
      release: {%s, analysis: {
          minStepDuration: 5s,
          maxStepDuration: 3m,
          dispersion: 1,
          metrics: {
            error: {margin: 30%%},
            truncated: {margin: 30%%},
            empty: {margin: 30%%},
            refusal: {gating: false},
            ttft: {action: warn, gating: false},
            itl: {action: warn, gating: false},
            e2e_per_token: {action: warn}}}}
    """
        .formatted(service, version, placement(), strategy);
  }

  private String placement() {
    return endpoint
        .map(there ->
            "{target: elsewhere, endpoints: {\"chat@%d\": [\"%s\"]}}".formatted(version, there))
        .orElse("{target: local, replicas: %d}".formatted(replicas));
  }
}
