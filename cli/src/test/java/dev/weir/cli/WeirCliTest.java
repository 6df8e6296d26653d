// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static dev.weir.client.FakeControl.problem;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class WeirCliTest {
  @TempDir private Path config = Path.of("");
  private CliFixture shell = new CliFixture(config);

  @BeforeEach
  void open() {
    shell.close();
    shell = new CliFixture(config);
  }

  @AfterEach
  void close() {
    shell.close();
  }

  @Command(name = "up", description = "Start both planes.", mixinStandardHelpOptions = true)
  private static final class Mounted implements Runnable {
    @Option(names = "--key")
    private String key = "";

    @Override
    public void run() {
      throw new IllegalStateException("port 9090 is taken: " + key);
    }
  }

  @Test
  void without_arguments_all_commands_are_listed_in_groups() {
    var ended = shell.run(List.of(new Mounted()));
    assertThat(ended.status()).isZero();
    assertThat(ended.err()).isEmpty();
    assertThat(ended.out())
        .isEqualTo(
            """
            Usage: weir [OPTIONS] COMMAND

            Releases, routes and monitors self-hosted models.

            Run
              up          Start both planes.

            Change
              apply       Create or change resources from manifests in one transaction.
              plan        Preview what apply would do.
              diff        Show fields that apply would change.
              delete      Delete resources by name or from manifests.

            Inspect
              get         List resources, replicas or gateways, or show one (-o wide, json, yaml).
              describe    Show details of one resource.
              history     List past specs of one resource, newest first.
              explain     Trace a recent request: route, replicas tried, times, tokens.
              logs        Show a replica's log (engine output).
              doctor      Check machine, data folder, control plane and fleet; suggest fixes.

            Releases
              release     Prepare the next release of a Service.
              rollout     Show and control rollouts of a Service.

            Access
              whoami      Show the key's principal and its roles.
              key         Create, rotate and revoke API keys.
              audit       Read and verify the audit log.
              context     List, select and define contexts (control planes to use).

            Operate
              replica     Cordon, drain or restart one replica.
              backup      Back up the control plane's store while it runs.
              alert       Show alerts, test channels and retry failed deliveries.
              fault       Inject, list and clear faults.

            This program
              version     Print the version of this program.
              completion  Print a shell completion script for bash, zsh or fish.
              help        Show help for a command.

            Global options
              --context NAME        context to use, see `weir context list`
              --server URL          address of the control plane
              --key KEY             API key; prefer WEIR_KEY or a context's key file
              --ca FILE             CA certificates to trust with https (PEM)
              -n, --namespace NAME  namespace (default: the context's, or `default`)
              -o, --output FORMAT   format: table, json or yaml; some commands add wide, markdown
              -v, --verbose         print details of errors

            `weir COMMAND --help` shows help for one command.
            """);
    assertThat(shell.run(List.of(new Mounted()), "--help").out()).isEqualTo(ended.out());
  }

  @Test
  void the_help_of_a_command_has_its_own_options_and_refers_to_the_global_ones() {
    var ended = shell.run("rollout", "status", "--help");
    assertThat(ended.status()).isZero();
    assertThat(ended.out())
        .contains("Usage: weir rollout status")
        .contains("--wait")
        .contains("see `weir --help`")
        .doesNotContain("--server URL");
  }

  @Test
  void an_unknown_command_is_reported_as_such() {
    assertThat(shell.run("frobnicate").err())
        .startsWith("weir: unknown command 'frobnicate'")
        .endsWith("(see `weir --help`)\n");
    assertThat(shell.run("rollout", "frobnicate", "chat").err())
        .startsWith("weir: unknown command 'frobnicate'")
        .endsWith("(see `weir rollout --help`)\n");
  }

  @Test
  void wrong_usage_is_one_line_with_a_hint_and_status_64() {
    for (List<String> wrong :
        List.of(
            List.of("frobnicate"),
            List.of("get", "services", "--nonsense"),
            List.of("get", "gizmos"),
            List.of("get"),
            List.of("apply"),
            List.of("rollout"),
            List.of("rollout", "status"),
            List.of("get", "services", "-o", "xml"),
            List.of("plan", "-f", "x", "-o", "wide"),
            List.of("delete"),
            List.of("describe", "replicas"),
            List.of("key", "create", "ci", "--expires", "soon"),
            List.of("key", "create", "ci", "--role", "emperor"))) {
      var ended = shell.run(wrong.toArray(new String[0]));
      assertThat(ended.status()).as(wrong.toString()).isEqualTo(64);
      assertThat(ended.out()).as(wrong.toString()).isEmpty();
      assertThat(ended.err()).startsWith("weir: ").endsWith("--help`)\n").containsOnlyOnce("\n");
    }
  }

  @Test
  void a_mistyped_command_gets_a_suggestion() {
    assertThat(shell.run("aply", "-f", "x").err()).contains("did you mean").contains("apply");
  }

  @Test
  void an_exception_of_a_mounted_command_is_one_line() {
    var ended = shell.run(List.of(new Mounted()), "up", "--key", "its-own");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).isEqualTo("weir: port 9090 is taken: its-own\n");
  }

  @Test
  void verbose_adds_the_stack_trace() {
    var ended = shell.run(List.of(new Mounted()), "-v", "up");
    assertThat(ended.err()).contains("IllegalStateException").contains("\tat dev.weir.cli");
  }

  @Test
  void global_options_may_precede_or_follow_the_command() {
    String json =
        """
        {
          "weir": "1.2.3"
        }
        """;
    assertThat(shell.run("version", "-o", "json").out()).isEqualTo(json);
    assertThat(shell.run("-o", "json", "version").out()).isEqualTo(json);
    assertThat(shell.run("-o", "yaml", "version").out()).isEqualTo("weir: \"1.2.3\"\n");
    assertThat(shell.run("version").out()).isEqualTo("weir 1.2.3\n");
  }

  @Test
  void without_a_listener_the_message_names_how_to_start_weir() {
    shell.control.close();
    var ended = shell.run("whoami");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).contains("nothing listens at http://127.0.0.1:").contains("./weir up");
    assertThat(ended.err()).containsOnlyOnce("\n");
  }

  @Test
  void without_a_valid_key_the_message_names_how_to_get_one() {
    shell.control.on("GET /api/v1/whoami", problem(401, "\"title\":\"No valid key was given\""));
    var ended = shell.run("whoami");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err())
        .startsWith("weir: the control plane refused the key in WEIR_KEY: it is unknown, revoked")
        .contains("WEIR_KEY")
        .contains("weir key create")
        .containsOnlyOnce("\n");
  }

  @Test
  void field_problems_are_listed_one_per_line() {
    shell.control.on(
        "GET /api/v1/whoami",
        problem(
            422,
            """
            "title":"What was given is not right","errors":[
             {"path":"spec.a","value":"3","message":"must be 4"},
             {"path":"spec.b","value":"","message":"is missing\\u001b[2J"}]
            """));
    assertThat(shell.run("whoami").err())
        .isEqualTo(
            """
            weir: What was given is not right:
              spec.a = 3: must be 4
              spec.b: is missing?[2J
            """);
  }

  @Test
  void completion_knows_the_commands_of_each_shell() {
    assertThat(shell.run("completion", "bash").out()).contains("rollout").contains("complete -F");
    assertThat(shell.run("completion", "zsh").out()).contains("bashcompinit");
    assertThat(shell.run("completion", "fish").out())
        .contains("complete -c weir -n '__fish_use_subcommand' -a 'apply' -d 'Create")
        .contains(
            "complete -c weir -n '__fish_seen_subcommand_from apply' -s f -l filename -r -F -d")
        .contains("complete -c weir -n '__fish_seen_subcommand_from get' -a 'models ")
        .contains(
            "'__fish_seen_subcommand_from rollout; and __fish_seen_subcommand_from status' -l wait");
    assertThat(shell.run("completion", "tcsh").status()).isEqualTo(64);
  }
}
