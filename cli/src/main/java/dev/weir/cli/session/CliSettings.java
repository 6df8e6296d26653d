// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.session;

import dev.weir.client.ControlEndpoint;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.SecretDetector;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// The control plane, the API key and the namespace to use. Precedence: flags, `WEIR_...`
/// variables, the current context, the defaults of `./weir up`.
///
/// A context's key is sent to that context's server only.
///
/// @param ca PEM file of the CA that must have issued the server's certificate; empty uses the
///   JDK's trust store
/// @param context the context that the server came from
/// @param keySource where the API key came from, as text after "the key"; empty without a key
/// @param gateway URL of the gateway that the context names
public record CliSettings(
    ControlEndpoint endpoint,
    Optional<Path> ca,
    String namespace,
    Optional<String> context,
    Optional<String> keySource,
    Optional<String> gateway) {
  static final String DEFAULT_SERVER = "http://127.0.0.1:9090";

  private record Chosen(String name, ContextFile.Entry entry) {}

  private record Key(String secret, String source) {}

  public static CliSettings resolve(
      GlobalOptions flags, Map<String, String> env, ContextFile file) {
    Optional<Chosen> byFlag = flags.context().map(name -> named(name, file));
    Optional<Chosen> known = byFlag.isPresent() ? byFlag : fallback(env, file);
    Optional<String> server =
        flags
            .server()
            .or(() -> byFlag.map(chosen -> chosen.entry().server()))
            .or(() -> variable(env, "WEIR_SERVER"))
            .or(() -> known.map(chosen -> chosen.entry().server()));
    String address = server.orElse(DEFAULT_SERVER);
    Optional<Chosen> context = known.filter(chosen -> same(chosen.entry().server(), address));
    // A context that the command line names precedes variables; any other context follows them.
    Optional<Chosen> first = context.filter(_ -> byFlag.isPresent());
    Optional<Key> key =
        flags
            .key()
            .map(secret -> new Key(secret, "of --key"))
            .or(() -> first.flatMap(CliSettings::key))
            .or(() -> variable(env, "WEIR_KEY").map(secret -> new Key(secret, "in WEIR_KEY")))
            .or(() -> context.flatMap(CliSettings::key));
    Optional<Path> ca =
        flags
            .ca()
            .or(() -> first.flatMap(chosen -> chosen.entry().ca()))
            .or(() -> variable(env, "WEIR_CA"))
            .or(() -> context.flatMap(chosen -> chosen.entry().ca()))
            .map(Path::of);
    String namespace =
        flags
            .namespace()
            .or(() -> first.flatMap(chosen -> chosen.entry().namespace()))
            .or(() -> variable(env, "WEIR_NAMESPACE"))
            .or(() -> context.flatMap(chosen -> chosen.entry().namespace()))
            .orElse(Metadata.DEFAULT_NAMESPACE);
    ControlEndpoint endpoint =
        new ControlEndpoint(uri(address), key.map(Key::secret), ControlEndpoint.DEFAULT_TIMEOUT);
    return new CliSettings(
        endpoint,
        ca,
        namespace,
        context.map(Chosen::name),
        key.map(Key::source),
        context.flatMap(chosen -> chosen.entry().gateway()));
  }

  /// The context that WEIR_CONTEXT names, otherwise the current one.
  private static Optional<Chosen> fallback(Map<String, String> env, ContextFile file) {
    Optional<String> byVariable = variable(env, "WEIR_CONTEXT");
    if (byVariable.isPresent()) {
      return byVariable.map(name -> named(name, file));
    }
    ContextFile.Contexts contexts = file.read();
    return contexts
        .current()
        .flatMap(name ->
            Optional.ofNullable(contexts.contexts().get(name)).map(e -> new Chosen(name, e)));
  }

  private static Chosen named(String name, ContextFile file) {
    ContextFile.Contexts contexts = file.read();
    return Optional.ofNullable(contexts.contexts().get(name))
        .map(entry -> new Chosen(name, entry))
        .orElseThrow(() -> unknown(name, file, contexts));
  }

  public static CliException unknown(String name, ContextFile file, ContextFile.Contexts contexts) {
    String known =
        contexts.contexts().isEmpty()
            ? "none exists yet"
            : "known: "
                + String.join(", ", contexts.contexts().keySet().stream().sorted().toList());
    return CliException.error(
        "no context '%s' in %s (%s): add it with `weir context set %s --server URL --key-file FILE`"
            .formatted(name, file.path(), known, name));
  }

  private static Optional<String> variable(Map<String, String> env, String name) {
    return Optional.ofNullable(env.get(name)).filter(value -> !value.isBlank()).map(String::strip);
  }

  private static boolean same(String one, String other) {
    return trimmed(one).equals(trimmed(other));
  }

  private static String trimmed(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  private static Optional<Key> key(Chosen chosen) {
    return chosen.entry().keyFile().map(file -> key(Path.of(file), chosen.name()));
  }

  private static Key key(Path file, String context) {
    try {
      return new Key(Files.readString(file).strip(), "in %s (context %s)".formatted(file, context));
    } catch (IOException unreadable) {
      throw CliException.error(
          "cannot read the key of context '%s' from %s: %s; name another with `weir context set`"
              .formatted(context, file, ErrorMessages.describe(unreadable)));
    }
  }

  public static URI uri(String address) {
    try {
      return URI.create(address);
    } catch (IllegalArgumentException invalid) {
      throw CliException.error(
          "not a valid control plane URL: "
              + SecretDetector.redact("", address)
              + " (for example "
              + DEFAULT_SERVER
              + ")");
    }
  }
}
