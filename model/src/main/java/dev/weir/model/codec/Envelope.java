// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import dev.weir.model.Resource;
import dev.weir.model.check.ResourceChecks;
import dev.weir.model.notation.FieldPath;
import dev.weir.model.tree.Node;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.Problem;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The top-level fields of every resource: apiVersion, kind, metadata, spec, status.
final class Envelope {
  private static final List<String> FIELDS =
      List.of("apiVersion", "kind", "metadata", "spec", "status");

  private final Decoder decoder;
  private final String defaultNamespace;

  /// @param defaultNamespace namespace of namespaced resources that do not specify one; empty if
  ///   they must
  Envelope(Decoder decoder, String defaultNamespace) {
    this.decoder = decoder;
    this.defaultNamespace = defaultNamespace;
  }

  Optional<Resource> read(Node node, String path) {
    if (!(node instanceof Node.Mapping mapping)) {
      decoder.problem(path, node.shown(), "must be a resource: apiVersion, kind, metadata, spec");
      return Optional.empty();
    }
    decoder.unknownFields(mapping, FIELDS, path);
    boolean version = apiVersion(field(mapping, "apiVersion"), FieldPath.child(path, "apiVersion"));
    Optional<Kind> kind = kind(field(mapping, "kind"), FieldPath.child(path, "kind"));
    Optional<Resource> resource = kind.flatMap(named -> parts(named, mapping, path));
    return version ? resource : Optional.empty();
  }

  private static Node field(Node.Mapping mapping, String name) {
    return mapping.fields().getOrDefault(name, new Node.Nothing());
  }

  private boolean apiVersion(Node node, String path) {
    if (node instanceof Node.Text text && text.value().equals(Kind.API_VERSION)) {
      return true;
    }
    String prefix = node instanceof Node.Nothing ? "is required: " : "must be ";
    decoder.problem(path, node.shown(), prefix + Kind.API_VERSION);
    return false;
  }

  private Optional<Kind> kind(Node node, String path) {
    List<String> known = Arrays.stream(Kind.values()).map(Kind::text).toList();
    if (node instanceof Node.Text text) {
      for (Kind kind : Kind.values()) {
        if (kind.text().equals(text.value())) {
          return Optional.of(kind);
        }
      }
      String hint = Suggestions.hint(text.value(), known);
      decoder.problem(path, node.shown(), "must be one of " + String.join(", ", known) + hint);
    } else {
      String prefix = node instanceof Node.Nothing ? "is required: one of " : "must be one of ";
      decoder.problem(path, node.shown(), prefix + String.join(", ", known));
    }
    return Optional.empty();
  }

  private Optional<Resource> parts(Kind kind, Node.Mapping mapping, String path) {
    Map<String, Object> implied = new LinkedHashMap<>();
    if (!kind.namespaced()) {
      implied.put("namespace", "");
    } else if (!defaultNamespace.isEmpty()) {
      implied.put("namespace", defaultNamespace);
    }
    Optional<Object> metadata = part(kind, "metadata", mapping, path, implied);
    if (decoder.checks()) {
      metadata.ifPresent(read -> ResourceChecks.namespace(kind, (Metadata) read, below(path)));
    }
    Optional<Object> spec = part(kind, "spec", mapping, path, Map.of());
    Optional<Object> status = part(kind, "status", mapping, path, Map.of());
    if (metadata.isEmpty() || spec.isEmpty() || status.isEmpty()) {
      return Optional.empty();
    }
    Resource resource = Kinds.make(kind, metadata.get(), spec.get(), status.get());
    if (decoder.checks()) {
      ResourceChecks.together(resource, below(path));
    }
    return Optional.of(resource);
  }

  /// Accepts problems with paths relative to the resource's root.
  private Consumer<Problem> below(String path) {
    return found ->
        decoder.problem(
            path.isEmpty() ? found.path() : path + "." + found.path(),
            found.value(),
            found.message());
  }

  /// Reads an absent object as an empty one, so that problems name its required fields. An absent
  /// status gets its defaults.
  private Optional<Object> part(
      Kind kind, String name, Node.Mapping mapping, String path, Map<String, Object> implied) {
    Node given = field(mapping, name);
    Node node = given instanceof Node.Nothing ? Node.mapping(Map.of()) : given;
    Shape.RecordOf shape = (Shape.RecordOf) Kinds.part(kind, name).shape();
    return decoder.record(shape, node, FieldPath.child(path, name), implied).map(read -> read);
  }
}
