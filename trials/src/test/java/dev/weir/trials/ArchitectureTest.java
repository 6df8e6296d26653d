// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.runtime.Provider;
import dev.weir.store.AnalysisStates;
import dev.weir.store.Observations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The house rules of `docs/internals/ARCHITECTURE.md` that Maven alone can't check.
final class ArchitectureTest {
  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(
              location -> !location.contains("/testkit/") && !location.contains("weir-testkit"))
          .importPackages("dev.weir");

  private static final int MAX_FILES = 30;

  /// Module to the modules it may use; the table of the architecture page.
  private static final Map<String, Set<String>> MAY_USE =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("model", Set.of()),
              Map.entry("snapshot", Set.of()),
              Map.entry("analysis", Set.of()),
              Map.entry("simulator", Set.of()),
              Map.entry("store", Set.of("model")),
              Map.entry("runtime", Set.of("model")),
              Map.entry("client", Set.of("model")),
              Map.entry("gateway", Set.of("snapshot")),
              Map.entry("cli", Set.of("client", "model")),
              Map.entry("rehearsal", Set.of("client", "model", "simulator")),
              Map.entry("control", Set.of("model", "snapshot", "store", "runtime", "analysis"))));

  @Test
  void the_whole_house_is_read() {
    assertThat(HOUSE.size()).isGreaterThan(300);
  }

  @Test
  void modules_use_only_what_their_charter_allows() {
    MAY_USE.forEach((module, allowed) -> {
      DescribedPredicate<JavaClass> others =
          resideInAPackage("dev.weir..").and(not(resideInAPackage(tree(module))));
      for (String other : allowed) {
        others = others.and(not(resideInAPackage(tree(other))));
      }
      noClasses()
          .that()
          .resideInAPackage(tree(module))
          .should()
          .dependOnClassesThat(others)
          .because("module " + module + " may use " + allowed)
          .check(HOUSE);
    });
  }

  @Test
  void packages_have_no_cycles() {
    slices().matching("dev.weir.(**)").should().beFreeOfCycles().check(HOUSE);
  }

  @Test
  void packages_are_small() throws IOException {
    Path root = Path.of(System.getProperty("maven.multiModuleProjectDirectory", ".."));
    assertThat(packagesAbove(MAX_FILES, root)).isEmpty();
    assertThat(packagesAbove(20, root)).isNotEmpty();
  }

  /// Packages with more source files than this, of main and of test code.
  private static List<String> packagesAbove(int files, Path root) throws IOException {
    Map<Path, Integer> counts = new TreeMap<>();
    for (Path folder : sourceFolders(root)) {
      try (Stream<Path> found = Files.walk(folder)) {
        found
            .filter(file -> file.toString().endsWith(".java"))
            .forEach(file -> counts.merge(file.getParent(), 1, Integer::sum));
      }
    }
    return counts.entrySet().stream()
        .filter(each -> each.getValue() > files)
        .map(each -> root.relativize(each.getKey()) + ": " + each.getValue())
        .toList();
  }

  private static List<Path> sourceFolders(Path root) throws IOException {
    try (Stream<Path> modules = Files.list(root)) {
      return modules
          .flatMap(
              module -> Stream.of(module.resolve("src/main/java"), module.resolve("src/test/java")))
          .filter(Files::isDirectory)
          .toList();
    }
  }

  @Test
  void stages_of_a_request_do_not_know_each_other() {
    slices()
        .matching("dev.weir.gateway.(*)..")
        .should()
        .notDependOnEachOther()
        .ignoreDependency(
            resideInAPackage("dev.weir.gateway.."), resideInAPackage("dev.weir.gateway.exchange.."))
        .check(HOUSE);
  }

  @Test
  void control_knows_providers_by_their_port_only() {
    noClasses()
        .that()
        .resideInAPackage("dev.weir.control..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.weir.runtime..").and(not(resideInAPackage("dev.weir.runtime"))))
        .check(HOUSE);
  }

  @Test
  void control_knows_the_store_by_its_port_only() {
    noClasses()
        .that()
        .resideInAPackage("dev.weir.control..")
        .should()
        .dependOnClassesThat(resideInAPackage("dev.weir.store.sqlite.."))
        .check(HOUSE);
  }

  /// Each of these doors passes crash points around what goes through it; a reconciler with a door
  /// of its own would change things at places where nobody ever tried to die.
  @Test
  void control_changes_things_only_where_crash_points_are() {
    onlyThrough(
        ChangeExecutor.class,
        "execute",
        "dev.weir.control.change.ChangeCommitter",
        "dev.weir.control.rollout.TransitionWriter",
        "dev.weir.control.rollout.FirstVersions",
        // a user's write is one commit; the client repeats it when it gets no response
        "dev.weir.control.pipeline.ChangePipeline",
        "dev.weir.control.access.Bootstrap");
    for (String write : List.of("advance", "delete")) {
      onlyThrough(AnalysisStates.class, write, "dev.weir.control.rollout.AnalysisRunner");
    }
    for (String write : List.of("put", "putAll", "putIfAbsent", "delete")) {
      onlyThrough(
          Observations.class,
          write,
          "dev.weir.control.observation.ObservationStore",
          "dev.weir.control.api.IdempotencyKeys");
    }
    for (String act : List.of("ensure", "stop", "restart")) {
      onlyThrough(
          Provider.class,
          act,
          "dev.weir.control.deployment.Deployer",
          // the orderly end: nothing is decided any more
          "dev.weir.control.deployment.GracefulShutdown");
    }
  }

  private static void onlyThrough(Class<?> port, String method, String... doors) {
    noClasses()
        .that()
        .resideInAPackage("dev.weir.control..")
        .and(not(belongToAnyOf(doors)))
        .should()
        .callMethodWhere(target(owner(assignableTo(port))).and(target(name(method))))
        .check(HOUSE);
  }

  private static DescribedPredicate<JavaClass> belongToAnyOf(String... names) {
    Set<String> doors = Set.of(names);
    return DescribedPredicate.describe(
        "doors", type -> doors.contains(type.getName().replaceAll("\\$.*", "")));
  }

  @Test
  void only_the_request_path_and_the_simulator_speak_netty() {
    noClasses()
        .that(
            not(
                resideInAnyPackage(
                    "dev.weir.gateway..", "dev.weir.simulator..", "dev.weir.server..")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.netty..")
        .check(HOUSE);
  }

  @Test
  void nobody_sleeps() {
    noClasses().should().callMethod(Thread.class, "sleep", long.class).check(HOUSE);
    noClasses().should().callMethod(Thread.class, "sleep", java.time.Duration.class).check(HOUSE);
  }

  @Test
  void time_and_chance_come_in_through_constructors() {
    noClasses()
        .that(
            not(resideInAnyPackage("dev.weir.server..", "dev.weir.rehearsal..", "dev.weir.cli..")))
        .should()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .callMethod(Math.class, "random")
        .check(HOUSE);
  }

  /// Nothing else makes a meter, so that each is one of those that are declared.
  @Test
  void meters_are_registered_as_they_are_declared() {
    noClasses()
        .that(
            not(
                belongToAnyOf(
                    "dev.weir.gateway.telemetry.GatewayMeters",
                    "dev.weir.control.meter.ControlMeters",
                    "dev.weir.control.meter.GaugeTable")))
        .should()
        .callMethodWhere(
            target(name("builder"))
                .and(target(owner(resideInAPackage("io.micrometer.core.instrument")))))
        .check(HOUSE);
  }

  @Test
  void the_gateway_touches_no_database() {
    noClasses()
        .that()
        .resideInAPackage("dev.weir.gateway..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.sql..", "javax.sql..", "org.jdbi..")
        .check(HOUSE);
  }

  @Test
  void packages_are_named_after_steps_and_nouns() {
    classes()
        .should()
        .resideOutsideOfPackages("..util..", "..utils..", "..manager..", "..impl..", "..dto..")
        .check(HOUSE);
  }

  private static String tree(String module) {
    return "dev.weir." + module + "..";
  }
}
