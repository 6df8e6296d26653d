// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import static dev.weir.client.FakeControl.json;
import static dev.weir.client.FakeControl.problem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.CliFixture;
import dev.weir.cli.FleetFixture;
import dev.weir.client.ApplyResponse;
import dev.weir.client.FakeControl;
import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.codec.Json;
import dev.weir.model.codec.Manifests;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class ApplyCommandTest {
  private static final String APPLY = "POST /api/v1/apply";

  @TempDir private Path folder = Path.of("");
  private final CliFixture shell = new CliFixture();
  private final FakeControl control = shell.control;

  @AfterEach
  void close() {
    shell.close();
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private static FakeControl.Reply answer(boolean dryRun, ApplyResponse.Result... results) {
    return json(Json.write(new ApplyResponse(List.of(results), 41, dryRun, List.of(), List.of())));
  }

  private static ApplyResponse.Result result(String name, String effect, long revision) {
    return new ApplyResponse.Result("Model", "default", name, effect, revision);
  }

  private static String model(String name) {
    return Manifests.toYaml(Resources.model(name));
  }

  private List<String> sent() {
    return Manifests.read(control.last().body()).resources().stream()
        .map(resource -> resource.metadata().name())
        .toList();
  }

  @Test
  void each_resource_is_printed_with_its_result_and_the_revision() throws IOException {
    control.on(
        APPLY,
        answer(
            false,
            new ApplyResponse.Result("Target", "", "local", "created", 40),
            result("a", "changed", 41),
            result("b", "unchanged", 12)));
    var ended = shell.run("apply", "-f", file("m.yaml", model("a")), "--reason", "first try");
    assertThat(ended.status()).isZero();
    assertThat(ended.out())
        .isEqualTo(
            """
            Target/local created (revision 40)
            Model/default/a changed (revision 41)
            Model/default/b unchanged (revision 12)
            """);
    assertThat(control.last().query()).isEqualTo("reason=first%20try");
  }

  @Test
  void a_dry_run_is_marked_and_never_waits() throws IOException {
    control.on(APPLY, answer(true, result("a", "created", 0)));
    var ended = shell.run("apply", "-f", file("m.yaml", model("a")), "--dry-run", "--wait");
    assertThat(ended.status()).isZero();
    assertThat(ended.out()).isEqualTo("Model/default/a created (dry run)\n");
    assertThat(control.requests()).hasSize(1);
    assertThat(control.last().query()).isEqualTo("dryRun=true");
  }

  @Test
  void a_folder_yields_only_its_manifests_by_name() throws IOException {
    control.on(APPLY, answer(false));
    file("c.json", Manifests.toJson(Resources.model("c")));
    file("a.yml", model("a"));
    file("b.yaml", model("b") + "---\n" + model("b2"));
    file("notes.txt", "not: [a manifest");
    Files.createDirectory(folder.resolve("deeper.yaml"));
    assertThat(shell.run("apply", "-f", folder.toString()).status()).isZero();
    assertThat(sent()).containsExactly("a", "b", "b2", "c");
  }

  @Test
  void an_empty_folder_and_a_missing_file_are_named() {
    assertThat(shell.run("apply", "-f", folder.toString()).err())
        .isEqualTo("weir: no .yaml, .yml or .json file in " + folder + "\n");
    String missing = folder.resolve("gone.yaml").toString();
    var ended = shell.run("apply", "-f", missing);
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).isEqualTo("weir: cannot read " + missing + ": there is no such file\n");
    assertThat(control.requests()).isEmpty();
  }

  @Test
  void standard_input_is_read_in_the_namespace_of_the_command() {
    control.on(APPLY, answer(false));
    shell.in =
        "apiVersion: weir.dev/v1\nkind: Model\nmetadata: {name: a}\nspec: {owner: o@x.org}\n";
    assertThat(shell.run("apply", "-f", "-", "-n", "team").status()).isZero();
    assertThat(Manifests.read(control.last().body()).resources())
        .extracting(Resource::ref)
        .hasToString("[Model/team/a]");
  }

  @Test
  void problems_of_all_files_are_listed_with_file_and_field_and_nothing_is_sent()
      throws IOException {
    String one =
        file("one.yaml", "apiVersion: weir.dev/v1\nkind: Model\nmetadata: {name: a}\nspec: {}\n");
    String two =
        file(
            "two.yaml",
            model("b")
                + "---\napiVersion: weir.dev/v1\nkind: Route\nmetadata: {name: r}\n"
                + "spec: {model: r, backends: [{service: chat, wieght: 3}]}\n");
    var ended = shell.run("apply", "-f", one, "-f", two);
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err().lines())
        .satisfiesExactly(
            head -> assertThat(head).isEqualTo("weir: invalid manifests:"),
            line -> assertThat(line).startsWith("  " + one + ": spec.owner: "),
            line ->
                assertThat(line)
                    .startsWith("  " + two + ": ")
                    .contains("spec.backends[0].wieght")
                    .contains("weight"));
    assertThat(control.requests()).isEmpty();
  }

  @Test
  void problems_that_the_server_finds_are_listed_field_by_field() throws IOException {
    control.on(
        APPLY,
        problem(
            422,
            """
            "title":"Some fields are not right","errors":[
             {"path":"[0].spec.owner","value":"x","message":"must be an address"},
             {"path":"[0].spec.licence","value":"","message":"is not on the list"}]
            """));
    var ended = shell.run("apply", "-f", file("m.yaml", model("a")));
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err())
        .isEqualTo(
            """
            weir: Some fields are not right:
              [0].spec.owner = x: must be an address
              [0].spec.licence: is not on the list
            """);
  }

  @Test
  void the_json_output_is_one_document() throws IOException {
    control.on(APPLY, answer(false, result("a", "created", 41)));
    var ended = shell.run("apply", "-o", "json", "-f", file("m.yaml", model("a")));
    assertThat(JsonMapper.shared().readTree(ended.out()).at("/results/0/effect").stringValue())
        .isEqualTo("created");
  }

  /// Services, with the Model last.
  private void folderOfServices(int count) throws IOException {
    for (int first = 0; first < count; first += 500) {
      StringBuilder services = new StringBuilder();
      for (int i = first; i < Math.min(count, first + 500); i++) {
        services.append("---\n").append(service("s" + i));
      }
      file("a%05d.yaml".formatted(first), services.toString());
    }
    file("z.yaml", model("m"));
  }

  private static String service(String name) {
    return """
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: %s}
    spec: {version: m@1, placements: [{target: local, replicas: 1}]}
    """
        .formatted(name);
  }

  @Test
  void a_folder_of_thousands_is_applied_in_parts_with_referenced_resources_first()
      throws IOException {
    folderOfServices(2_500);
    control.on(APPLY, answer(false, result("part", "created", 41)));
    var ended = shell.run("apply", "-f", folder.toString(), "--reason", "moving in");
    assertThat(ended.err()).isEmpty();
    assertThat(ended.status()).isZero();
    assertThat(ended.out()).isEqualTo("Model/default/part created (revision 41)\n".repeat(3));
    List<List<Resource>> parts =
        control.requests().stream()
            .map(request -> Manifests.read(request.body()).resources())
            .toList();
    assertThat(parts).extracting(List::size).containsExactly(1_000, 1_000, 501);
    assertThat(parts.getFirst().getFirst().kind()).isEqualTo(Kind.MODEL);
    assertThat(parts.stream().flatMap(List::stream).map(Resource::ref)).doesNotHaveDuplicates();
    assertThat(control.last().query()).isEqualTo("reason=moving%20in");
  }

  @Test
  void the_json_output_of_all_parts_is_one_document() throws IOException {
    folderOfServices(1_000);
    control.on(
        APPLY,
        answer(false, result("first", "created", 41)),
        answer(false, result("second", "created", 42)));
    var ended = shell.run("apply", "-o", "json", "-f", folder.toString());
    var results = JsonMapper.shared().readTree(ended.out()).get("results");
    assertThat(results.valueStream().map(result -> result.get("name").stringValue()))
        .containsExactly("first", "second");
  }

  @Test
  void a_refused_part_ends_the_apply_and_the_error_names_the_applied_parts() throws IOException {
    folderOfServices(2_500);
    control.on(
        APPLY,
        answer(false, result("first", "created", 41)),
        problem(422, "\"title\":\"Some fields are not right\",\"errors\":[]"));
    var ended = shell.run("apply", "-f", folder.toString());
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out()).isEqualTo("Model/default/first created (revision 41)\n");
    assertThat(ended.err())
        .isEqualTo(
            """
            weir: 1000 of 2501 resources are applied (at most 1000 per transaction); the next 1000 were rejected, later ones were not tried: Some fields are not right
            Fix the cause and apply all of them again: resources that are applied already do not change.
            """);
    assertThat(control.requests()).hasSize(2);
  }

  @Test
  void large_resources_are_split_by_size() throws IOException {
    String use = "  intendedUse: \"" + "x".repeat(4_000) + "\"\n";
    for (int i = 0; i < 900; i++) {
      file("m" + i + ".yaml", model("m" + i) + use);
    }
    control.on(APPLY, answer(false));
    var ended = shell.run("apply", "-f", folder.toString());
    assertThat(ended.err()).isEmpty();
    assertThat(control.requests())
        .hasSizeGreaterThan(1)
        .allSatisfy(request ->
            assertThat(request.body().length()).isLessThanOrEqualTo(ApplyParts.MAX_BYTES));
  }

  private CliFixture.Ended applyAndWait() throws IOException {
    control.on(APPLY, answer(false));
    String manifest = Manifests.toYaml(Resources.service("chat", FleetFixture.version("chat@2")));
    return shell.run("apply", "--wait", "-f", file("s.yaml", manifest));
  }

  @Test
  void a_wait_ends_when_the_version_is_stable_on_all_replicas() throws IOException {
    FleetFixture.service(
        control,
        FleetFixture.service("chat@2", "chat@1", "chat-2", 2, ""),
        FleetFixture.service("chat@2", "chat@2", "", 2, ""));
    FleetFixture.rollout(
        control,
        FleetFixture.rollout(RolloutPhase.PROMOTING, 3, 100, ""),
        FleetFixture.rollout(RolloutPhase.COMPLETED, 3, 100, ""));
    control.on(
        "GET /api/v1/replicas",
        CliFixture.observed(
            FleetFixture.replica("2", 0, ReplicaState.READY, ""),
            FleetFixture.replica("1", 0, ReplicaState.READY, ""),
            FleetFixture.replica("2", 1, ReplicaState.STARTING, "loading weights")),
        CliFixture.observed(
            FleetFixture.replica("2", 0, ReplicaState.READY, ""),
            FleetFixture.replica("2", 1, ReplicaState.READY, "")));
    var ended = applyAndWait();
    assertThat(ended.status()).isZero();
    assertThat(ended.err())
        .isEqualTo(
            """
            chat-2 chat@2 Promoting, step 4 of 4, weight 100%
            service chat chat@2: 1 of 2 replicas ready (chat-2-1 Starting: loading weights)
            service chat chat@2: 2 of 2 replicas ready
            """);
  }

  @Test
  void an_additional_replica_that_is_not_ready_does_not_contradict_the_count() throws IOException {
    FleetFixture.service(control, FleetFixture.service("chat@2", "chat@2", "", 2, ""));
    control.on(
        "GET /api/v1/replicas",
        CliFixture.observed(
            FleetFixture.replica("2", 0, ReplicaState.READY, ""),
            FleetFixture.replica("2", 1, ReplicaState.READY, ""),
            FleetFixture.replica("2", 2, ReplicaState.STARTING, "loading weights")));
    assertThat(applyAndWait().err())
        .isEqualTo(
            "service chat chat@2: 2 of 2 replicas ready; additional replica chat-2-2 is Starting:"
                + " loading weights\n");
  }

  @Test
  void a_wait_ends_with_3_when_the_release_was_rolled_back() throws IOException {
    FleetFixture.service(control, FleetFixture.service("chat@2", "chat@1", "chat-2", 2, ""));
    FleetFixture.rollout(
        control,
        FleetFixture.rollout(RolloutPhase.PROGRESSING, 0, 1, ""),
        FleetFixture.rollout(RolloutPhase.ROLLING_BACK, 0, 0, ""),
        FleetFixture.rollout(RolloutPhase.ROLLED_BACK, 0, 0, "error is worse"));
    var ended = applyAndWait();
    assertThat(ended.status()).isEqualTo(3);
    assertThat(ended.err()).endsWith("chat-2 chat@2 RolledBack: error is worse\n");
  }

  @Test
  void a_wait_ends_with_4_when_the_release_was_paused() throws IOException {
    FleetFixture.service(control, FleetFixture.service("chat@2", "chat@1", "chat-2", 2, ""));
    FleetFixture.rollout(control, FleetFixture.rollout(RolloutPhase.PAUSED, 0, 1, "inconclusive"));
    assertThat(applyAndWait().status()).isEqualTo(4);
  }

  @Test
  void a_wait_does_not_confuse_the_last_release_with_the_requested_one() throws IOException {
    FleetFixture.service(
        control,
        FleetFixture.service("chat@2", "chat@1", "", 1, ""),
        FleetFixture.service("chat@2", "chat@1", "chat-2", 2, ""));
    FleetFixture.rollout(
        control, FleetFixture.rollout(1, RolloutPhase.ROLLED_BACK, 0, 0, List.of("error"), "old"));
    FleetFixture.rollout(control, FleetFixture.rollout(RolloutPhase.PAUSED, 0, 1, ""));
    var ended = applyAndWait();
    assertThat(ended.status()).isEqualTo(4);
    assertThat(ended.err()).startsWith("service chat waits for the rollout of chat@2\n");
  }

  @Test
  void a_wait_for_a_previously_reverted_version_names_how_to_retry_it() throws IOException {
    FleetFixture.service(
        control,
        FleetFixture.refusing(FleetFixture.service("chat@2", "chat@1", "", 1, ""), "chat@2"));
    FleetFixture.rollout(
        control, FleetFixture.rollout(1, RolloutPhase.COMPLETED, 3, 100, List.of("error"), "old"));
    var ended = applyAndWait();
    assertThat(ended.status()).isEqualTo(3);
    assertThat(ended.err())
        .endsWith("chat@2 failed before: change the spec or run `weir rollout retry chat`\n");
  }

  @Test
  void a_wait_ends_when_a_replica_of_the_version_failed_permanently() throws IOException {
    FleetFixture.service(control, FleetFixture.service("chat@2", "chat@2", "", 2, ""));
    FleetFixture.rollout(control, FleetFixture.rollout(RolloutPhase.COMPLETED, 3, 100, ""));
    control.on(
        "GET /api/v1/replicas",
        CliFixture.observed(FleetFixture.replica("2", 0, ReplicaState.FAILED, "no such program")));
    var ended = applyAndWait();
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err())
        .isEqualTo("weir: replica chat-2-0 failed: no such program; see `weir get replicas`\n");
  }

  @Test
  void the_output_of_get_can_be_applied_again() {
    control.on(APPLY, answer(false));
    control.on(
        "GET " + FleetFixture.SPACE + Kind.MODEL.plural(),
        CliFixture.items(
            9,
            CliFixture.stored(Resources.model("a"), 8),
            CliFixture.stored(Resources.model("b"), 9)));
    for (String format : List.of("yaml", "json")) {
      shell.in = shell.run("get", "models", "-o", format).out();
      assertThat(shell.run("apply", "-f", "-").err()).isEmpty();
      assertThat(sent()).containsExactly("a", "b");
    }
  }
}
