// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static dev.weir.client.FakeControl.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.AuditPage;
import dev.weir.client.FakeControl;
import dev.weir.model.audit.AuditHash;
import dev.weir.model.codec.Json;
import dev.weir.model.view.AuditEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

final class AuditCommandsTest {
  private final CliFixture shell = new CliFixture();
  private final FakeControl control = shell.control;

  @AfterEach
  void close() {
    shell.close();
  }

  private static AuditEntry entry(long sequence, String subject, String outcome, long revision) {
    return new AuditEntry(
        sequence,
        Instant.parse("2026-01-01T00:03:00Z"),
        "ada",
        "127.0.0.1",
        "request-1",
        "apply",
        subject,
        revision,
        outcome,
        Optional.empty(),
        Optional.empty(),
        revision == 0 ? "" : "first try",
        "0".repeat(64),
        "1".repeat(64));
  }

  @Test
  void a_change_of_many_resources_takes_no_more_lines_than_one() {
    assertThat(AuditCommands.subject("Service/default/chat")).isEqualTo("Service/default/chat");
    assertThat(AuditCommands.subject("Model/a/b, ModelVersion/a/b-1, Service/a/b"))
        .isEqualTo("Model/a/b and 2 more");
  }

  private static List<AuditEntry> chain(int entries) {
    List<AuditEntry> chain = new ArrayList<>();
    String head = AuditHash.GENESIS;
    for (int i = 1; i <= entries; i++) {
      AuditEntry unsealed = sealed(entry(i, "Service/default/chat", "allowed", i), head, "");
      AuditEntry whole = sealed(unsealed, head, AuditHash.of(unsealed));
      chain.add(whole);
      head = whole.hash();
    }
    return chain;
  }

  private static AuditEntry sealed(AuditEntry of, String previous, String hash) {
    return new AuditEntry(
        of.sequence(),
        of.at(),
        of.principal(),
        of.sourceAddress(),
        of.requestId(),
        of.action(),
        of.subject(),
        of.revision(),
        of.outcome(),
        of.before(),
        of.after(),
        of.reason(),
        previous,
        hash);
  }

  @Test
  void an_export_is_verified_without_a_control_plane_and_a_changed_one_is_detected(
      @TempDir Path folder) throws IOException {
    List<AuditEntry> chain = chain(5);
    control.on("GET /api/v1/audit", json(Json.write(new AuditPage(chain, chain.getLast().hash()))));
    Path file = folder.resolve("audit.jsonl");
    assertThat(shell.run("audit", "export", "-o", file.toString()).status()).isZero();
    assertThat(shell.run("audit", "export", "-o", file.toString()).err())
        .contains("already contains the entries up to 5: continue with --after 5");
    int requestsBefore = control.requests().size();
    String head = chain.get(3).hash();
    assertThat(shell.run("audit", "verify", "--file", file.toString(), "--head", head).out())
        .isEqualTo(
            "the audit log is unbroken: 5 entries; matches the head that 1 witness received\n");

    String text = Files.readString(file);
    Files.writeString(file, text.replaceFirst("first try", "second try"));
    var changed = shell.run("audit", "verify", "--file", file.toString());
    assertThat(changed.status()).isEqualTo(1);
    assertThat(changed.err()).contains("broken at entry 1");

    Files.writeString(file, text.substring(0, text.indexOf('\n') + 1));
    assertThat(shell.run("audit", "verify", "--file", file.toString(), "--head", head).err())
        .contains("does not contain the witnessed head");
    assertThat(control.requests()).as("no request was sent").hasSize(requestsBefore);
  }

  @Test
  void an_intact_chain_is_reported_with_its_length() {
    control.on("GET /api/v1/audit/verify", json("{\"entries\":41,\"verified\":true}"));
    var ended = shell.run("audit", "verify");
    assertThat(ended.status()).isZero();
    assertThat(ended.out())
        .isEqualTo(
            "the audit log is unbroken: 41 entries; no gateway has a copy of its head, so only"
                + " the hash chain was checked\n");
  }

