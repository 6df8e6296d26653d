// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static dev.weir.client.FakeControl.json;
import static dev.weir.client.FakeControl.problem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.cli.session.CliSettings;
import dev.weir.cli.session.ContextFile;
import dev.weir.cli.session.GlobalOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContextsTest {
  private static final String GATEWAY = "http://127.0.0.1:8080";

  @TempDir private Path folder = Path.of("");
  private CliFixture shell = new CliFixture(folder);

  @BeforeEach
  void open() {
    shell.close();
    shell = new CliFixture(folder);
    shell.control.on("GET /api/v1/whoami", json("{\"principal\":\"ada\"}"));
  }

  @AfterEach
  void close() {
    shell.close();
  }

  private String server() {
    return shell.control.address().toString();
  }

  private Path keyFile(String name, String key) throws IOException {
    return Files.writeString(folder.resolve(name), key + "\n");
  }

  private ContextFile file() {
    return ContextFile.ofEnvironment(shell.env);
  }

  private void unset(String... variables) {
    for (String variable : variables) {
      shell.env.remove(variable);
    }
  }

  private String sentAuthorization() {
    assertThat(shell.run("whoami").status()).isZero();
    return shell.control.last().header("authorization");
  }

  @Test
  void the_file_is_searched_in_three_places() {
    assertThat(ContextFile.ofEnvironment(Map.of("WEIR_CONFIG_DIR", "/a", "HOME", "/h")).path())
        .isEqualTo(Path.of("/a/contexts.json"));
    assertThat(ContextFile.ofEnvironment(Map.of("XDG_CONFIG_HOME", "/x", "HOME", "/h")).path())
        .isEqualTo(Path.of("/x/weir/contexts.json"));
    assertThat(ContextFile.ofEnvironment(Map.of("HOME", "/h")).path())
        .isEqualTo(Path.of("/h/.config/weir/contexts.json"));
  }

  @Test
  void only_the_owner_can_read_the_file_and_no_temporary_file_remains() throws IOException {
    shell.env.put("WEIR_CONFIG_DIR", folder.resolve("deep/er").toString());
    file().makeCurrent("local", server(), GATEWAY, Path.of("k"), Optional.empty());
    file().makeCurrent("local", server(), GATEWAY, Path.of("k"), Optional.empty());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file().path())))
        .isEqualTo("rw-------");
    try (var files = Files.list(folder.resolve("deep/er"))) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void the_current_context_is_used_with_the_key_of_its_file() throws IOException {
    unset("WEIR_SERVER", "WEIR_KEY");
    file()
        .makeCurrent(
            "local", server(), GATEWAY, keyFile("key", "weir_from_file"), Optional.empty());
    assertThat(sentAuthorization()).isEqualTo("Bearer weir_from_file");
  }

  @Test
  void a_refused_key_is_named_by_its_file_and_context() throws IOException {
    unset("WEIR_SERVER", "WEIR_KEY");
    Path key = keyFile("admin.key", "weir_revoked");
    file().makeCurrent("local", server(), GATEWAY, key, Optional.empty());
    shell.control.on("GET /api/v1/whoami", problem(401, "\"title\":\"No valid key was given\""));
    assertThat(shell.run("whoami").err())
        .contains("refused the key in " + key + " (context local): it is unknown, revoked");
    assertThat(shell.run("whoami", "--key", "weir_other").err())
        .contains("refused the key of --key: it is unknown, revoked");
  }

  @Test
  void without_a_key_the_message_names_no_source() {
    unset("WEIR_KEY");
    shell.control.on("GET /api/v1/whoami", problem(401, "\"title\":\"No valid key was given\""));
    assertThat(shell.run("whoami").err())
        .startsWith(
            "weir: the control plane needs a valid API key: give a valid key with WEIR_KEY");
  }

  @Test
  void a_deleted_context_is_gone_and_none_is_current() throws IOException {
    file().makeCurrent("local", server(), GATEWAY, keyFile("key", "k"), Optional.empty());
    shell.run("context", "set", "prod", "--server", "https://weir.example.com");
    assertThat(shell.run("context", "delete", "prod").err()).isEqualTo("context prod deleted\n");
    assertThat(file().read().current()).contains("local");
    assertThat(shell.run("context", "delete", "local").err())
        .contains("no context is current now: `weir context use NAME`");
    assertThat(file().read().contexts()).isEmpty();
    assertThat(file().read().current()).isEmpty();
    var unknown = shell.run("context", "delete", "local");
    assertThat(unknown.status()).isEqualTo(1);
    assertThat(unknown.err()).contains("no context 'local'");
  }

  @Test
  void variables_override_the_current_context_and_flags_override_variables() throws IOException {
    unset("WEIR_SERVER");
    file()
        .makeCurrent(
            "local", server(), GATEWAY, keyFile("key", "weir_from_file"), Optional.empty());
    assertThat(sentAuthorization()).isEqualTo("Bearer weir_secret");
    shell.run("whoami", "--key", "weir_flag");
    assertThat(shell.control.last().header("authorization")).isEqualTo("Bearer weir_flag");
  }

  @Test
  void a_context_named_by_flag_overrides_variables() throws IOException {
    file().makeCurrent("named", server(), GATEWAY, keyFile("key", "weir_named"), Optional.empty());
    shell.env.put("WEIR_SERVER", "http://127.0.0.1:1");
    assertThat(shell.run("whoami", "--context", "named").status()).isZero();
    assertThat(shell.control.last().header("authorization")).isEqualTo("Bearer weir_named");
  }

  @Test
  void the_key_of_a_context_never_goes_to_another_server() throws IOException {
    unset("WEIR_KEY");
    file()
        .makeCurrent(
            "other", "http://127.0.0.1:1", GATEWAY, keyFile("key", "weir_other"), Optional.empty());
    assertThat(sentAuthorization()).isEmpty();
    assertThat(shell.run("whoami", "--context", "other", "--server", server()).status()).isZero();
    assertThat(shell.control.last().header("authorization")).isEmpty();
  }

  @Test
  void the_namespace_follows_the_same_order() {
    shell.control.on("GET /api/v1/namespaces/a/models", CliFixture.items(1));
    shell.control.on("GET /api/v1/namespaces/b/models", CliFixture.items(1));
    shell.control.on("GET /api/v1/namespaces/c/models", CliFixture.items(1));
    shell.run("context", "set", "here", "--server", server(), "-n", "a");
    assertThat(shell.run("get", "models").status()).isZero();
    shell.env.put("WEIR_NAMESPACE", "b");
    assertThat(shell.run("get", "models").status()).isZero();
    assertThat(shell.run("get", "models", "-n", "c").status()).isZero();
    assertThat(shell.control.requests())
        .extracting(request -> request.path().split("/", -1)[4])
        .containsExactly("a", "b", "c");
  }

  @Test
  void without_any_setting_the_default_address_is_used() {
    CliSettings settings =
        CliSettings.resolve(
            new GlobalOptions(),
            Map.of(),
            ContextFile.ofEnvironment(Map.of("WEIR_CONFIG_DIR", folder.toString())));
    assertThat(settings.endpoint().server()).hasToString("http://127.0.0.1:9090");
    assertThat(settings.endpoint().key()).isEmpty();
    assertThat(settings.namespace()).isEqualTo("default");
  }

  @Test
  void contexts_are_set_listed_and_selected() {
    shell.run("context", "set", "one", "--server", "http://one:1", "--key-file", "/keys/one");
    shell.run("context", "set", "one", "--gateway", "http://one:8080");
    shell.run("context", "set", "two", "--server", "http://two:2", "-n", "team", "--ca", "/ca");
    assertThat(shell.run("context", "list").out())
        .isEqualTo(
            """
               NAME  SERVER        GATEWAY          NAMESPACE  KEY FILE   CA
            *  one   http://one:1  http://one:8080  -          /keys/one  -
               two   http://two:2  -                team       -          /ca
            """);
    assertThat(shell.run("context", "use", "two").status()).isZero();
    assertThat(shell.run("context", "list", "-o", "json").out())
        .isEqualTo(
            """
            {
              "current": "two",
              "contexts": {
                "one": {
                  "server": "http://one:1",
                  "keyFile": "/keys/one",
                  "gateway": "http://one:8080"
                },
                "two": {
                  "server": "http://two:2",
                  "ca": "/ca",
                  "namespace": "team"
                }
              }
            }
            """);
  }

  @Test
  void an_unknown_context_is_refused_with_the_known_ones() {
    shell.run("context", "set", "one", "--server", "http://one:1");
    assertThat(shell.run("context", "use", "none").err())
        .startsWith("weir: no context 'none' in ")
        .contains("known: one")
        .contains("weir context set none");
    assertThat(shell.run("whoami", "--context", "none").status()).isEqualTo(1);
    assertThat(shell.run("context", "set", "bad", "--server", "ftp://x").status()).isEqualTo(1);
    assertThat(shell.run("context", "set", "new").status()).isEqualTo(64);
    assertThat(shell.run("context", "set", "one", "--gateway", "one:8080").err())
        .startsWith("weir: --gateway one:8080 is not a gateway URL");
  }

  @Test
  void a_broken_file_or_key_is_named() throws IOException {
    Files.writeString(file().path(), "{");
    assertThatThrownBy(file()::read)
        .hasMessageContaining(file().path() + " is not a valid context file");
    Files.delete(file().path());
    unset("WEIR_KEY", "WEIR_SERVER");
    file().makeCurrent("local", server(), GATEWAY, folder.resolve("gone"), Optional.empty());
    assertThat(shell.run("whoami").err())
        .contains("cannot read the key of context 'local' from " + folder.resolve("gone"))
        .containsOnlyOnce("\n");
  }
}
