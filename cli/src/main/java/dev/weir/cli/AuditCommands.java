// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import dev.weir.cli.resource.GetCommand;
import dev.weir.cli.session.CliException;
import dev.weir.cli.session.CommandGroups;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.text.AuditText;
import dev.weir.cli.text.NumberFormats;
import dev.weir.cli.text.Table;
import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.client.AuditPage;
import dev.weir.model.audit.ChainCheck;
import dev.weir.model.codec.Json;
import dev.weir.model.view.AuditContradiction;
import dev.weir.model.view.AuditEntry;
import dev.weir.model.view.AuditReport;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/// `weir audit ...`: lists, exports and verifies the audit log.
final class AuditCommands {
  private AuditCommands() {}

  static CommandLine of(CommandSession session) {
    CommandLine group = CommandGroups.group("audit", "Read and verify the audit log.");
    group.addSubcommand(new ListEntries(session));
    group.addSubcommand(new Export(session));
    group.addSubcommand(new Verify(session));
    group.addSubcommand(new Acknowledge(session));
    return group;
  }

  @Command(name = "list", description = "List audit entries, oldest first.")
  private static final class ListEntries implements Callable<Integer> {
    private static final int PAGE = 1_000;

    private final CommandSession session;

    @Option(names = "--after", paramLabel = "N", description = "only entries after number N")
    private long after;

    @Option(
        names = "--limit",
        paramLabel = "N",
        description = "maximum number of entries (default 1000)")
    private int limit = PAGE;

    ListEntries(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      OutputFormat format = session.format();
      if (limit < 1 || after < 0) {
        throw CliException.usage("--limit must be 1 or more, --after 0 or more");
      }
      AuditPage page = entries();
      if (format.document()) {
        ObjectNode list = GetCommand.items(Json.array(page.items()));
        session.document(list.put("head", page.head()));
      } else {
        session.text(table(page.items()).render(session.style()));
        if (page.items().size() == limit) {
          session.note(
              "there may be more: continue with --after " + page.items().getLast().sequence());
        }
      }
      return ExitStatus.OK;
    }

    private AuditPage entries() {
      List<AuditEntry> entries = new ArrayList<>();
      long from = after;
      while (true) {
        int size = Math.min(PAGE, limit - entries.size());
        AuditPage page = session.client().audit(from, size);
        entries.addAll(page.items());
        if (page.items().size() < size || entries.size() >= limit) {
          return new AuditPage(entries, page.head());
        }
        from = page.items().getLast().sequence();
      }
    }

    private static Table table(List<AuditEntry> entries) {
      Table table =
          new Table("#", "AT", "WHO", "ACTION", "SUBJECT", "OUTCOME", "REVISION", "REASON")
              .right(0);
      for (AuditEntry entry : entries) {
        table.row(
            Long.toString(entry.sequence()),
            NumberFormats.time(entry.at()),
            entry.principal(),
            entry.action(),
            subject(entry.subject()),
            entry.outcome(),
            entry.revision() == 0 ? "" : Long.toString(entry.revision()),
            entry.reason());
      }
      return table;
    }
  }

  /// The first of several resources and the number of the others; `-o json` prints all.
  static String subject(String all) {
    List<String> each = List.of(all.split(", ", -1));
    return each.size() == 1 ? all : each.getFirst() + " and " + (each.size() - 1) + " more";
  }

  @Command(
      name = "export",
      description =
          "Export the audit log as JSON lines; verify it offline with `audit verify --file`.")
  private static final class Export implements Callable<Integer> {
    private static final int PAGE = 1_000;

    private final CommandSession session;

    @Option(
        names = "--after",
        paramLabel = "N",
        description = "continue after entry N; with -o, append to that file")
    private Optional<Long> after = Optional.empty();

    @Option(
        names = {"-o", "--file"},
        paramLabel = "FILE",
        description = "file to write instead of standard output; never overwritten")
    private Optional<Path> file = Optional.empty();

