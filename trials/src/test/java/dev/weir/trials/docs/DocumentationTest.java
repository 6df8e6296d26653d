// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.api.RouteTable;
import dev.weir.gateway.LocalPath;
import dev.weir.gateway.dialect.ApiPath;
import dev.weir.server.ServerReference;
import dev.weir.simulator.SimOptions;
import dev.weir.snapshot.metric.Metric;
import dev.weir.snapshot.metric.RetiredMetrics;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The documentation names only what exists, and its examples are valid.
class DocumentationTest {
  private static final Checkout CHECKOUT = Checkout.here();
  private static final int README_LINES = 150;

  private final LinkCheck links = new LinkCheck();
  private final ManifestCheck manifests = new ManifestCheck();
  private final CommandCheck commands =
      new CommandCheck(
          ServerReference.commandLine(),
          SimOptions.HELP + Reference.playerHelp(),
          CHECKOUT.text("weir"),
          CHECKOUT.text("dev"));
  private final ApiPathCheck paths = new ApiPathCheck(routes());
  private final NameCheck variables =
      new NameCheck("environment variable", Pattern.compile("WEIR_[A-Z_]*[A-Z]"), variables());
  private final NameCheck metrics =
      new NameCheck("metric", Pattern.compile("\\bweir_[a-z_]*[a-z]\\b(?!_?\\*)"), metrics());

  private final NameCheck examples =
      new NameCheck("file", Pattern.compile("examples/[\\w.-]+\\.yaml"), examples());

  private static Set<String> examples() {
    return CHECKOUT.files("examples", ".yaml").stream()
        .map(file -> "examples/" + file.getFileName())
        .collect(Collectors.toSet());
  }

  private static List<ApiPathCheck.Route> routes() {
    Stream<ApiPathCheck.Route> control =
        RouteTable.all().stream().map(row -> new ApiPathCheck.Route(row.method(), row.path()));
    Stream<ApiPathCheck.Route> engines =
        ApiPath.all().stream().map(path -> new ApiPathCheck.Route("POST", path.path()));
    Stream<ApiPathCheck.Route> local =
        Stream.of(LocalPath.values()).map(path -> new ApiPathCheck.Route("GET", path.path()));
    return Stream.of(control, engines, local).flatMap(all -> all).toList();
  }

  private static Set<String> variables() {
    return Stream.concat(
            ServerReference.settings().stream().map(ServerReference.SettingRow::variable),
            ServerReference.otherVariables().keySet().stream())
        .collect(Collectors.toSet());
  }

  private static Set<String> metrics() {
    return Arrays.stream(Metric.values())
        .flatMap(metric ->
            Stream.concat(Stream.of(metric.exposedName()), RetiredMetrics.nameOf(metric).stream()))
        .flatMap(
            name -> Stream.of("", "_bucket", "_count", "_sum", "_max").map(ending -> name + ending))
        .collect(Collectors.toSet());
  }

  private static MarkdownPage page(String text) {
    return MarkdownPage.of(CHECKOUT.root().resolve("docs/page.md"), text);
  }

  private static List<String> problems(DocumentCheck check, String text) {
    return check.problems(page(text)).toList();
  }

  private static void assertAll(DocumentCheck check) {
    assertThat(check.problems(CHECKOUT.pages())).isEmpty();
  }

  /// All but the generated pages, which also list retired names.
  private static List<MarkdownPage> writtenPages() {
    return CHECKOUT.pages().stream()
        .filter(page -> !page.file().startsWith(CHECKOUT.root().resolve("docs/reference")))
        .toList();
  }

  @Test
  void links_lead_to_files_and_headings() {
    assertAll(links);
  }

  @Test
  void a_link_to_nothing_is_found() {
    assertThat(problems(links, "# A `b` c?\n[x](concepts.md) [y](#a-b-c) [z](https://a.b/c)"))
        .isEmpty();
    assertThat(problems(links, "[x](missing.md)")).hasSize(1);
    assertThat(problems(links, "[x](concepts.md#missing)")).hasSize(1);
    assertThat(problems(links, "# A\n# A\n[x](#a-1) [y](#a-2)")).hasSize(1);
  }

  @Test
  void manifests_are_valid() {
    assertAll(manifests);
  }

