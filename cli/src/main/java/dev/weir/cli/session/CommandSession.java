// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.session;

import dev.weir.cli.text.Style;
import dev.weir.client.RetryDelay;
import dev.weir.client.TlsTrust;
import dev.weir.client.WeirApiException;
import dev.weir.client.WeirClient;
import dev.weir.model.codec.Json;
import dev.weir.model.codec.YamlText;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.ServiceView;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/// State that the commands of one run share: the control plane client and the output.
public final class CommandSession implements AutoCloseable {
  private final CliIo io;
  private final GlobalOptions options;
  private final RetryDelay pause;
  private Optional<CliSettings> settings = Optional.empty();
  private Optional<WeirClient> client = Optional.empty();

  /// @param pause waits between two polls
  public CommandSession(CliIo io, GlobalOptions options, RetryDelay pause) {
    this.io = io;
    this.options = options;
    this.pause = pause;
  }

  public CliIo io() {
    return io;
  }

  public GlobalOptions options() {
    return options;
  }

  public RetryDelay pause() {
    return pause;
  }

  public Instant now() {
    return io.clock().instant();
  }

  public ContextFile contexts() {
    return ContextFile.ofEnvironment(io.env());
  }

  public CliSettings settings() {
    if (settings.isEmpty()) {
      settings = Optional.of(CliSettings.resolve(options, io.env(), contexts()));
    }
    return settings.get();
  }

  /// The message of a failure; it names the source of a key that the control plane refused.
  public String describe(Throwable failure) {
    return ErrorMessages.describe(failure, settings.flatMap(CliSettings::keySource));
  }

  public WeirClient client() {
    if (client.isEmpty()) {
      client =
          Optional.of(new WeirClient(settings().endpoint(), settings().ca().map(TlsTrust::only)));
    }
    return client.get();
  }

  /// The serving state of Services if the kind's table shows it; empty if the control plane is too
  /// old to report it.
  public List<ServiceView> serving(Kind kind) {
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

  public String namespace() {
    return settings().namespace();
  }

  public ResourceRef ref(Kind kind, String name) {
    return ResourceRef.of(kind, namespace(), name);
  }

  public Style style() {
    boolean disabled = !io.env().getOrDefault("NO_COLOR", "").isEmpty();
    return new Style(io.terminal(), io.terminal() && !disabled);
  }

  /// The format of `-o`; table by default.
  ///
  /// @param special formats that the command supports besides table, json and yaml
  public OutputFormat format(OutputFormat... special) {
    Set<OutputFormat> known = EnumSet.of(OutputFormat.TABLE, OutputFormat.JSON, OutputFormat.YAML);
    known.addAll(List.of(special));
    String name = options.output().orElse(OutputFormat.TABLE.text());
    return OutputFormat.named(name)
        .filter(known::contains)
        .orElseThrow(() ->
            CliException.usage(
                "-o %s is not supported here: use one of %s"
                    .formatted(
                        name,
                        known.stream().map(OutputFormat::text).collect(Collectors.joining(", ")))));
  }

  /// Prints one line of the result.
  public void line(String text) {
    io.out().println(text);
    requireOpenOutput();
  }

  /// Prints text that includes its line breaks.
  public void text(String text) {
    io.out().print(text);
    requireOpenOutput();
  }

  /// Ends commands that follow something forever when their output is closed.
  ///
  /// @throws OutputClosedException when standard output cannot be written
  private void requireOpenOutput() {
    if (io.out().checkError()) {
      throw new OutputClosedException();
    }
  }

  /// Prints one line to standard error.
  public void note(String text) {
    io.err().println(text);
    io.err().flush();
  }

  /// Prints the document of a run with `-o json` or `-o yaml`.
  public void document(ObjectNode tree) {
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