  private static String contradiction(boolean acknowledged) {
    return "{\"gateway\":\"g1\",\"sequence\":45,\"held\":\"ab\",\"found\":\"\",\"restore\":42,"
        + "\"acknowledged\":"
        + acknowledged
        + ",\"message\":\"gateway g1 was sent entry 45\"}";
  }

  @Test
  void a_log_that_lost_entries_witnessed_by_a_gateway_ends_with_1() {
    control.on(
        "GET /api/v1/audit/verify",
        json(
            "{\"entries\":42,\"verified\":false,\"firstBad\":43,\"witnesses\":1,"
                + "\"reason\":\"gateway g1 was sent entry 45\",\"contradictions\":["
                + contradiction(false)
                + "]}"));
    var ended = shell.run("audit", "verify");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err())
        .isEqualTo(
            "weir: the audit log contradicts its witnesses from entry 43 on: gateway g1 was"
                + " sent entry 45\n");
  }

  @Test
  void an_acknowledged_restore_is_shown_and_ends_with_0() {
    control.on(
        "GET /api/v1/audit/verify",
        json(
            "{\"entries\":42,\"verified\":true,\"witnesses\":1,\"contradictions\":["
                + contradiction(true)
                + "]}"));
    var ended = shell.run("audit", "verify");
    assertThat(ended.status()).isZero();
    assertThat(ended.out())
        .isEqualTo(
            """
            gateway g1 was sent entry 45
            the audit log is unbroken: 42 entries; matches the head that 1 witness received
            """);
  }

  @Test
  void a_restore_is_acknowledged_with_its_reason() {
    control.on("POST /api/v1/audit/acknowledge", json(Json.write(chain(1).getFirst())));
    var ended = shell.run("audit", "acknowledge", "42", "--reason", "disk lost");
    assertThat(ended.status()).isZero();
    assertThat(ended.out()).isEqualTo("the restore of entry 42 is acknowledged (entry 1)\n");
    assertThat(control.requests().toString()).contains("restore=42").contains("disk");
  }

  @Test
  void a_broken_chain_ends_with_1_and_names_the_first_invalid_entry() {
    control.on(
        "GET /api/v1/audit/verify",
        json(
            "{\"entries\":16,\"verified\":false,\"firstBad\":17,"
                + "\"reason\":\"its hash is not that of its fields\"}"));
    var ended = shell.run("audit", "verify");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err())
        .isEqualTo(
            "weir: the audit log is broken at entry 17: its hash is not that of its fields; the 16"
                + " entries before it are intact\n");
    var document = shell.run("audit", "verify", "-o", "json");
    assertThat(document.status()).isEqualTo(1);
    assertThat(JsonMapper.shared().readTree(document.out()).path("firstBad").asInt(0))
        .isEqualTo(17);
  }

  @Test
  void entries_are_printed_as_a_table() {
    AuditPage page =
        new AuditPage(
            List.of(
                entry(9, "Service/default/chat", "allowed", 12),
                entry(10, "Model/a/b, Model/a/c", "denied", 0)),
            "1".repeat(64));
    control.on("GET /api/v1/audit", json(Json.write(page)));
    var ended = shell.run("audit", "list", "--after", "8", "--limit", "2");
    assertThat(ended.out())
        .isEqualTo(
            """
             #  AT                    WHO  ACTION  SUBJECT               OUTCOME  REVISION  REASON
             9  2026-01-01 00:03:00Z  ada  apply   Service/default/chat  allowed  12        first try
            10  2026-01-01 00:03:00Z  ada  apply   Model/a/b and 1 more  denied   -         -
            """);
    assertThat(ended.err()).isEqualTo("there may be more: continue with --after 10\n");
    assertThat(control.last().query()).isEqualTo("after=8&limit=2");
    assertThat(shell.run("audit", "list", "--limit", "0").status()).isEqualTo(64);
  }
}
