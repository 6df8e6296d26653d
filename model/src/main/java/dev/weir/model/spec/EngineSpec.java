// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.engine.EngineProfileSpec;
import dev.weir.model.value.Default;
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
/// @param profile describes the engine where `type` is not a built-in engine; replaces fields of
///   its profile where it is
public record EngineSpec(
    EngineType type,
    @Default("[]") List<String> command,
    @Default("[]") List<String> args,
    Optional<String> image,
    @Default("{}") Map<String, String> env,
    Optional<EngineProfileSpec> profile) {
  public EngineSpec {
    command = List.copyOf(command);
    args = List.copyOf(args);
    env = Map.copyOf(env);
  }

  /// An engine without a profile of its own.
  public EngineSpec(
      EngineType type,
      List<String> command,
      List<String> args,
      Optional<String> image,
      Map<String, String> env) {
    this(type, command, args, image, env, Optional.empty());
  }
}