    Export(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() throws IOException {
      long from = after.orElse(0L);
      if (from < 0) {
        throw CliException.usage("--after must be 0 or more");
      }
      if (file.isEmpty()) {
        write(session.io().out(), from);
        return ExitStatus.OK;
      }
      requireContinued(file.get(), from);
      try (Writer out = Files.newBufferedWriter(file.get(), CREATE, APPEND)) {
        write(out, from);
      }
      return ExitStatus.OK;
    }

    private void requireContinued(Path path, long from) throws IOException {
      long last = Files.exists(path) ? AuditFile.last(path) : 0;
      if (last != from) {
        throw CliException.error(
            last == 0
                ? path + " is empty or missing: --after continues an existing file"
                : "%s already contains the entries up to %d: continue with --after %d, or name another file"
                    .formatted(path, last, last));
      }
    }

    private void write(Writer out, long from) throws IOException {
      long last = from;
      AuditPage page;
      do {
        page = session.client().audit(last, PAGE);
        for (AuditEntry entry : page.items()) {
          out.write(Json.write(entry));
          out.write('\n');
          last = entry.sequence();
        }
        out.flush();
      } while (page.items().size() == PAGE);
      session.note("%d entries exported, up to %d".formatted(last - from, last));
    }
  }

  @Command(
      name = "verify",
      description =
          "Verify the hash chain and compare the log with what gateways received; exit status 0"
              + " if both match.",
      exitCodeListHeading = ExitStatus.HEADING,
      exitCodeList = {
        "0:the hash chain is unbroken and gateways confirm it",
        "1:the log is broken or contradicted"
      })
  private static final class Verify implements Callable<Integer> {
    private final CommandSession session;

    @Option(
        names = "--file",
        paramLabel = "FILE",
        description = "verify an exported file, without a control plane")
    private Optional<Path> file = Optional.empty();

    @Option(
        names = "--head",
        paramLabel = "HASH",
        description =
            "with --file: an earlier head that the file must contain (snapshots carry it)")
    private Optional<String> head = Optional.empty();

    Verify(CommandSession session) {
      this.session = session;
    }

    private AuditReport report() throws IOException {
      if (file.isEmpty()) {
        if (head.isPresent()) {
          throw CliException.usage("--head needs --file");
        }
        return session.client().verifyAudit();
      }
      try (AuditFile entries = AuditFile.open(file.get())) {
        int witnesses = head.isPresent() ? 1 : 0;
        return switch (ChainCheck.of(entries, head)) {
          case ChainCheck.Whole(long count, String last) ->
              new AuditReport(count, true, last, Optional.empty(), "", witnesses, List.of());
          case ChainCheck.Broken(long bad, String reason) ->
              new AuditReport(bad - 1, false, "", Optional.of(bad), reason, witnesses, List.of());
        };
      }
    }

    @Override
    public Integer call() throws IOException {
      OutputFormat format = session.format();
      AuditReport report = report();
      if (format.document()) {
        session.document(Json.tree(report));
      } else {
        report.contradictions().stream()
            .filter(c -> report.verified() || !c.message().equals(report.reason()))
            .map(AuditContradiction::message)
            .forEach(message -> session.line(TerminalSanitizer.line(message)));
        if (report.verified()) {
          session.line(AuditText.whole(report));
        }
      }
      if (!report.verified()) {
        throw CliException.error(AuditText.broken(report));
      }
      return ExitStatus.OK;
    }
  }

  @Command(
      name = "acknowledge",
      description = "Acknowledge a restore from a backup, so that `audit verify` accepts it.")
  private static final class Acknowledge implements Callable<Integer> {
    private final CommandSession session;

    @Parameters(
        paramLabel = "ENTRY",
        description = "number of the audit entry from `weir audit verify`")
    private long entry;

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        description = "reason, recorded in the audit log")
    private String reason = "";

    Acknowledge(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      OutputFormat format = session.format();
      AuditEntry acknowledgement = session.client().acknowledgeRestore(entry, reason);
      if (format.document()) {
        session.document(Json.tree(acknowledgement));
      } else {
        session.line(
            "the restore of entry %d is acknowledged (entry %d)"
                .formatted(entry, acknowledgement.sequence()));
      }
      return ExitStatus.OK;
    }
  }
}
