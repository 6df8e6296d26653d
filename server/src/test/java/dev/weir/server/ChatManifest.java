// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

/// Manifests of a fast simulated model.
final class ChatManifest {
  private static final String MODEL =
      """
      apiVersion: weir.dev/v1
      kind: Model
      metadata: {name: chat}
      spec: {owner: test}
      """;

  private ChatManifest() {}

  /// Model `chat` with its versions up to the given one, and Service `chat` with that version on
  /// one replica.
  ///
  /// @param release `spec.release`, as a YAML flow mapping
  static String upTo(int version, String release) {
    StringBuilder manifest = new StringBuilder(MODEL);
    for (int number = 1; number <= version; number++) {
      manifest.append(
          """
          ---
          apiVersion: weir.dev/v1
          kind: ModelVersion
          metadata: {name: chat-%1$d}
          spec: {model: chat, version: "%1$d", engine: {type: sim, args: ["--time-scale", "100"]}}
          """
              .formatted(number));
    }
    return manifest
        .append(
            """
            ---
            apiVersion: weir.dev/v1
            kind: Service
            metadata: {name: chat}
            spec:
              version: chat@%d
              placements: [{target: local, replicas: 1}]
              release: %s
            """
                .formatted(version, release))
        .toString();
  }
}
