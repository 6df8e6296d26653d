// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.engine;

import dev.weir.model.tree.Document;
import dev.weir.model.tree.Node;
import dev.weir.model.tree.YamlReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/// The file with the profiles of the built-in engines, and their names.
public final class BuiltInEngines {
  private static final String FILE = "engines.yaml";
  private static final Node TREE = read();
  private static final Set<String> NAMES = names(TREE);

  private BuiltInEngines() {}

  /// The content of the file; `EngineProfiles` of the codec decodes it.
  public static Node tree() {
    return TREE;
  }

  /// In alphabetical order.
  public static Set<String> names() {
    return NAMES;
  }

  private static Node read() {
    try (InputStream in = BuiltInEngines.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new IllegalStateException(FILE + " is not in the jar");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      Document document = YamlReader.read(text).getFirst();
      if (!document.problems().isEmpty()) {
        throw new IllegalStateException(FILE + ": " + document.problems());
      }
      return document.root();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> names(Node tree) {
    if (tree instanceof Node.Mapping file
        && file.fields().get("engines") instanceof Node.Mapping engines) {
      return Collections.unmodifiableSet(new TreeSet<>(engines.fields().keySet()));
    }
    throw new IllegalStateException(FILE + " has no object `engines`");
  }
}
