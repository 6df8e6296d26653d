// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import dev.weir.model.Resource;
import dev.weir.model.notation.FieldPath;
import dev.weir.model.tree.Document;
import dev.weir.model.tree.JsonReader;
import dev.weir.model.tree.Node;
import dev.weir.model.tree.ParseLimits;
import dev.weir.model.tree.YamlReader;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.Problem;
import dev.weir.model.value.ResourceRef;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/// Resources as text: YAML with one or more documents, JSON, a JSON array, or an object of kind
/// `List` with `items`.
///
/// Reading is strict and finds all problems at once. A manifest may contain `status`,
/// `metadata.revision` and similar fields, so that output of `weir get -o yaml` can be applied
/// again. They must be well formed, but applying ignores them.
///
/// Reading a written resource returns an equal resource.
public final class Manifests {
  /// Problems beyond this many are counted, not listed.
  public static final int MAX_PROBLEMS = 200;

  /// What a message repeats of a kind or name.
  private static final String SHOWN = "[A-Za-z0-9.-]{1,100}";

  private Manifests() {}

  /// Reads YAML or JSON; resources without a namespace get `default`.
  public static ParsedManifests read(String text) {
    return read(text, ManifestFormat.AUTO, Metadata.DEFAULT_NAMESPACE);
  }

