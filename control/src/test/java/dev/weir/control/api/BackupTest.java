// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.control.api.call.ApiCall;
import dev.weir.control.api.call.ApiResponse;
import dev.weir.control.api.call.CallLimiter;
import dev.weir.control.api.call.CallWarnings;
import dev.weir.control.api.call.ProblemException;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.view.AuditEntry;
import dev.weir.store.Restored;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Trouble;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BackupTest {
  @TempDir Path folder;
  private ApiHarness api;

  @BeforeEach
  void start() {
    api = new ApiHarness(folder.resolve("data"));
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private HttpResponse<Path> backup(HttpClient http, Path file) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + api.port() + "/api/v1/backup?reason=nightly");
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Authorization", "Bearer " + api.adminKey)
            .POST(BodyPublishers.noBody())
            .build();
    return http.send(request, BodyHandlers.ofFile(file));
  }

  @Test
  void a_backup_restores_to_what_was_there_with_who_took_it() throws Exception {
    api.post("/api/v1/apply", SampleManifests.chat());
    Path file = folder.resolve("weir.backup");
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<Path> answer = backup(http, file);
      assertThat(answer.statusCode()).isEqualTo(200);
      Map<String, List<String>> headers = answer.headers().map();
      assertThat(headers.get("x-weir-revision"))
          .containsExactly(Long.toString(api.store.revision()));
      assertThat(headers.get("x-weir-audit-head")).containsExactly(api.store.auditHead().hash());
      assertThat(headers.get("content-length")).containsExactly(Long.toString(Files.size(file)));
    }
    Restored restored =
        SqliteStore.restore(file, folder.resolve("restored"), new ManualClock(), "test");
    assertThat(restored.revision()).isEqualTo(api.store.revision());
    AuditEntry last = api.store.audit(restored.auditEntries() - 1, 10).getLast();
    assertThat(last.action()).isEqualTo("backup");
    assertThat(last.principal()).isEqualTo("admin");
    assertThat(last.reason()).isEqualTo("nightly");
  }

  @Test
  void a_backup_holds_no_key() throws Exception {
    api.account("someone", Role.VIEWER, "default");
    Path file = folder.resolve("weir.backup");
    try (HttpClient http = HttpClient.newHttpClient()) {
      var _ = backup(http, file);
    }
    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
        .contains("someone")
        .doesNotContain(api.adminKey)
        .doesNotContain(api.gatewayKey);
  }

  @Test
  void few_are_made_at_once_and_each_seat_is_given_back() throws Exception {
    var callLimiter = new CallLimiter("backups", 1, api.clock);
    var calls = new BackupCalls(api.store, callLimiter);
    var call =
        new ApiCall(
            new dev.weir.control.access.AuthenticatedCaller(
                "admin",
                dev.weir.model.value.ResourceRef.of(
                    dev.weir.model.value.Kind.API_KEY, "default", "admin"),
                "",
                List.of()),
            Map.of(),
            Map.of(),
            Map.of(),
            new byte[0],
            "request-1",
            "127.0.0.1",
            new CallWarnings());
    var first = (ApiResponse.Download) calls.backup(call);
    assertThatThrownBy(() -> calls.backup(call)).isInstanceOf(ProblemException.class);
    try (InputStream content = first.content();
        CallLimiter.CallSlot _ = first.slot()) {
      assertThat(content.readAllBytes()).hasSize((int) first.bytes());
    }
    assertThat(callLimiter.free()).isEqualTo(1);
  }

  @Test
  void damage_is_told_as_a_problem_that_names_no_path_and_nobody_is_told_his_key_is_wrong()
      throws Exception {
    api.post("/api/v1/apply", SampleManifests.chat());
    try (Connection file =
        DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("data/weir.db"))) {
      file.createStatement()
          .execute("UPDATE resource SET body = replace(body, 'chat', 'cash') WHERE kind = 'Model'");
    }
    ApiHarness.Reply damaged = api.get("/api/v1/namespaces/default/models/chat");
    assertThat(damaged.status()).isEqualTo(503);
    assertThat(damaged.problem()).isEqualTo("store-unavailable");
    assertThat(damaged.header("Retry-After")).isEqualTo("1");
    api.clock.advance(Duration.ofSeconds(20));
    assertThat(api.get("/api/v1/namespaces/default/models/chat").header("Retry-After"))
        .as("as long again as it has been so")
        .isEqualTo("20");
    assertThat(damaged.text()).contains("damaged").doesNotContain(folder.toString());
    assertThat(api.get("/api/v1/namespaces/default/services/chat").status()).isEqualTo(200);
  }

  @Test
  void a_full_disk_has_a_status_of_its_own() {
    var full =
        ProblemException.of(
            new StoreException(Trouble.FULL, "/data/weir.db is full"), Duration.ofMinutes(5));
    assertThat(full.type().status()).isEqualTo(507);
    assertThat(full.detail()).contains("free space and try again").doesNotContain("/data");
    assertThat(full.headers()).containsEntry("Retry-After", "60");
  }
}
