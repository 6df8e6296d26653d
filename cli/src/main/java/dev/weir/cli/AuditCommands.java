// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.text.Clean;
import dev.weir.cli.text.Figures;
import dev.weir.cli.text.Table;
import dev.weir.client.AuditPage;
import dev.weir.client.AuditVerification;
import dev.weir.model.AuditEntry;
import dev.weir.model.codec.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `weir audit ...`: who did what, and whether the record of it is whole.
final class AuditCommands {
  private AuditCommands() {}

  static CommandLine of(Session session) {
    CommandLine group = Groups.group("audit", "Read and verify the audit log.");
    group.addSubcommand(new ListEntries(session));
    group.addSubcommand(new Verify(session));
    return group;
  }

  @Command(name = "list", description = "List audit entries, oldest first.")
  private static final class ListEntries implements Callable<Integer> {
    private static final int PAGE = 1_000;

    private final Session session;

    @Option(names = "--after", paramLabel = "N", description = "entries after this number")
    private long after;

    @Option(names = "--limit", paramLabel = "N", description = "at most so many (default 1000)")
    private int limit = PAGE;

    ListEntries(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Format format = session.format();
      if (limit < 1 || after < 0) {
        throw CliException.usage("--limit is 1 or more, --after 0 or more");
      }
      AuditPage page = entries();
      if (format.document()) {
        ObjectNode list = GetCommand.items(Json.array(page.items()));
        session.document(list.put("head", page.head()));
      } else {
        session.text(table(page.items()).render(session.style()));
        if (page.items().size() == limit) {
          session.note("perhaps there are more: --after " + page.items().getLast().sequence());
        }
      }
      return Exit.OK;
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
            Figures.time(entry.at()),
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

  /// The first of several resources and how many more there are; `-o json` names them all.
  static String subject(String all) {
    List<String> each = List.of(all.split(", ", -1));
    return each.size() == 1 ? all : each.getFirst() + " and " + (each.size() - 1) + " more";
  }

  @Command(
      name = "verify",
      description = "Verify the chain of all entries; status 0 only when it is unbroken.")
  private static final class Verify implements Callable<Integer> {
    private final Session session;

    Verify(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Format format = session.format();
      AuditVerification verification = session.client().verifyAudit();
      if (format.document()) {
        session.document(Json.tree(verification));
      } else if (verification.verified()) {
        session.line("the audit log is unbroken: " + verification.entries() + " entries");
      }
      if (!verification.verified()) {
        throw CliException.error(broken(verification));
      }
      return Exit.OK;
    }

    private static String broken(AuditVerification verification) {
      return "the audit log is broken at entry "
          + verification.firstBad().map(n -> Long.toString(n)).orElse("?")
          + ": "
          + Clean.line(verification.reason())
          + "; the "
          + verification.entries()
          + " before it are whole";
    }
  }
}