  /// Reads UTF-8 bytes as `read(String, ManifestFormat, String)` does.
  public static ParsedManifests read(byte[] bytes, ManifestFormat format, String defaultNamespace) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return read(text, format, defaultNamespace);
    } catch (CharacterCodingException notText) {
      return new ParsedManifests(List.of(), List.of(new Problem("", "", "the text must be UTF-8")));
    }
  }

  /// @param defaultNamespace namespace of namespaced resources that do not specify one
  public static ParsedManifests read(String text, ManifestFormat format, String defaultNamespace) {
    List<Document> documents = documents(withoutMark(text), format);
    Reading reading = new Reading(defaultNamespace);
    boolean several = documents.stream().filter(Manifests::holdsSomething).count() > 1;
    for (Document document : documents) {
      if (holdsSomething(document)) {
        reading.document(document, several ? label(document) : "");
      }
    }
    return reading.parsed();
  }

  /// Names a document of several: `document 2 (Service chat)`.
  private static String label(Document document) {
    String number = "document " + document.number();
    return text(document.root(), "kind")
        .map(kind -> kind + name(document.root()).map(name -> " " + name).orElse(""))
        .map(resource -> number + " (" + resource + ")")
        .orElse(number);
  }

  private static Optional<String> name(Node root) {
    return root instanceof Node.Mapping object
        ? text(object.fields().getOrDefault("metadata", new Node.Nothing()), "name")
        : Optional.empty();
  }

  private static Optional<String> text(Node node, String field) {
    return node instanceof Node.Mapping object
            && object.fields().get(field) instanceof Node.Text text
            && text.value().matches(SHOWN)
        ? Optional.of(text.value())
        : Optional.empty();
  }

  private static String withoutMark(String text) {
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  private static boolean holdsSomething(Document document) {
    return !(document.root() instanceof Node.Nothing) || !document.problems().isEmpty();
  }

  private static List<Document> documents(String text, ManifestFormat format) {
    return switch (format) {
      case YAML -> YamlReader.read(text);
      case JSON -> List.of(JsonReader.read(text));
      case AUTO -> looksLikeJson(text) ? jsonOrFlow(text) : YamlReader.read(text);
    };
  }

  private static boolean looksLikeJson(String text) {
    String start = text.stripLeading();
    return start.startsWith("{") || start.startsWith("[");
  }

  /// A leading brace can be JSON or YAML flow style. If the text is neither, the problems are those
  /// of JSON.
  private static List<Document> jsonOrFlow(String text) {
    Document json = JsonReader.read(text);
    if (!(json.root() instanceof Node.Nothing)) {
      return List.of(json);
    }
    List<Document> yaml = YamlReader.read(text);
    return yaml.stream().allMatch(read -> read.problems().isEmpty()) ? yaml : List.of(json);
  }

  /// Reads one resource that Weir itself wrote. It skips the rules of `check`, so that stored
  /// resources stay readable when rules change.
  ///
  /// @throws IllegalArgumentException naming all problems
  public static Resource fromJson(String json) {
    Document document = JsonReader.read(json);
    if (!document.problems().isEmpty()) {
      throw new IllegalArgumentException("not a stored resource: " + document.problems());
    }
    return (Resource)
        Decoder.trusted(new Shape.AnyResource(), document.root(), "not a stored resource");
  }

  /// The resource with the status of a new one: every field of the status has its default.
  public static Resource withDefaultStatus(Resource resource) {
    Kind kind = resource.kind();
    Object status = Kinds.part(kind, "status").fallback().orElseThrow();
    return Kinds.make(kind, resource.metadata(), resource.spec(), status);
  }

  /// The resource as a JSON tree, fields in canonical order.
  public static ObjectNode toTree(Resource resource) {
    return Encoder.resource(resource);
  }

  /// Compact JSON; equal resources give equal text.
  public static String toJson(Resource resource) {
    return JsonText.compact(toTree(resource));
  }

  /// Indented JSON.
  public static String toPrettyJson(Resource resource) {
    return JsonText.pretty(toTree(resource));
  }

  /// One YAML document.
  public static String toYaml(Resource resource) {
    return YamlText.print(toTree(resource));
  }

  /// YAML of one document per resource.
  public static String toYaml(List<? extends Resource> resources) {
    return String.join("---\n", resources.stream().map(Manifests::toYaml).toList());
  }

  /// Reads documents in order and records their resources.
  private static final class Reading {
    private final String defaultNamespace;
    private final List<Resource> resources = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private final Map<ResourceRef, String> named = new HashMap<>();
    private final List<String> warnings = new ArrayList<>();
    private int unlisted;

    Reading(String defaultNamespace) {
      this.defaultNamespace = defaultNamespace;
    }

    void document(Document document, String prefix) {
      Consumer<Problem> sink = problem -> add(prefixed(prefix, problem));
      document.problems().forEach(sink);
      Envelope envelope =
          new Envelope(
              new Decoder(Decoder.Strictness.MANIFEST, sink, text -> warn(prefix, text)),
              defaultNamespace);
      switch (document.root()) {
        case Node.Nothing _ -> {}
        case Node.Sequence list -> items(envelope, list, "", prefix);
        case Node.Mapping object when isList(object) -> list(envelope, object, prefix, sink);
        case Node.Mapping _, Node.Text _, Node.Numeral _, Node.Bool _ ->
            resource(envelope, document.root(), "", prefix);
      }
    }

    private static boolean isList(Node.Mapping object) {
      return object.fields().get("kind") instanceof Node.Text kind && kind.value().equals("List");
    }

    private void list(
        Envelope envelope, Node.Mapping object, String prefix, Consumer<Problem> sink) {
      Node items = object.fields().getOrDefault("items", new Node.Nothing());
      if (items instanceof Node.Sequence sequence) {
        items(envelope, sequence, "items", prefix);
      } else {
        sink.accept(new Problem("items", items.shown(), "must be a list of resources"));
      }
    }

    private void items(Envelope envelope, Node.Sequence list, String path, String prefix) {
      if (list.items().size() > ParseLimits.MAX_DOCUMENTS) {
        add(
            new Problem(
                path,
                list.shown(),
                "at most " + ParseLimits.MAX_DOCUMENTS + " resources are read at once: split it"));
        return;
      }
      for (int i = 0; i < list.items().size(); i++) {
        resource(envelope, list.items().get(i), FieldPath.item(path, i), prefix);
      }
    }

    private void resource(Envelope envelope, Node node, String path, String prefix) {
      envelope.read(node, path).ifPresent(resource -> keep(resource, path, prefix));
    }

    private void keep(Resource resource, String path, String prefix) {
      resources.add(resource);
      // A missing or wrong namespace is already reported, and no reference can be built from it.
      if (resource.kind().namespaced() == resource.metadata().namespace().isEmpty()) {
        return;
      }
      String place = path.isEmpty() ? prefix : path;
      String before = named.putIfAbsent(resource.ref(), place);
      if (before != null) {
        Problem twice =
            new Problem(
                FieldPath.child(FieldPath.child(path, "metadata"), "name"),
                resource.metadata().name(),
                resource.ref() + " is already defined in " + before + ": keep one of them");
        add(prefixed(prefix, twice));
      }
    }

    private static Problem prefixed(String prefix, Problem problem) {
      if (prefix.isEmpty()) {
        return problem;
      }
      String path = problem.path().isEmpty() ? prefix : prefix + ": " + problem.path();
      return new Problem(path, problem.value(), problem.message());
    }

    private void warn(String prefix, String text) {
      warnings.add(prefix.isEmpty() ? text : prefix + ": " + text);
    }

    private void add(Problem problem) {
      if (problems.size() < MAX_PROBLEMS) {
        problems.add(problem);
      } else {
        unlisted++;
      }
    }

    ParsedManifests parsed() {
      if (unlisted > 0) {
        problems.set(
            MAX_PROBLEMS - 1, new Problem("", "", "and " + (unlisted + 1) + " more problems"));
      }
      return new ParsedManifests(resources, problems, warnings);
    }
  }
}