  @Test
  void an_invalid_manifest_is_found() {
    assertThat(problems(manifests, "```yaml\nrelease: {strategy: shadow}\n```")).isEmpty();
    assertThat(problems(manifests, "```yaml\nrelease: {strategi: shadow}\n```")).hasSize(1);
    assertThat(problems(manifests, "```yaml\ntraffic: {timeouts: {connect: 0s}}\n```")).hasSize(1);
    assertThat(problems(manifests, "```yaml\nrelease: {strategy: [}\n```")).hasSize(1);
    assertThat(problems(manifests, "```json\n{\"a\": }\n```")).hasSize(1);
  }

  @Test
  void example_files_exist() {
    assertAll(examples);
    assertThat(problems(examples, "```\nweir apply -f examples/sim.yaml\n```")).isEmpty();
    assertThat(problems(examples, "```\nweir apply -f examples/missing.yaml\n```")).hasSize(1);
  }

  @Test
  void commands_exist() {
    assertAll(commands);
  }

  @Test
  void an_unknown_command_is_found() {
    assertThat(
            problems(
                commands,
                """
                ```
                KEY=$(./weir key create app --role inference)
                weir rollout undo chat --to chat@1   # a comment --no
                ./weir up > log 2>&1 &
                ./weir sim --port 8001 --warm-up 2
                ./dev trials crash --full
                ```
                `weir rollout VERB`
                """))
        .isEmpty();
    assertThat(problems(commands, "```\nweir rolout undo chat\n```")).hasSize(1);
    assertThat(problems(commands, "`weir rollout undoo chat`")).hasSize(1);
    assertThat(problems(commands, "```\n./weir apply -f a.yaml --wiat\n```")).hasSize(1);
    assertThat(problems(commands, "```\nweir whoami me\n```")).hasSize(1);
    assertThat(problems(commands, "```\n./weir sim --prot 1\n```")).hasSize(1);
    assertThat(problems(commands, "`./dev tests`")).hasSize(1);
    assertThat(problems(commands, "`./dev trials --quick`")).hasSize(1);
  }

  @Test
  void paths_of_the_apis_exist() {
    assertAll(paths);
  }

  @Test
  void an_unknown_path_is_found() {
    assertThat(problems(paths, "`GET /api/v1/audit?after=7` `PUT /api/v1/targets/{name}`"))
        .isEmpty();
    assertThat(problems(paths, "`POST /api/v1/audit`")).hasSize(1);
    assertThat(problems(paths, "`/api/v1/nothing`")).hasSize(1);
    assertThat(problems(paths, "```\ncurl -s http://127.0.0.1:8080/v1/chats\n```")).hasSize(1);
  }

  @Test
  void environment_variables_and_metrics_exist() {
    assertAll(variables);
    assertThat(metrics.problems(writtenPages())).isEmpty();
  }

  @Test
  void an_unknown_variable_or_metric_is_found() {
    assertThat(problems(variables, "`WEIR_DATA` and `WEIR_...`")).isEmpty();
    assertThat(problems(variables, "`WEIR_DATAS`")).hasSize(1);
    assertThat(problems(metrics, "`weir_requests_total`, `weir_replica_*`")).isEmpty();
    assertThat(problems(metrics, "```\nrate(weir_request_total[5m])\n```")).hasSize(1);
  }

  @Test
  void types_that_internals_name_exist() {
    ClassNameCheck classes = new ClassNameCheck(CHECKOUT.root(), CHECKOUT.javaFiles());
    assertThat(classes.problems(CHECKOUT.pages("docs/internals"))).isEmpty();
    assertThat(problems(classes, "`model/value/Kind`, `control/api/ApiRoutes`, `Failure.Kind`"))
        .isEmpty();
    assertThat(problems(classes, "`model/test/.../Resources`, `model/codec/ManifestsTest`"))
        .isEmpty();
    assertThat(problems(classes, "`control/rollout/NoSuchType`")).hasSize(1);
    assertThat(problems(classes, "`model/test/.../NoSuchTest`")).hasSize(1);
    assertThat(problems(classes, "`NoSuchType.call()`")).hasSize(1);
    assertThat(problems(classes, "`Failure.NoSuchType`")).hasSize(1);
  }

  @Test
  void the_readme_is_short() {
    assertThat(CHECKOUT.text("README.md").lines().count()).isLessThanOrEqualTo(README_LINES);
  }
}
