// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.session.CliException;
import dev.weir.cli.session.CliSettings;
import dev.weir.cli.session.CommandGroups;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ContextFile;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.text.Table;
import dev.weir.client.ControlEndpoint;
import dev.weir.model.codec.Json;
import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `weir context ...`: manages the control planes that the CLI can use.
final class ContextCommands {
  private ContextCommands() {}

  static CommandLine of(CommandSession session) {
    CommandLine group =
        CommandGroups.group("context", "List, select and define contexts (control planes to use).");
    group.addSubcommand(new ListContexts(session));
    group.addSubcommand(new Use(session));
    group.addSubcommand(new SetContext(session));
    group.addSubcommand(new DeleteContext(session));
    return group;
  }

  @Command(name = "list", description = "List contexts; * marks the current one.")
  private static final class ListContexts implements Callable<Integer> {
    private final CommandSession session;

    ListContexts(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      OutputFormat format = session.format();
      ContextFile.Contexts known = session.contexts().read();
      if (format.document()) {
        session.document(Json.tree(known));
        return ExitStatus.OK;
      }
      Table table = new Table("", "NAME", "SERVER", "GATEWAY", "NAMESPACE", "KEY FILE", "CA");
      new TreeMap<>(known.contexts())
          .forEach((name, entry) ->
              table.row(
                  known.current().filter(name::equals).map(_ -> "*").orElse(" "),
                  name,
                  entry.server(),
                  entry.gateway().orElse(""),
                  entry.namespace().orElse(""),
                  entry.keyFile().orElse(""),
                  entry.ca().orElse("")));
      if (table.isEmpty()) {
        session.note("no context in " + session.contexts().path() + ": `./weir up` creates one");
      } else {
        session.text(table.render(session.style()));
      }
      return ExitStatus.OK;
    }
  }

  @Command(name = "use", description = "Set the current context.")
  private static final class Use implements Callable<Integer> {
    private final CommandSession session;

    @Parameters(paramLabel = "NAME", description = "name of the context")
    private String name = "";

    Use(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      ContextFile file = session.contexts();
      ContextFile.Contexts known = file.read();
      if (!known.contexts().containsKey(name)) {
        throw CliSettings.unknown(name, file, known);
      }
      file.use(name);
      session.note("current context: " + name);
      return ExitStatus.OK;
    }
  }

  @Command(
      name = "set",
      description = "Add or change a context: --server, --gateway, --key-file, --ca, -n.")
  private static final class SetContext implements Callable<Integer> {
    private final CommandSession session;

    @Parameters(paramLabel = "NAME", description = "name of the context")
    private String name = "";

    @Option(
        names = "--key-file",
        paramLabel = "FILE",
        description = "file that contains the API key")
    private Optional<Path> keyFile = Optional.empty();

    @Option(
        names = "--gateway",
        paramLabel = "URL",
        description = "address of a gateway, for `weir traffic`, such as http://127.0.0.1:8080")
    private Optional<String> gateway = Optional.empty();

    SetContext(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      ContextFile file = session.contexts();
      Optional<ContextFile.Entry> previous = Optional.ofNullable(file.read().contexts().get(name));
      String server =
          session
              .options()
              .server()
              .or(() -> previous.map(ContextFile.Entry::server))
              .orElseThrow(() -> CliException.usage("a new context needs --server URL"));
      validate(server);
      gateway.ifPresent(ContextCommands.SetContext::validateGateway);
      file.put(
          name,
          new ContextFile.Entry(
              server,
              keyFile
                  .map(ContextFile::absolute)
                  .or(() -> previous.flatMap(ContextFile.Entry::keyFile)),
              session
                  .options()
                  .ca()
                  .map(Path::of)
                  .map(ContextFile::absolute)
                  .or(() -> previous.flatMap(ContextFile.Entry::ca)),
              session
                  .options()
                  .namespace()
                  .or(() -> previous.flatMap(ContextFile.Entry::namespace)),
              gateway.or(() -> previous.flatMap(ContextFile.Entry::gateway))));
      session.note("context " + name + " set in " + file.path());
      return ExitStatus.OK;
    }

    private static void validateGateway(String gateway) {
      if (!gateway.matches("https?://[^/?#@\\s]+/?")) {
        throw CliException.usage(
            "--gateway %s is not a gateway URL (for example http://127.0.0.1:8080)"
                .formatted(gateway));
      }
    }

    /// The constructor of `ControlEndpoint` rejects an invalid address.
    private static void validate(String server) {
      ControlEndpoint endpoint =
          new ControlEndpoint(
              CliSettings.uri(server), Optional.empty(), ControlEndpoint.DEFAULT_TIMEOUT);
      if (endpoint.server().getRawQuery() != null) {
        throw CliException.error("--server must not have a query: " + server);
      }
    }
  }

  @Command(name = "delete", description = "Delete a context; its key file stays.")
  private static final class DeleteContext implements Callable<Integer> {
    private final CommandSession session;

    @Parameters(paramLabel = "NAME", description = "name of the context")
    private String name = "";

    DeleteContext(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      ContextFile file = session.contexts();
      ContextFile.Contexts known = file.read();
      if (!known.contexts().containsKey(name)) {
        throw CliSettings.unknown(name, file, known);
      }
      file.delete(name);
      boolean current = known.current().filter(name::equals).isPresent();
      session.note(
          "context %s deleted%s"
              .formatted(
                  name, current ? "; no context is current now: `weir context use NAME`" : ""));
      return ExitStatus.OK;
    }
  }
}
