// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.client.TlsTrust;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// How a gateway of its own process reaches its control plane.
///
/// @param key read at each use, so that it can be replaced without a restart
/// @param ca who signed the control plane's certificate; empty = as this Java trusts
record LinkSettings(URI controlUrl, Supplier<String> key, Optional<Path> ca) {

  /// @throws ConfigurationException naming at once all that is missing or can't be read
  static LinkSettings of(Configuration configuration, Map<String, String> environment) {
    List<String> problems = new ArrayList<>();
    String url = configuration.text(Setting.CONTROL_URL);
    if (url.isEmpty()) {
      problems.add("a gateway needs its control plane: --control https://HOST:PORT");
    }
    String reference = configuration.text(Setting.GATEWAY_KEY);
    keyProblem(reference, environment).ifPresent(problems::add);
    Optional<Path> ca = configuration.file(Setting.CA);
    ca.flatMap(LinkSettings::caProblem).ifPresent(problems::add);
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
    return new LinkSettings(URI.create(url), () -> key(reference, environment), ca);
  }

  private static Optional<String> keyProblem(String reference, Map<String, String> environment) {
    if (reference.isEmpty()) {
      return Optional.of(
          "a gateway needs its key by reference: --key file:PATH or env:NAME (the control plane"
              + " keeps one in DATA/gateway.key)");
    }
    try {
      boolean empty = key(reference, environment).isEmpty();
      return empty
          ? Optional.of("gatewayKey " + reference + " refers to nothing: it is empty or not set")
          : Optional.empty();
    } catch (UsageException e) {
      return Optional.ofNullable(e.getMessage());
    }
  }

  private static Optional<String> caProblem(Path file) {
    try {
      var _ = TlsTrust.only(file);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.ofNullable(e.getMessage());
    }
  }

  private static String key(String reference, Map<String, String> environment) {
    if (reference.startsWith("env:")) {
      return environment.getOrDefault(reference.substring("env:".length()), "").strip();
    }
    Path file = Path.of(reference.substring("file:".length()));
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UsageException(
          "gatewayKey: the key can't be read from " + file + ": " + UsageException.why(e));
    }
  }
}
