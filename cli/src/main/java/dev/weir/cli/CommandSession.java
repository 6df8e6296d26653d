// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.text.Style;
import dev.weir.client.RetryDelay;
import dev.weir.client.TlsTrust;
import dev.weir.client.WeirApiException;
import dev.weir.client.WeirClient;
import dev.weir.model.Kind;
import dev.weir.model.ResourceRef;
import dev.weir.model.ServiceView;
import dev.weir.model.codec.Json;
import dev.weir.model.codec.YamlText;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/// What every command of one run shares: the control plane it talks to and the way it prints.
final class CommandSession implements AutoCloseable {
  private final CliIo io;
  private final GlobalOptions options;
  private final RetryDelay pause;
  private Optional<CliSettings> settings = Optional.empty();
  private Optional<WeirClient> client = Optional.empty();

  /// @param pause waits between two looks at something
  CommandSession(CliIo io, GlobalOptions options, RetryDelay pause) {
    this.io = io;
    this.options = options;
    this.pause = pause;
  }

  CliIo io() {
    return io;
  }

  GlobalOptions options() {
    return options;
  }

  RetryDelay pause() {
    return pause;
  }

  Instant now() {
    return io.clock().instant();
  }

  ContextFile contexts() {
    return ContextFile.ofEnvironment(io.env());
  }

  CliSettings settings() {
    if (settings.isEmpty()) {
      settings = Optional.of(CliSettings.resolve(options, io.env(), contexts()));
    }
    return settings.get();
  }

  WeirClient client() {
    if (client.isEmpty()) {
      client =
          Optional.of(new WeirClient(settings().endpoint(), settings().ca().map(TlsTrust::only)));
    }
    return client.get();
  }

  /// How Services serve, where a table of the kind shows it; none from a control plane that is too
  /// old to tell.
  List<ServiceView> serving(Kind kind) {
    if (kind != Kind.SERVICE) {
      return List.of();
    }
    try {
      return client().serving();
    } catch (WeirApiException refused) {
      if (refused.status() == 404) {
        return List.of();
      }
      throw refused;
    }
  }

  String namespace() {
    return settings().namespace();
  }

  ResourceRef ref(Kind kind, String name) {
    return ResourceRef.of(kind, namespace(), name);
  }

  Style style() {
    boolean unwanted = !io.env().getOrDefault("NO_COLOR", "").isEmpty();
    return new Style(io.terminal() && !unwanted);
  }

  /// What `-o` asks for, table without it.
  ///
  /// @param special formats that the command knows beside table, json and yaml
  OutputFormat format(OutputFormat... special) {
    Set<OutputFormat> known = EnumSet.of(OutputFormat.TABLE, OutputFormat.JSON, OutputFormat.YAML);
    known.addAll(List.of(special));
    String word = options.output().orElse(OutputFormat.TABLE.text());
    return OutputFormat.named(word)
        .filter(known::contains)
        .orElseThrow(() ->
            CliException.usage(
                "-o %s is not one of: %s"
                    .formatted(
                        word,
                        known.stream().map(OutputFormat::text).collect(Collectors.joining(", ")))));
  }

  /// One line of a result.
  void line(String text) {
    io.out().println(text);
    delivered();
  }

  /// Text that ends its lines itself.
  void text(String text) {
    io.out().print(text);
    delivered();
  }

  /// Without this a command that never ends by itself would go on for nobody.
  ///
  /// @throws OutputClosedException when what was printed arrives nowhere
  private void delivered() {
    if (io.out().checkError()) {
      throw new OutputClosedException();
    }
  }

  /// One line beside the result.
  void note(String text) {
    io.err().println(text);
    io.err().flush();
  }

  /// The one document of a run with `-o json` or `-o yaml`.
  void document(ObjectNode tree) {
    if (format(OutputFormat.WIDE, OutputFormat.MARKDOWN) == OutputFormat.YAML) {
      text(YamlText.print(tree));
    } else {
      line(Json.pretty(tree));
    }
  }

  @Override
  public void close() {
    client.ifPresent(WeirClient::close);
    io.out().flush();
    io.err().flush();
  }
}
