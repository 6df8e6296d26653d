// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.codec.Json;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.SnapshotCheck;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.WireFormatException;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Compares the snapshots of all cases with stored ones. A case is a folder in `golden/`:
///
/// - `manifests.yaml`: the stored resources, with status where the case needs one.
/// - `observed.yaml`: the replicas and host names; see [GoldenCase.Observed]. Optional.
/// - `snapshot.json`: the expected snapshot. `./dev golden` writes it.
class GoldenSnapshotsTest {
  /// Rewrites the stored snapshots: `./dev golden`.
  private static final String WRITE = "weir.golden.write";

  private static final Path GOLDEN =
      Path.of("src/test/resources/dev/weir/control/publication/golden");

  private static final Set<String> DEFAULTS = Set.of("", "0", "false");

  static List<String> cases() throws IOException {
    try (Stream<Path> folders = Files.list(GOLDEN)) {
      return folders.map(folder -> folder.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void each_case_compiles_to_its_stored_snapshot(String name)
      throws IOException, WireFormatException {
    Path stored = GOLDEN.resolve(name).resolve("snapshot.json");
    RoutingSnapshot compiled = compiled(name);
    String text = Json.pretty(tree(compiled)) + "\n";
    if (Boolean.getBoolean(WRITE)) {
      Files.writeString(stored, text);
    }
    assertThat(stored).as("run ./dev golden, then review the new file").exists();
    assertThat(text)
        .as("if the change is intended, run ./dev golden and review the diff of %s", stored)
        .isEqualTo(Files.readString(stored));
    assertThat(SnapshotCodec.decode(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(compiled);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gateways_accept_each_snapshot_once_it_has_a_number(String name) throws IOException {
    assertThat(SnapshotCheck.problems(compiled(name)))
        .singleElement()
        .asString()
        .startsWith("sequence");
  }

  /// The cases have Services of the same names with different resources, replicas and host names,
  /// so an input that the cache does not know would give the entry of another case.
  @Test
  void entries_from_the_cache_equal_compiled_ones_whatever_changed_in_between() throws IOException {
    ServiceEntryCache cache = new ServiceEntryCache();
    List<String> cases = cases();
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 20 * cases.size(); i++) {
      String name = cases.get(random.nextInt(cases.size()));
      SnapshotInputs inputs = GoldenCase.read(GOLDEN.resolve(name)).inputs();
      assertThat(SnapshotCompiler.compile(inputs, cache))
          .as(name)
          .isEqualTo(SnapshotCompiler.compile(inputs));
    }
  }

  @Test
  void every_field_of_a_snapshot_has_a_value_in_a_case() throws IOException {
    Set<String> shown = new TreeSet<>();
    for (String name : cases()) {
      collect("", tree(compiled(name)), shown);
    }
    Set<String> fields = new TreeSet<>();
    declared("", RoutingSnapshot.class, fields);
    fields.remove(".sequence"); // the publisher sets it
    assertThat(shown).as("add a case to %s for each missing field", GOLDEN).containsAll(fields);
  }

  private static RoutingSnapshot compiled(String name) throws IOException {
    return SnapshotCompiler.compile(GoldenCase.read(GOLDEN.resolve(name)).inputs());
  }

  private static JsonNode tree(RoutingSnapshot snapshot) {
    return JsonMapper.shared().readTree(SnapshotCodec.encode(snapshot));
  }

  /// The paths of fields whose value is not empty, zero or false.
  private static void collect(String path, JsonNode node, Set<String> shown) {
    if (present(node)) {
      boolean _ = shown.add(path);
    }
    if (node.isArray()) {
      node.forEach(item -> collect(path, item, shown));
    }
    node.properties()
        .forEach(field -> collect(path + "." + field.getKey(), field.getValue(), shown));
  }

  private static boolean present(JsonNode node) {
    return node.isContainer() ? !node.isEmpty() : !DEFAULTS.contains(node.asString());
  }

  private static void declared(String path, Type type, Set<String> fields) {
    if (type instanceof ParameterizedType generic && generic.getRawType() != Map.class) {
      declared(path, generic.getActualTypeArguments()[0], fields);
    } else if (type instanceof Class<?> record && record.isRecord()) {
      for (RecordComponent component : record.getRecordComponents()) {
        declared(path + "." + component.getName(), component.getGenericType(), fields);
      }
    } else {
      boolean _ = fields.add(path);
    }
  }
}
