// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import static dev.weir.client.FakeControl.json;
import static dev.weir.client.FakeControl.problem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.CliFixture;
import dev.weir.client.FakeControl;
import dev.weir.model.Resources;
import dev.weir.model.codec.Manifests;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PlanCommandTest {
  private static final String PLAN = "POST /api/v1/plan";
  private static final String CHANGES =
      """
      {"changes":[
        {"kind":"Model","namespace":"default","name":"chat","effect":"created","fields":[
          {"path":"spec.owner","after":"ml@example.com"}]},
        {"kind":"Service","namespace":"default","name":"chat","effect":"changed","fields":[
          {"path":"spec.version","before":"chat@1","after":"chat@2"},
          {"path":"spec.traffic.resume","before":true}]},
        {"kind":"Target","namespace":"","name":"local","effect":"unchanged","fields":[]}],
       "rollouts":[{"service":"default/chat","from":"chat@1","to":"chat@2",
         "steps":[0.5,5,25],"minSeconds":360}],
       "replicas":{"before":2,"after":4}}
      """;

  private static final String RELEASE =
      """
      {"service":"default/chat","from":"chat@1","to":"chat@2","strategy":"canary",
       "steps":[5,50],"minSeconds":360,"room":"inPlace","roomReason":"in place: because",
       "revertSeconds":635,"revertReason":"replicas must come back",
       "usage":[{"target":"gpu-a","unit":"gpus","now":6,"peak":8,"capacity":8},
                {"target":"cpu","unit":"replicas","now":1,"peak":2}],
       "gpuHours":0.5,"costUsd":3.44,"prices":["H100 at 6.88 USD an hour (somewhere)"],
       "waitsFor":["frozen until tomorrow"],"forecast":["step 1 needs 9 h"],
       "traffic":"from the last minutes: 4.8 requests/s"}
      """;

  private final CliFixture shell = new CliFixture();
  private final FakeControl control = shell.control;

  @BeforeEach
  void prepareReplies() {
    shell.in = Manifests.toYaml(Resources.model("chat"));
  }

  @AfterEach
  void close() {
    shell.close();
  }

  @Test
  void status_2_means_that_there_are_changes() {
    control.on(PLAN, json(CHANGES));
    var ended = shell.run("plan", "-f", "-");
    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.out())
        .isEqualTo(
            """
            + Model/default/chat created
                + spec.owner: "ml@example.com"
            ~ Service/default/chat changed
                - spec.version: "chat@1"
                + spec.version: "chat@2"
                - spec.traffic.resume: true
            = Target/local unchanged

            Rollouts to start
              default/chat: chat@1 -> chat@2, steps 0.5%, 5%, 25%, at least 6m

            Replicas: 2 -> 4
            Plan: 1 to create, 1 to change, 1 unchanged.
            """);
    assertThat(shell.run("diff", "-f", "-").status()).isEqualTo(2);
  }

  @Test
  void warnings_stand_before_the_count_and_external_endpoints_are_named() {
    control.on(
        PLAN,
        json(
            "{\"changes\":[],\"rollouts\":[%s],\"replicas\":{\"before\":0,\"after\":0},\"warnings\":[\"a freeze is active\"]}"
                .formatted(RELEASE)));
    assertThat(shell.run("plan", "-f", "-").out())
        .endsWith(
            """

            warning: a freeze is active

            Replicas: 0 -> 0 (external endpoints are not counted)
            Plan: 0 to create, 0 to change, 0 unchanged.
            """);
  }

  @Test
  void a_release_is_shown_with_its_capacity_rollback_and_cost() {
    control.on(
        PLAN,
        json(
            "{\"changes\":[],\"rollouts\":[%s],\"replicas\":{\"before\":2,\"after\":2}}"
                .formatted(RELEASE)));
    assertThat(shell.run("plan", "-f", "-").out())
        .contains(
            """
            Rollouts to start
              default/chat: chat@1 -> chat@2, canary, steps 5%, 50%, at least 6m
                traffic: from the last minutes: 4.8 requests/s
                capacity: in place: because
                revert: within 10m35s in the worst case: replicas must come back
                usage: 6 GPUs on gpu-a now, up to 8 of its 8 during the release
                usage: 1 replicas on cpu now, up to 2 during the release
                cost: at least 0.5 additional GPU-hours, 3.44 USD; H100 at 6.88 USD an hour (somewhere)
                waits for: frozen until tomorrow
                ! step 1 needs 9 h
            """);
    assertThat(shell.run("plan", "-f", "-", "-o", "markdown").out())
        .contains(
            "  - traffic: from the last minutes: 4.8 requests/s\n  - capacity: in place: because\n  - revert: within 10m35s");
  }

  @Test
  void a_ramp_is_shown_by_its_range_because_it_may_skip_weights() {
    control.on(
        PLAN,
        json(
            "{\"changes\":[],\"rollouts\":[%s],\"replicas\":{\"before\":2,\"after\":2}}"
                .formatted(RELEASE.replace("\"strategy\"", "\"ramp\":true,\"strategy\""))));
    assertThat(shell.run("plan", "-f", "-").out())
        .contains("chat@1 -> chat@2, canary, a ramp from 5% to 50%, at least 6m\n");
  }

  @Test
  void a_dry_run_of_apply_shows_the_release_too() {
    control.on(
        "POST /api/v1/apply",
        json(
            "{\"results\":[],\"revision\":9,\"dryRun\":false,\"rollouts\":[%s]}"
                .formatted(RELEASE)));
    assertThat(shell.run("apply", "-f", "-").out())
        .startsWith("releasing default/chat: chat@1 -> chat@2, canary, steps 5%, 50%, at least 6m")
        .contains("\n  capacity: in place: because\n")
        .contains("\n  traffic: from the last minutes: 4.8 requests/s\n")
        .endsWith("  waits for: frozen until tomorrow\n  ! step 1 needs 9 h\n");
  }

  @Test
  void status_0_means_that_nothing_would_change() {
    control.on(
        PLAN,
        json(
            """
            {"changes":[{"kind":"Model","namespace":"default","name":"chat",
              "effect":"unchanged","fields":[]}],
             "rollouts":[],"replicas":{"before":2,"after":2}}
            """));
    assertThat(shell.run("plan", "-f", "-").status()).isZero();
    var diff = shell.run("diff", "-f", "-");
    assertThat(diff.status()).isZero();
    assertThat(diff.out()).isEmpty();
  }

  @Test
  void status_1_means_that_the_plan_failed() {
    control.on(
        PLAN,
        problem(
            422,
            """
            "title":"Not right","errors":[
             {"path":"spec.version","value":"chat@9","message":"there is no such version"},
             {"path":"spec.placements[0].target","value":"gone","message":"there is none"}]
            """));
    var ended = shell.run("plan", "-f", "-");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err())
        .contains("spec.version = chat@9: there is no such version\n")
        .contains("spec.placements[0].target = gone: there is none\n");
  }

  @Test
  void the_json_output_has_typed_values_of_fields() {
    control.on(PLAN, json(CHANGES));
    var ended = shell.run("plan", "-f", "-", "-o", "json");
    assertThat(ended.status()).isEqualTo(2);
    JsonNode document = JsonMapper.shared().readTree(ended.out());
    assertThat(document.at("/changes/1/fields/0/after").stringValue()).isEqualTo("chat@2");
    assertThat(document.at("/changes/1/fields/1/before").booleanValue()).isTrue();
    assertThat(document.at("/changes/1/fields/1").has("after")).isFalse();
  }

  @Test
  void the_markdown_output_is_a_table_for_a_review() {
    control.on(PLAN, json(CHANGES));
    assertThat(shell.run("plan", "-f", "-", "-o", "markdown").out())
        .contains(
            "| Service/default/chat | changed | `spec.version` | `\"chat@1\"` | `\"chat@2\"` |\n")
        .contains("- default/chat: chat@1 -> chat@2, steps 0.5%, 5%, 25%, at least 6m\n");
  }
}
