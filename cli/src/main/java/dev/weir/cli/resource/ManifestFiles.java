// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import dev.weir.cli.session.CliException;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ErrorMessages;
import dev.weir.model.Resource;
import dev.weir.model.codec.Json;
import dev.weir.model.codec.ManifestFormat;
import dev.weir.model.codec.Manifests;
import dev.weir.model.codec.ParsedManifests;
import dev.weir.model.value.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// Reads the arguments of `-f`: files, folders (their `.yaml`, `.yml` and `.json` files, sorted by
/// name) and `-` for standard input. Reports all problems of all files together.
final class ManifestFiles {
  /// Above the control plane's limit, and small enough for memory.
  private static final int MAX_BYTES = 32 * 1024 * 1024;

  /// The output of `weir get KIND -o json|yaml`.
  private static final Pattern JSON_LIST = Pattern.compile("\\A\\s*\\{(?=\\s*\"items\"\\s*:)");

  private static final Pattern YAML_LIST = Pattern.compile("\\Aitems:");

  private final InputStream in;
  private final String namespace;
  private final List<Resource> resources = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  private ManifestFiles(InputStream in, String namespace) {
    this.in = in;
    this.namespace = namespace;
  }

  /// @return one resource or more
  /// @throws CliException when a file is unreadable or a manifest is invalid
  static List<Resource> read(List<String> names, CommandSession session) {
    ManifestFiles files = new ManifestFiles(session.io().in(), session.namespace());
    names.forEach(files::add);
    if (!files.problems.isEmpty()) {
      throw CliException.error(ErrorMessages.listed("invalid manifests", files.problems));
    }
    if (files.resources.isEmpty()) {
      throw CliException.error("no resources in " + String.join(", ", names));
    }
    files.warnings.forEach(warning -> session.note("warning: " + warning));
    return files.resources;
  }

  /// One JSON document for the control plane in which every resource has its namespace.
  static String text(List<Resource> resources) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    resources.forEach(resource -> array.add(Manifests.toTree(resource)));
    return Json.write(array);
  }

  private void add(String name) {
    try {
      if (name.equals("-")) {
        parse("standard input", bytes(in, "standard input"));
        return;
      }
      Path path = Path.of(name);
      for (Path file : Files.isDirectory(path) ? manifestsIn(path) : List.of(path)) {
        try (InputStream stream = Files.newInputStream(file)) {
          parse(file.toString(), bytes(stream, file.toString()));
        }
      }
    } catch (NoSuchFileException missing) {
      throw CliException.error("cannot read " + missing.getFile() + ": there is no such file");
    } catch (IOException | InvalidPathException unreadable) {
      throw CliException.error("cannot read " + name + ": " + ErrorMessages.describe(unreadable));
    }
  }

  private static List<Path> manifestsIn(Path folder) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      List<Path> files =
          children.filter(Files::isRegularFile).filter(ManifestFiles::isManifest).sorted().toList();
      if (files.isEmpty()) {
        throw CliException.error("no .yaml, .yml or .json file in " + folder);
      }
      return files;
    }
  }

  private static boolean isManifest(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
  }

  private static byte[] bytes(InputStream stream, String name) throws IOException {
    byte[] bytes = stream.readNBytes(MAX_BYTES + 1);
    if (bytes.length > MAX_BYTES) {
      throw CliException.error(name + " is larger than " + MAX_BYTES + " bytes: split it");
    }
    return bytes;
  }

  private void parse(String name, byte[] bytes) {
    ParsedManifests parsed = Manifests.read(withListKind(bytes), ManifestFormat.AUTO, namespace);
    resources.addAll(parsed.resources());
    parsed.warnings().forEach(warning -> warnings.add(name + ": " + warning));
    for (Problem problem : parsed.problems()) {
      String path = problem.path().isEmpty() ? name : name + ": " + problem.path();
      problems.add(new Problem(path, problem.value(), problem.message()));
    }
  }

  /// Adds `kind: List` to a list without a kind.
  private static byte[] withListKind(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    Matcher json = JSON_LIST.matcher(text);
    if (json.find()) {
      return ("{\"kind\":\"List\"," + text.substring(json.end())).getBytes(StandardCharsets.UTF_8);
    }
    return YAML_LIST.matcher(text).find()
        ? ("kind: List\n" + text).getBytes(StandardCharsets.UTF_8)
        : bytes;
  }
}
