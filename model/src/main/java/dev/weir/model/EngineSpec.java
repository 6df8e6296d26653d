// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How a version is served.
///
/// @param command argv for the `process` provider; `{port}`, `{host}`, `{model}` and `{version}`
///   are replaced. Empty for type `sim`, which Weir includes, and for `external` targets
/// @param args appended to `command`; the same placeholders apply
/// @param image container image for the Kubernetes provider
/// @param env environment variables of the child process; a value `env:NAME` or `file:PATH` is a
///   secret reference, resolved when the process starts
public record EngineSpec(
    EngineType type,
    @Default("[]") List<String> command,
    @Default("[]") List<String> args,
    Optional<String> image,
    @Default("{}") Map<String, String> env) {
  public EngineSpec {
    command = List.copyOf(command);
    args = List.copyOf(args);
    env = Map.copyOf(env);
  }
}
